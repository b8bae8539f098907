/**
 * Commands at their times → what is to be done to an engine at which time. All is compiled before the first packet is
 * read: a mistake in the last line costs no time.
 */

import type { Cluster } from "../cluster/types.ts";
import type { Connection } from "../engine/connections.ts";
import type { NodeProgram } from "../library/setup.ts";
import type { Manifests, Problem } from "../manifest/types.ts";
import type { NodeNetwork } from "../network/types.ts";
import { isStale, udpDestinations } from "../proxy/conntrack-cleanup.ts";
import type { Ruleset } from "../ruleset/types.ts";
import { isMeant } from "./connection-filter.ts";
import { changedManifests } from "./manifests.ts";
import { changedRoutes } from "./route-command.ts";
import type { Change, Timed } from "./types.ts";

/** Everything that a node's program is made of. */
export interface World {
  readonly manifests: Manifests;
  readonly network: NodeNetwork;
  readonly cluster: Cluster;
  readonly ruleset: Ruleset;
}

/** How a world's parts follow from one another: whoever read the first world knows. */
export interface Rules {
  /** The cluster of other manifests, and the rules for it. Undefined: the rules do not come from manifests. */
  readonly regenerate?: (manifests: Manifests, network: NodeNetwork) => Pick<World, "cluster" | "ruleset">;
  /** The image need not outlive the next call. */
  readonly compile: (world: World) => NodeProgram;
  /** Steps tell the state that they lead to; then programs must outlive the next call. */
  readonly keepsStates?: boolean;
}

/** What a node is from a step on. */
export interface NodeState {
  readonly world: World;
  readonly program: NodeProgram;
}

/** What happens at a time. */
export interface Step {
  readonly time: bigint;
  /** The program from then on. */
  readonly image?: Uint8Array;
  readonly sysctls?: Readonly<Record<string, string>>;
  /** The connections that end then. */
  readonly ends?: (connection: Connection) => boolean;
  readonly state?: NodeState;
}

export interface Plan {
  readonly steps: readonly Step[];
  readonly problems: readonly Problem[];
}

/** Follows the changes from one world to the next. */
export function planSteps(first: World, changes: readonly Timed<Change>[], rules: Rules): Plan {
  const steps: Step[] = [];
  const problems: Problem[] = [];
  let world = first;
  for (const { time, place, change } of changes) {
    const next = changed(world, change, rules);
    if (typeof next === "string") {
      problems.push({ severity: "error", place, message: next });
      continue;
    }
    const step = stepTo(next, world, time, change, rules);
    problems.push(...step.problems.map((problem) => ({ ...problem, place })));
    steps.push(step.step);
    world = next;
  }
  return { steps, problems };
}

/** The world after a change; a text says why it cannot be. */
function changed(world: World, change: Change, { regenerate }: Rules): World | string {
  const { network } = world;
  if (change.kind === "endConnections") return world;
  if (change.kind === "route") {
    return withNetwork(world, { routes: changedRoutes(network.routes, change.verb, change.route) });
  }
  if (change.kind === "sysctl")
    return withNetwork(world, { sysctls: { ...network.sysctls, [change.name]: change.value } });
  if (change.kind === "mtu") return withMtu(world, change.interface, change.mtu);
  if (change.kind === "snapshot") return withSnapshot(world, change.network, change.ruleset);
  if (regenerate === undefined) return "the rules that run do not come from manifests: changed ones change nothing";
  const manifests = changedManifests(world.manifests, change.verb, change.manifests);
  return { ...world, manifests, ...regenerate(manifests, network) };
}

function withNetwork(world: World, part: Partial<NodeNetwork>): World {
  return { ...world, network: { ...world.network, ...part } };
}

function withMtu(world: World, name: string, mtu: number): World | string {
  const { interfaces } = world.network;
  if (!interfaces.some((device) => device.name === name)) return `the node has no interface ${name}`;
  return withNetwork(world, { interfaces: interfaces.map((each) => (each.name === name ? { ...each, mtu } : each)) });
}

/** Packets that have been read know their interfaces by number. */
function withSnapshot(world: World, network: NodeNetwork, ruleset = world.ruleset): World | string {
  const namesOf = ({ interfaces }: NodeNetwork) => interfaces.map(({ name }) => name).join(" ");
  if (namesOf(network) !== namesOf(world.network)) {
    return `the node had the interfaces ${namesOf(world.network)}, and here it has ${namesOf(network)}: they cannot change`;
  }
  return { ...world, network, ruleset };
}

function stepTo(next: World, world: World, time: bigint, change: Change, { compile, keepsStates }: Rules) {
  if (change.kind === "endConnections") {
    const ends = (connection: Connection) => isMeant(connection, change.filter);
    return { step: { time, ends }, problems: [] };
  }
  const program = compile(next);
  const { image, problems } = program;
  const step: Step = {
    time,
    image: image.slice(),
    ...(keepsStates ? { state: { world: next, program } } : {}),
    ...(next.network.sysctls === world.network.sysctls ? {} : { sysctls: next.network.sysctls }),
    ...(change.kind === "manifests" ? { ends: staleUdp(next.cluster) } : {}),
  };
  return { step, problems };
}

function staleUdp(cluster: Cluster): (connection: Connection) => boolean {
  const destinations = udpDestinations(cluster);
  return (connection) => isStale(connection, destinations);
}

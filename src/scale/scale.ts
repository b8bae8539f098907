/** Rule scaling: the same cluster with more and more Services, in each of kube-proxy's modes, as written and optimised. */

import type { Cluster } from "../cluster/types.ts";
import { Engine } from "../engine/instance.ts";
import type { EngineSource } from "../engine/load.ts";
import { ProgramHistory, prepareProgram } from "../library/setup.ts";
import { deriveNetwork } from "../network/derive.ts";
import { generateRules } from "../proxy/generate.ts";
import { proxyNode } from "../proxy/node.ts";
import type { ProxyConfiguration } from "../proxy/types.ts";
import { benchmarkCluster, CONFIGURATION, NODE } from "./cluster.ts";
import { type Cost, type MeasureOptions, measureEstablished, measureFirstPackets } from "./measure.ts";

/** kube-proxy's modes, their chains walked as they are written; and a mode whose long chains are indexed. */
export const SCALE_MODES = ["direct", "nftables", "iptables", "iptables-optimised"] as const;
export type ScaleMode = (typeof SCALE_MODES)[number];

export const SCALE_FORMS: Readonly<
  Record<ScaleMode, { readonly mode: ProxyConfiguration["mode"]; readonly optimise: boolean }>
> = {
  direct: { mode: "direct", optimise: false },
  nftables: { mode: "nftables", optimise: false },
  iptables: { mode: "iptables", optimise: false },
  "iptables-optimised": { mode: "iptables", optimise: true },
};

export interface ScaleOptions {
  readonly engine: EngineSource;
  readonly modes: readonly ScaleMode[];
  readonly services: readonly number[];
  /** Of each Service. */
  readonly endpoints: number;
}

/** Best and median of several figures. */
export interface Spread {
  readonly best: number;
  readonly median: number;
}

export interface PacketCost {
  readonly nanoseconds: Spread;
  /** Instructions of rules that a packet meets, on average: the same in every run. */
  readonly instructions: number;
}

export interface ScaleRow {
  readonly mode: ScaleMode;
  readonly services: number;
  readonly endpoints: number;
  readonly rules: number;
  readonly programBytes: number;
  /** Milliseconds: from the cluster to rules, and from rules to the program. */
  readonly generate: number;
  readonly compile: number;
  /** Milliseconds until the node runs new rules after an EndpointSlice has changed. */
  readonly update: Spread;
  readonly firstPacket: PacketCost;
  readonly established: PacketCost;
}

/** Connections that each round opens, and the rules of iptables' kind that all its packets together may walk. */
const CONNECTIONS = 8192;
const CONNECTIONS_MIN = 128;
const WALKS = 1 << 25;
const ROUNDS = 5;
const UPDATES = 3;

/** Rows come as they are measured: mode by mode, from few Services to many. */
export async function* measureScaling(options: ScaleOptions): AsyncGenerator<ScaleRow> {
  for (const mode of options.modes) {
    for (const services of options.services) yield await measureRow(options, mode, services);
  }
}

async function measureRow({ engine, endpoints }: ScaleOptions, mode: ScaleMode, services: number): Promise<ScaleRow> {
  const cluster = benchmarkCluster(services, endpoints);
  const history = new ProgramHistory(SCALE_FORMS[mode]);
  const first = build(cluster, mode, history);
  const { rules } = first;
  const running = await Engine.create(engine, { connectionsMax: 1024 });
  running.loadProgram(first.image, first.version);
  running.prepareUpdate(first.image, first.version);
  // What a history builds holds until it builds the next.
  const image = first.image.slice();
  const update = measureUpdates(running, cluster, mode, history);
  const measured: MeasureOptions = {
    engine,
    image,
    services,
    connections: connectionsFor(mode, services),
    rounds: ROUNDS,
  };
  return {
    mode,
    services,
    endpoints,
    rules,
    programBytes: image.length,
    generate: first.generate,
    compile: first.compile,
    update,
    firstPacket: packetCost(await measureFirstPackets(measured)),
    established: packetCost(await measureEstablished(measured)),
  };
}

/** What a node does with a state of its cluster; `history`: of the states before. */
function build(cluster: Cluster, scaleMode: ScaleMode, history: ProgramHistory) {
  const { mode } = SCALE_FORMS[scaleMode];
  const start = performance.now();
  const ruleset = generateRules(cluster, proxyNode(cluster, NODE)!, { ...CONFIGURATION, mode }, history.rules);
  const generated = performance.now();
  const { image, version } = prepareProgram(cluster, ruleset, deriveNetwork(cluster, NODE), history);
  const compiled = performance.now();
  return {
    rules: ruleset.tables.flatMap(({ chains }) => chains).reduce((sum, chain) => sum + chain.rules.length, 0),
    image,
    version,
    generate: generated - start,
    compile: compiled - generated,
  };
}

/** A chain that is walked rule by rule takes long where it is long: fewer packets tell as much. */
function connectionsFor(mode: ScaleMode, services: number): number {
  if (mode !== "iptables") return CONNECTIONS;
  return Math.max(CONNECTIONS_MIN, Math.min(CONNECTIONS, Math.floor(WALKS / services)));
}

/** A Service in the middle loses an endpoint, again and again another one: until the engine runs the new rules. */
function measureUpdates(engine: Engine, cluster: Cluster, mode: ScaleMode, history: ProgramHistory): Spread {
  const milliseconds: number[] = [];
  let { endpointSlices } = cluster;
  for (let n = 0; n < UPDATES; n++) {
    const changed = (endpointSlices.length >>> 1) + (n % Math.ceil(endpointSlices.length / 2));
    const slice = endpointSlices[changed]!;
    endpointSlices = endpointSlices.with(changed, { ...slice, endpoints: slice.endpoints.slice(1) });
    const start = performance.now();
    const { image, version } = build({ ...cluster, endpointSlices }, mode, history);
    engine.loadProgram(image, version);
    milliseconds.push(performance.now() - start);
  }
  return spreadOf(milliseconds);
}

function packetCost({ nanoseconds, instructions }: Cost): PacketCost {
  return { nanoseconds: spreadOf(nanoseconds), instructions };
}

function spreadOf(figures: readonly number[]): Spread {
  const sorted = [...figures].sort((a, b) => a - b);
  return { best: sorted[0] ?? 0, median: sorted[sorted.length >>> 1] ?? 0 };
}

/** Conversations of clients with the Services of a cluster, side by side, as they cross one node. */

import type { Cluster } from "../cluster/types.ts";
import type { Node } from "../library/node.ts";
import type { NodeNetwork } from "../network/types.ts";
import { type Client, Clients } from "./clients.ts";
import { type Conversation, converse } from "./conversation.ts";
import type { Ends } from "./packet.ts";
import { Random } from "./random.ts";
import { type Listener, Stage, type StagedPacket } from "./stage.ts";
import { type ClientKind, type Target, targetsOf } from "./targets.ts";

export interface TrafficOptions {
  readonly cluster: Cluster;
  readonly nodeName: string;
  readonly network: NodeNetwork;
  /** Where node ports are served. */
  readonly nodePortAddresses: readonly string[];
  /** Runs the rules; nothing else may use it meanwhile. */
  readonly node: Node;
  readonly seed: number;
  /** How many conversations; default: as many as there are targets, and with `packets` no limit. */
  readonly connections?: number;
  /** Ends with this many packets, whoever is speaking. */
  readonly packets?: number;
  readonly start: bigint;
  readonly packetsPerSecond: number;
  /** Processes of the node talk, too. */
  readonly hasHost: boolean;
}

export interface TrafficSummary {
  readonly connections: number;
  readonly packets: number;
  /** Ports of Services that were talked to, and those that no client has a way to. */
  readonly services: number;
  readonly unreachable: readonly string[];
}

const AT_A_TIME = 16;
/** Linux's ip_local_port_range, where clients take their ports from one after the other. */
const PORT_FIRST = 32768;
const PORT_COUNT = 28232;
const NANOSECONDS = 1_000_000_000;

/** Yields what the node's interfaces show, in order; at most `packets` of what comes in. */
export function* generateTraffic(options: TrafficOptions): Generator<StagedPacket, TrafficSummary> {
  const { packets: packetsMax = Number.POSITIVE_INFINITY } = options;
  const talkers = new Talkers(options);
  const active: Talker[] = [];
  let packets = 0;
  while (packets < packetsMax) {
    while (active.length < AT_A_TIME) {
      const next = talkers.next();
      if (next === undefined) break;
      active.push(next);
    }
    if (active.length === 0) break;
    const index = talkers.random.below(active.length);
    const talker = active[index] as Talker;
    talkers.heard(talker);
    if (!talker.step()) active.splice(index, 1);
    for (const staged of talkers.stage.packets.splice(0)) {
      if (!staged.isOutbound) packets++;
      yield staged;
    }
  }
  return { ...talkers.summary(), packets };
}

/** One conversation on its way: the server is whoever has heard the client. */
class Talker {
  readonly service: string;
  readonly #stage: Stage;
  readonly #client: Client;
  readonly #ends: Ends;
  readonly #turns: Conversation;
  #server: Listener | undefined;

  constructor(service: string, stage: Stage, client: Client, ends: Ends, turns: Conversation) {
    this.service = service;
    this.#stage = stage;
    this.#client = client;
    this.#ends = ends;
    this.#turns = turns;
  }

  /** The next packet. False: it was the last, or nobody hears it. */
  step(): boolean {
    const { value: turn, done } = this.#turns.next();
    if (done || turn === undefined) return false;
    if (turn.from === "client") {
      this.#server = this.#stage.say(this.#client.link, this.#ends, turn.transport);
      return this.#server !== undefined;
    }
    if (this.#server === undefined) return false;
    const heard = this.#stage.say(this.#server.link, this.#server.ends, turn.transport);
    return heard !== undefined;
  }
}

/** Starts conversations, one target after the other. */
class Talkers {
  readonly random: Random;
  readonly stage: Stage;
  readonly #targets: readonly Target[];
  readonly #unreachable: readonly string[];
  readonly #clients: Clients;
  readonly #connectionsMax: number;
  readonly #ports = new Map<string, number>();
  readonly #heard = new Set<Talker>();
  #started = 0;

  constructor(options: TrafficOptions) {
    const { cluster, nodeName, network, start, packetsPerSecond, hasHost } = options;
    this.random = new Random(options.seed);
    const stepNanoseconds = BigInt(Math.max(1, Math.round(NANOSECONDS / packetsPerSecond)));
    this.stage = new Stage(options.node, { start, stepNanoseconds, hasHost });
    this.#clients = new Clients(cluster, nodeName, network);
    const kinds: readonly ClientKind[] = hasHost ? ["pod", "outside", "host"] : ["pod", "outside"];
    const all = targetsOf(cluster, options.nodePortAddresses, kinds);
    this.#targets = all.filter((target) => this.#clients.of(target).length > 0);
    const callable = new Set(this.#targets.map(({ service }) => service));
    this.#unreachable = [...new Set(all.map(({ service }) => service))].filter((service) => !callable.has(service));
    this.#connectionsMax =
      options.connections ?? (options.packets === undefined ? this.#targets.length : Number.POSITIVE_INFINITY);
  }

  next(): Talker | undefined {
    if (this.#started >= this.#connectionsMax || this.#targets.length === 0) return undefined;
    const target = this.#targets[this.#started % this.#targets.length] as Target;
    const clients = this.#clients.of(target);
    const client = clients[this.random.below(clients.length)] as Client;
    const { address: dst, port: dport, protocol } = target;
    const ends = { src: client.address, dst, sport: this.#nextPort(client), dport };
    this.#started++;
    return new Talker(target.service, this.stage, client, ends, converse(protocol, this.random));
  }

  heard(talker: Talker): void {
    this.#heard.add(talker);
  }

  /** Conversations that have begun when the packets end. */
  summary(): Omit<TrafficSummary, "packets"> {
    const services = new Set([...this.#heard].map(({ service }) => service));
    return { connections: this.#heard.size, services: services.size, unreachable: this.#unreachable };
  }

  #nextPort({ address }: Client): number {
    const used = this.#ports.get(address) ?? 0;
    this.#ports.set(address, used + 1);
    return PORT_FIRST + (used % PORT_COUNT);
  }
}

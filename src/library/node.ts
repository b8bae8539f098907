/** A node in a program: packets in, verdicts and packets out, synchronously, in the engine's memory. */

import * as Descriptor from "../../assembly/layout/descriptor.ts";
import * as Layout from "../../assembly/layout/engine.ts";
import { isNodeMade } from "../audit/frame.ts";
import type { Connection } from "../engine/connections.ts";
import { readOutcome } from "../engine/descriptors.ts";
import { Engine } from "../engine/instance.ts";
import type { EngineSource } from "../engine/load.ts";
import { placePacket } from "../engine/place.ts";
import { restoreConnections } from "../engine/restore.ts";
import { deriveNetwork } from "../network/derive.ts";
import { chooseNode } from "../network/node.ts";
import type { NodeNetwork } from "../network/types.ts";
import { isStale, type UdpDestinations, udpDestinations } from "../proxy/conntrack-cleanup.ts";
import { linkBytesOf } from "../replay/link.ts";
import { outputFrames } from "../replay/output.ts";
import { type ClusterSource, clusterFrom } from "./cluster.ts";
import { requireUsable, UsageError } from "./errors.ts";
import { type GenerateOptions, generateFor, type Ruleset } from "./ruleset.ts";
import { type NodeProgram, ProgramHistory, prepareProgram } from "./setup.ts";

export interface NodeOptions extends GenerateOptions {
  readonly manifests?: ClusterSource;
  /** Runs instead of what kube-proxy would program for the manifests. */
  readonly ruleset?: Ruleset;
  readonly network?: NodeNetwork;
  /** Seed of the random generator: same seed, same packets, same results. */
  readonly seed?: bigint | number;
  readonly connectionsMax?: number;
  /** Long chains are indexed, which changes nothing but the time that first packets take; default true. */
  readonly optimise?: boolean;
  /** The engine's Wasm, where the environment cannot find it by itself. */
  readonly engine?: EngineSource | Promise<EngineSource>;
}

export interface ProcessOptions {
  /** Where the packet comes in; default: derived from its source address. */
  readonly interface?: string;
  /** The node itself sends it: it starts at the OUTPUT hook. */
  readonly fromHost?: boolean;
  /** Nanoseconds since 1970; default: now. Time never goes back. */
  readonly time?: bigint;
}

export interface SentPacket {
  readonly interface: string;
  /** The IP packet: a view that holds until the node's next call. */
  readonly packet: Uint8Array;
  /** The same with its link header, which says something where the network tells link addresses. */
  readonly frame: Uint8Array;
}

export interface ProcessResult {
  readonly verdict: string;
  readonly reason: string;
  readonly ct: string;
  /** The packet after translation: a view that holds until the node's next call. */
  readonly packet: Uint8Array;
  readonly interface?: string;
  /** The connection that it belongs to, as it is now. */
  readonly connection?: Connection;
  /** Everything that left because of it. */
  readonly sent: readonly SentPacket[];
  /** Those of `sent` that the node made itself: rejections, resets, ICMP errors, echo replies. */
  readonly answers: readonly SentPacket[];
}

const CHUNK_BYTES = 1 << 20;
const BATCH_MAX = 256;

export class Node {
  readonly #engine: Engine;
  #options: NodeOptions;
  readonly #history: ProgramHistory;
  #program: NodeProgram;

  private constructor(engine: Engine, program: NodeProgram, options: NodeOptions, history: ProgramHistory) {
    this.#engine = engine;
    this.#program = program;
    this.#options = options;
    this.#history = history;
  }

  /** Throws an InputError where manifests cannot be used. */
  static async create(options: NodeOptions & { readonly engine: EngineSource | Promise<EngineSource> }): Promise<Node> {
    const history = new ProgramHistory({ optimise: options.optimise !== false });
    const program = programOf(options, history);
    const engine = await Engine.create(options.engine, {
      chunkBytes: CHUNK_BYTES,
      descriptorsMax: BATCH_MAX,
      outputBytes: 4 * Layout.OUTPUT_RESERVE,
      outputFormat: Layout.OUTPUT_PCAPNG,
      flags: Layout.ENGINE_FAST_PATH | Layout.ENGINE_EMIT | Layout.ENGINE_IP6,
      seed: BigInt(options.seed ?? 1),
      sysctls: program.network.sysctls,
      ...(options.connectionsMax === undefined ? {} : { connectionsMax: options.connectionsMax }),
    });
    engine.loadProgram(program.image, program.version);
    engine.prepareUpdate(program.image, program.version);
    restoreConnections(engine, program.network.connections ?? []);
    return new Node(engine, program, options, history);
  }

  /** Names of the node's interfaces. */
  get interfaces(): readonly string[] {
    return this.#program.interfaces;
  }

  /** Takes one IP packet through the node. */
  process(packet: Uint8Array, options: ProcessOptions = {}): ProcessResult {
    const [result] = this.processBatch([packet], options);
    if (result === undefined) throw new Error("a batch of one packet has no result");
    return result;
  }

  /** Takes packets through the node, in order, at one time. Views in the results hold until the next call. */
  processBatch(packets: readonly Uint8Array[], options: ProcessOptions = {}): ProcessResult[] {
    const engine = this.#engine;
    engine.clearOutput();
    engine.setField(Layout.ENDED_COUNT, 0);
    this.#place(packets, options);
    const processed = engine.exports.process(0, packets.length) >>> 0;
    if (processed < packets.length) throw new UsageError("the batch causes more packets than fit; use smaller batches");
    return packets.map((_, index) => this.#result(index));
  }

  /**
   * Swaps manifests, rules or network; connections live on, but for those of UDP that kube-proxy would end because their
   * endpoint does not serve any more. What is not given stays.
   */
  update(options: Omit<NodeOptions, "seed" | "connectionsMax" | "optimise" | "engine">): void {
    const now = { ...this.#options, ...options };
    const program = programOf(now, this.#history);
    this.#engine.loadProgram(program.image, program.version);
    this.#program = program;
    this.#options = now;
    if (options.manifests !== undefined && now.ruleset === undefined) this.#endStale(options.manifests);
  }

  /** The connection table, as `conntrack -L` lists it. */
  connections(): Connection[] {
    return [...this.#engine.connections()];
  }

  #endStale(manifests: ClusterSource): void {
    let destinations: UdpDestinations | undefined;
    for (const [index, connection] of this.#engine.indexedConnections()) {
      if (connection.protocol !== "udp") continue;
      destinations ??= udpDestinations(clusterFrom(manifests));
      if (isStale(connection, destinations)) this.#engine.exports.deleteConnection(index);
    }
  }

  #place(packets: readonly Uint8Array[], options: ProcessOptions): void {
    if (packets.length > BATCH_MAX) throw new UsageError(`a batch has at most ${BATCH_MAX} packets`);
    const input = options.interface === undefined ? Descriptor.NO_INTERFACE : this.#interfaceIndex(options.interface);
    const flags = options.fromHost === true ? Descriptor.FLAG_FROM_HOST : 0;
    const time = options.time ?? BigInt(Date.now()) * 1_000_000n;
    let at = 0;
    for (const [index, packet] of packets.entries()) {
      if (at + packet.length > CHUNK_BYTES) throw new UsageError("the packets of a batch do not fit into 1 MiB");
      placePacket(this.#engine, index, { packet, at, input, time, flags });
      at = (at + packet.length + 7) & ~7;
    }
  }

  #interfaceIndex(name: string): number {
    const index = this.interfaces.indexOf(name);
    if (index < 0) throw new UsageError(`the node has no interface "${name}"; it has ${this.interfaces.join(", ")}`);
    return index;
  }

  #result(index: number): ProcessResult {
    const engine = this.#engine;
    const outcome = readOutcome(engine, index);
    const output = outcome.outInterface === undefined ? undefined : this.interfaces[outcome.outInterface];
    const start = engine.field(Layout.OUTPUT) + outcome.outputBegin;
    const records = engine.bytes(start, outcome.outputEnd - outcome.outputBegin);
    const sent = [...outputFrames(records, engine.configuration.outputFormat)].map((each) => ({
      interface: this.interfaces[each.interface] ?? "",
      frame: each.frame,
      packet: each.frame.subarray(linkBytesOf(this.#program.linkTypes[each.interface] ?? 0, each.frame)),
    }));
    return {
      verdict: outcome.verdict,
      reason: outcome.reason,
      ct: outcome.ct,
      packet: engine.bytes(outcome.packet, outcome.packetBytes),
      ...(output === undefined ? {} : { interface: output }),
      ...(outcome.connection === undefined ? {} : { connection: engine.connection(outcome.connection) }),
      sent,
      answers: sent.filter(({ packet }) => isNodeMade(packet, outcome.verdict === "forward")),
    };
  }
}

function programOf(options: NodeOptions, history: ProgramHistory): NodeProgram {
  const cluster = clusterFrom(options.manifests);
  const { node, problems } = chooseNode(cluster, options.node);
  requireUsable(problems);
  const network = options.network ?? deriveNetwork(cluster, node.name);
  const ruleset = options.ruleset ?? generateFor(cluster, { ...options, network }, history.rules);
  const program = prepareProgram(cluster, ruleset, network, history);
  requireUsable(program.problems);
  return program;
}

/** An engine whose packets are traced one at a time: those of a capture behind all that came before them, or made ones. */

import * as Descriptor from "../../assembly/layout/descriptor.ts";
import * as Layout from "../../assembly/layout/engine.ts";
import { LINKTYPE_RAW } from "../../assembly/layout/protocol.ts";
import { hex } from "../audit/fields.ts";
import type { CaptureInterface } from "../capture/types.ts";
import { type Outcome, readOutcome } from "../engine/descriptors.ts";
import { Engine } from "../engine/instance.ts";
import type { EngineSource } from "../engine/load.ts";
import { placePacket } from "../engine/place.ts";
import { restoreConnections } from "../engine/restore.ts";
import type { Timeline } from "../events/timeline.ts";
import type { NodeProgram } from "../library/setup.ts";
import { readHeader } from "../replay/header.ts";
import { linkBytesOf } from "../replay/link.ts";
import { outputFrames } from "../replay/output.ts";
import type { Regions } from "../replay/regions.ts";
import { untilNextStep } from "../replay/run.ts";
import type { Ruleset } from "../ruleset/types.ts";
import { type TraceContext, traceContext } from "./context.ts";
import { packetWalks } from "./events.ts";
import { packetText } from "./packet-text.ts";
import { takeRecords } from "./records.ts";
import type { PacketWalk, SentPacket, Walk } from "./types.ts";

export interface TracerOptions {
  readonly engine: EngineSource | Promise<EngineSource>;
  readonly program: NodeProgram;
  readonly ruleset: Ruleset;
  readonly seed: bigint;
  readonly follow: boolean;
  /** Chunk and descriptors as lanes of captures want them. */
  readonly regions: Regions;
}

/** A packet that was traced, and what is needed to make its answer. */
export interface Traced {
  readonly walk: Walk;
  readonly outcome: Outcome;
  /** The packet as the node left it. */
  readonly packet: Uint8Array;
  readonly lost: number;
}

export interface MadePacket {
  readonly packet: Uint8Array;
  readonly time: bigint;
  /** Index of the interface; absent: derived from the source address. */
  readonly input?: number;
  /** One of the node's own processes sends it. */
  readonly fromHost: boolean;
}

/** Where a made packet may stand: a descriptor, and bytes of the chunk before it. */
export interface Room {
  readonly index: number;
  readonly at: number;
}

/** Room for a packet that passes some 100,000 rules. */
const TRACE_BYTES = 64 << 20;
const FOLLOW_MAX = 1 << 17;

export class Tracer {
  readonly engine: Engine;
  /** The capture's interfaces: where no node stands in the way, frames leave as they came. */
  readonly captured: CaptureInterface[] = [];
  #program: NodeProgram;
  #context: TraceContext;

  private constructor(engine: Engine, program: NodeProgram, context: TraceContext) {
    this.engine = engine;
    this.#program = program;
    this.#context = context;
  }

  static async create(options: TracerOptions): Promise<Tracer> {
    const { program, follow, regions } = options;
    const flags = Layout.ENGINE_IP6 | Layout.ENGINE_EMIT | Layout.ENGINE_FAST_PATH;
    const engine = await Engine.create(options.engine, {
      flags: follow ? flags | Layout.ENGINE_FOLLOW : flags,
      chunkBytes: regions.chunkBytes,
      descriptorsMax: regions.descriptorsMax,
      outputFormat: Layout.OUTPUT_PCAPNG,
      followMax: follow ? FOLLOW_MAX : 0,
      traceBytes: TRACE_BYTES,
      seed: options.seed,
      sysctls: program.network.sysctls,
    });
    engine.loadProgram(program.image);
    restoreConnections(engine, program.network.connections ?? []);
    return new Tracer(engine, program, traceContext(program, options.ruleset));
  }

  /** Names rules by those that run now: the engine has them already. */
  renew(program: NodeProgram, ruleset: Ruleset): void {
    this.#program = program;
    this.#context = traceContext(program, ruleset);
  }

  /** Processes descriptors without a trace: what comes before the packet that is asked about. */
  pass(first: number, count: number, timeline: Timeline): void {
    const { engine } = this;
    for (let done = 0; done < count; ) {
      const until = untilNextStep(engine, timeline, first + done, count - done);
      const processed = engine.exports.process(first + done, until) >>> 0;
      engine.clearOutput();
      if (processed === 0) throw new Error("the engine stopped although its queues are empty");
      done += processed;
    }
  }

  /** Traces the packet of a descriptor; `number` is its place in the capture. */
  trace(index: number, number?: number): Traced {
    const { engine } = this;
    const flags = engine.field(Layout.FLAGS);
    engine.setField(Layout.FLAGS, flags | Layout.ENGINE_TRACE);
    engine.exports.process(index, 1);
    engine.setField(Layout.FLAGS, flags);
    const { records, lost } = takeRecords(engine);
    const outcome = readOutcome(engine, index);
    const sent = this.#sent(outcome);
    engine.clearOutput();
    const descriptorFlags = engine.memory.getUint16(engine.descriptor(index) + Descriptor.FLAGS, true);
    const packet = engine.bytes(outcome.packet, outcome.packetBytes).slice();
    const packets = packetWalks(this.#context, records);
    if (packets.length === 0) packets.push(skipped(packet, outcome));
    const input = packets[0]?.in;
    const walk: Walk = {
      ...(number === undefined ? {} : { number }),
      origin: (descriptorFlags & Descriptor.FLAG_FROM_HOST) === 0 ? "wire" : "node",
      ...(input === undefined ? {} : { interface: input }),
      packet: packets[0]?.packet ?? "",
      packets,
      sent,
    };
    return { walk, outcome, packet, lost };
  }

  /** Traces a packet that no capture has. */
  traceMade({ packet, time, input = Descriptor.NO_INTERFACE, fromHost }: MadePacket, { index, at }: Room): Traced {
    placePacket(this.engine, index, { packet, at, input, time, flags: fromHost ? Descriptor.FLAG_FROM_HOST : 0 });
    return this.trace(index);
  }

  /** The room of a packet that has been processed, and of those behind it. */
  roomOf(index: number): Room {
    const { engine } = this;
    const frame = engine.memory.getUint32(engine.descriptor(index) + Descriptor.FRAME, true);
    return { index, at: frame - engine.field(Layout.CHUNK) };
  }

  #sent({ outputBegin, outputEnd }: Outcome): SentPacket[] {
    const { engine } = this;
    const records = engine.bytes(engine.field(Layout.OUTPUT) + outputBegin, outputEnd - outputBegin);
    return [...outputFrames(records, engine.configuration.outputFormat)].map(({ interface: index, frame }) => {
      const { name, linkType } = this.#interface(index);
      const packet = frame.subarray(linkBytesOf(linkType, frame));
      return { interface: name, packet: packetText(packet), hex: hex(packet) };
    });
  }

  /** What is written for an interface; over a wire, a packet that was made has no link header. */
  #interface(index: number): { readonly name: string; readonly linkType: number } {
    const { interfaces, linkTypes, network } = this.#program;
    if (network.kind === "node") return { name: interfaces[index] ?? "", linkType: linkTypes[index] ?? LINKTYPE_RAW };
    const { name = "", linkType = LINKTYPE_RAW } = this.captured[index] ?? {};
    return { name, linkType };
  }
}

/** A packet that was not fed in: the capture shows it on its way out, or it has been made already. */
function skipped(packet: Uint8Array, { verdict, reason }: Outcome): PacketWalk {
  const header = readHeader(packet);
  return { packet: packetText(packet), ...(header === undefined ? {} : { header }), events: [], verdict, reason };
}

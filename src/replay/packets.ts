/** One record per input packet (`--packets`): what came in, what became of it, and what it caused. */

import * as Descriptor from "../../assembly/layout/descriptor.ts";
import * as Layout from "../../assembly/layout/engine.ts";
import { hex } from "../audit/fields.ts";
import { isNodeMade } from "../audit/frame.ts";
import type { Connection, Tuple } from "../engine/connections.ts";
import { type Outcome, readOutcome } from "../engine/descriptors.ts";
import type { Engine } from "../engine/instance.ts";
import { addressAndPort, type ServiceIndex, serviceName } from "../report/services.ts";
import { type PacketHeader, readHeader } from "./header.ts";
import { linkBytesOf } from "./link.ts";
import { outputFrames } from "./output.ts";
import type { ObservedBatch, Observer } from "./types.ts";
import { WaysIn } from "./ways-in.ts";

export interface PacketRecord extends Partial<PacketHeader> {
  /** Its number in the captures, from 1; what the host sends and what a named interface shows are numbered apart. */
  readonly n: number;
  /** RFC 3339, nanoseconds. */
  readonly time: string;
  readonly in?: string;
  readonly ct: string;
  readonly verdict: string;
  readonly reason: string;
  readonly out?: string;
  /** What the packet's addresses and ports are now, where they changed. */
  readonly nat?: { readonly src?: string; readonly dst?: string; readonly sport?: number; readonly dport?: number };
  readonly service?: string;
  readonly endpoint?: string;
  /** Packets that the node made because of it, from the IP header on. */
  readonly answers: readonly string[];
}

/** What packet records are made with. */
export interface PacketRecordContext {
  readonly engine: Engine;
  readonly interfaces: readonly string[];
  readonly services: ServiceIndex;
  /** LINKTYPE_* of what is written for each interface. */
  readonly linkTypes: readonly number[];
}

/** Headers are read before the engine rewrites the packets in place, the rest afterwards. */
export class PacketRecorder implements Observer {
  readonly #context: PacketRecordContext;
  readonly #emit: (record: PacketRecord) => void;
  readonly #waysIn: WaysIn;
  #headers: (PacketHeader | undefined)[] = [];
  #captured: number[] = [];
  #first = 0;

  constructor(context: PacketRecordContext, emit: (record: PacketRecord) => void) {
    this.#context = context;
    this.#emit = emit;
    this.#waysIn = new WaysIn(context.engine);
  }

  before({ first, count }: ObservedBatch): void {
    this.#first = first;
    const { engine } = this.#context;
    this.#headers = Array.from({ length: count }, (_, index) => headerOf(engine, first + index));
    this.#captured = Array.from({ length: count }, (_, index) => inInterfaceOf(engine, first + index));
  }

  after({ first, count, numberOf }: ObservedBatch): void {
    for (let index = first; index < first + count; index++) {
      const place = index - this.#first;
      const header = this.#headers[place];
      const captured = this.#captured[place] ?? Descriptor.NO_INTERFACE;
      const outcome = this.#waysIn.complete(readOutcome(this.#context.engine, index), captured, header?.src);
      this.#emit(makeRecord(this.#context, outcome, numberOf(index), header));
    }
  }
}

function makeRecord(
  context: PacketRecordContext,
  outcome: Outcome,
  n: number,
  header: PacketHeader | undefined,
): PacketRecord {
  const { engine, interfaces } = context;
  const now = readHeader(engine.bytes(outcome.packet, outcome.packetBytes));
  const nat = header !== undefined && now !== undefined ? changes(header, now) : undefined;
  const input = outcome.inInterface === undefined ? undefined : interfaces[outcome.inInterface];
  const output = outcome.outInterface === undefined ? undefined : interfaces[outcome.outInterface];
  return {
    n,
    time: formatTime(outcome.time),
    ...(input === undefined ? {} : { in: input }),
    ...header,
    ct: outcome.ct,
    verdict: outcome.verdict,
    reason: outcome.reason,
    ...(output === undefined ? {} : { out: output }),
    ...(nat === undefined ? {} : { nat }),
    ...attribution(context, outcome, header),
    answers: answersOf(context, outcome).map(hex),
  };
}

/** Nanoseconds since 1970 → "2026-11-21T02:47:12.000000001Z". */
export function formatTime(time: bigint): string {
  const seconds = time / 1_000_000_000n;
  const fraction = (time % 1_000_000_000n).toString().padStart(9, "0");
  return `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19)}.${fraction}Z`;
}

/** The IP packets that the node itself made because of this one. */
function answersOf({ engine, linkTypes }: PacketRecordContext, outcome: Outcome): Uint8Array[] {
  if (outcome.outputEnd <= outcome.outputBegin) return [];
  const start = engine.field(Layout.OUTPUT) + outcome.outputBegin;
  const blocks = engine.bytes(start, outcome.outputEnd - outcome.outputBegin);
  const packets = [...outputFrames(blocks, engine.configuration.outputFormat)].map((sent) =>
    sent.frame.subarray(linkBytesOf(linkTypes[sent.interface] ?? 0, sent.frame)),
  );
  return packets.filter((packet) => isNodeMade(packet, outcome.verdict === "forward"));
}

/** The record that a descriptor names may have been reused within the batch: it counts only if the packet is of it. */
function attribution(context: PacketRecordContext, outcome: Outcome, header: PacketHeader | undefined) {
  if (outcome.connection === undefined || header === undefined) return {};
  const connection = context.engine.connection(outcome.connection);
  if (!isOf(header, connection, outcome)) return {};
  const found = context.services.find(connection);
  if (found === undefined) return {};
  const service = serviceName(found.service);
  const { endpoint } = found;
  return endpoint === undefined ? { service } : { service, endpoint: addressAndPort(endpoint.address, endpoint.port) };
}

/** An ICMP error belongs to the connection that it speaks of, whatever its own addresses. */
function isOf(header: PacketHeader, connection: Connection, outcome: Outcome): boolean {
  if (outcome.ct === "related") return true;
  const tuple: Tuple = outcome.direction === "original" ? connection.original : connection.reply;
  return tuple.src === header.src && tuple.dst === header.dst && tuple.sport === header.sport;
}

function changes(before: PacketHeader, now: PacketHeader): PacketRecord["nat"] | undefined {
  const nat = {
    ...(before.src === now.src ? {} : { src: now.src }),
    ...(before.dst === now.dst ? {} : { dst: now.dst }),
    ...(before.sport === now.sport || now.sport === undefined ? {} : { sport: now.sport }),
    ...(before.dport === now.dport || now.dport === undefined ? {} : { dport: now.dport }),
  };
  return Object.keys(nat).length === 0 ? undefined : nat;
}

/** The interface that the capture tells, until the engine has seen the packet. */
function inInterfaceOf(engine: Engine, index: number): number {
  return engine.memory.getUint16(engine.descriptor(index) + Descriptor.IN_INTERFACE, true);
}

function headerOf(engine: Engine, index: number): PacketHeader | undefined {
  const at = engine.descriptor(index);
  const { memory } = engine;
  const linkBytes = memory.getUint16(at + Descriptor.LINK_BYTES, true);
  const frameBytes = memory.getUint32(at + Descriptor.FRAME_BYTES, true);
  if (frameBytes <= linkBytes) return undefined;
  return readHeader(engine.bytes(memory.getUint32(at + Descriptor.FRAME, true) + linkBytes, frameBytes - linkBytes));
}

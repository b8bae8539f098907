/** The engine's trace buffer → plain objects. Numbers stay numbers: what they mean is said elsewhere. */

import * as ConnectionLayout from "../../assembly/layout/connection.ts";
import * as Descriptor from "../../assembly/layout/descriptor.ts";
import * as EngineLayout from "../../assembly/layout/engine.ts";
import * as Layout from "../../assembly/layout/trace.ts";
import { type Connection, readConnection } from "../engine/connections.ts";
import type { Engine } from "../engine/instance.ts";

/** What every record has; `at` is an offset in the program, `outcome` and `value` are said by layout/trace.ts. */
export interface RecordHeader {
  readonly kind: number;
  /** 0: the packet that was fed in; else one that the node says because of it. */
  readonly depth: number;
  readonly hook: number;
  readonly outcome: number;
  readonly at: number;
  readonly value: number;
}

/** What the node knew of the packet just then. */
export interface PacketState {
  readonly verdict: number;
  readonly reason: number;
  readonly ct: number;
  readonly direction: number;
  /** Indices of interfaces; absent where there is none. */
  readonly inInterface?: number;
  readonly outInterface?: number;
  readonly mark: number;
  readonly outputUsed: number;
  readonly rule: number;
  readonly invalidCause: number;
  readonly connection?: TracedConnection;
  /** The packet's first bytes from the IP header on, and how many it has in all. */
  readonly packet: Uint8Array;
  readonly packetBytes: number;
}

export interface TracedConnection extends Connection {
  readonly confirmed: boolean;
}

/** What a binding might choose from: NAT_* flags, ports in host order, addresses as 16 bytes. */
export interface NatRange {
  readonly flags: number;
  readonly portLow: number;
  readonly portHigh: number;
}

export interface TraceRecord extends RecordHeader {
  readonly state?: PacketState;
  readonly registers?: Uint8Array;
  readonly range?: NatRange;
}

const STATES: ReadonlySet<number> = new Set([Layout.TRACE_BEGIN, Layout.TRACE_STEP, Layout.TRACE_END]);

/** All records since the buffer was last cleared; it is cleared. `lost`: those that found no room, since the engine began. */
export function takeRecords(engine: Engine): { readonly records: readonly TraceRecord[]; readonly lost: number } {
  const first = engine.field(EngineLayout.TRACE);
  const end = first + engine.field(EngineLayout.TRACE_USED);
  const records: TraceRecord[] = [];
  for (let at = first; at < end; at += engine.memory.getUint32(at + Layout.BYTES, true)) {
    records.push(readRecord(engine.memory, at));
  }
  engine.setField(EngineLayout.TRACE_USED, 0);
  return { records, lost: engine.counter(EngineLayout.TRACE_LOST) };
}

function readRecord(memory: DataView, at: number): TraceRecord {
  const kind = memory.getUint8(at + Layout.KIND);
  return {
    kind,
    depth: memory.getUint8(at + Layout.DEPTH),
    hook: memory.getUint8(at + Layout.HOOK),
    outcome: memory.getUint8(at + Layout.OUTCOME),
    at: memory.getUint32(at + Layout.AT, true),
    value: memory.getUint32(at + Layout.VALUE, true),
    ...(STATES.has(kind) ? { state: readState(memory, at) } : {}),
    ...(kind === Layout.TRACE_INSTRUCTION
      ? { registers: bytes(memory, at + Layout.REGISTERS, at + Layout.INSTRUCTION_BYTES) }
      : {}),
    ...(kind === Layout.TRACE_BINDING ? { range: readRange(memory, at) } : {}),
  };
}

function readState(memory: DataView, at: number): PacketState {
  const inInterface = memory.getUint16(at + Layout.IN_INTERFACE, true);
  const outInterface = memory.getUint16(at + Layout.OUT_INTERFACE, true);
  const packetBytes = memory.getUint32(at + Layout.PACKET_BYTES, true);
  const there = Math.min(packetBytes, Layout.PACKET_BYTES_MAX);
  const hasConnection = memory.getUint32(at + Layout.CONNECTION, true) !== Descriptor.NO_CONNECTION;
  return {
    verdict: memory.getUint8(at + Layout.VERDICT),
    reason: memory.getUint8(at + Layout.REASON),
    ct: memory.getUint8(at + Layout.CT),
    direction: memory.getUint8(at + Layout.DIRECTION),
    ...(inInterface === Descriptor.NO_INTERFACE ? {} : { inInterface }),
    ...(outInterface === Descriptor.NO_INTERFACE ? {} : { outInterface }),
    mark: memory.getUint32(at + Layout.MARK, true),
    outputUsed: memory.getUint32(at + Layout.OUTPUT_USED, true),
    rule: memory.getUint32(at + Layout.RULE, true),
    invalidCause: memory.getUint32(at + Layout.INVALID_CAUSE, true),
    ...(hasConnection ? { connection: readTracedConnection(memory, at) } : {}),
    packet: bytes(memory, at + Layout.PACKET, at + Layout.PACKET + there),
    packetBytes,
  };
}

function readTracedConnection(memory: DataView, at: number): TracedConnection {
  const record = at + Layout.CONNECTION_RECORD;
  const status = memory.getUint16(record + ConnectionLayout.STATUS, true);
  return {
    ...readConnection(memory, record, at + Layout.CONNECTION_ADDRESSES),
    confirmed: (status & ConnectionLayout.STATUS_CONFIRMED) !== 0,
  };
}

/** Ports stand as a packet's two bytes in the low half of a word. */
function readRange(memory: DataView, at: number): NatRange {
  return {
    flags: memory.getUint32(at + Layout.RANGE_FLAGS, true),
    portLow: memory.getUint16(at + Layout.RANGE_PORT_LOW),
    portHigh: memory.getUint16(at + Layout.RANGE_PORT_HIGH),
  };
}

function bytes(memory: DataView, from: number, to: number): Uint8Array {
  return new Uint8Array(memory.buffer.slice(memory.byteOffset + from, memory.byteOffset + to) as ArrayBuffer);
}

/** What the hooks tell of a traced packet. Every function does nothing while nothing is traced. */

import * as Connection from "../layout/connection";
import * as Descriptor from "../layout/descriptor";
import * as Engine from "../layout/engine";
import * as Instructions from "../layout/instructions";
import * as Trace from "../layout/trace";
import { invalidCause } from "../conntrack/outcome";
import { connectionIndex } from "../conntrack/records";
import { engine } from "../memory/engine";
import { NatRange } from "../nat/range";
import { Packet } from "../packet";
import { activeProgram } from "../rules/program";
import { register } from "../rules/registers";
import { isTracing, record } from "./buffer";

if (Trace.INSTRUCTION_BYTES != Trace.REGISTERS + Instructions.REGISTERS_BYTES) ERROR("a traced instruction has no room for the registers");
if (Trace.CONNECTION_ADDRESSES != Trace.CONNECTION_RECORD + Connection.SIZE) ERROR("a traced connection is not as large as its record");
if (Trace.STATE_BYTES != Trace.PACKET + Trace.PACKET_BYTES_MAX) ERROR("a traced state does not end with the packet");

/** The packet begins its way, or ends it. */
export function traceBegin(packet: Packet): void {
  if (isTracing()) traceState(packet, Trace.TRACE_BEGIN, 0, 0);
}

export function traceEnd(packet: Packet): void {
  if (isTracing()) traceState(packet, Trace.TRACE_END, 0, 0);
}

/** A step of the packet's hook begins. */
export function traceStep(packet: Packet, step: usize, kind: u32): void {
  if (isTracing()) traceState(packet, Trace.TRACE_STEP, kind, step);
}

/** A route was looked up: `reason` is why it cannot be taken. One that is none of the program's is told as none. */
export function traceRoute(packet: Packet, reason: u32): void {
  if (!isTracing()) return;
  record(packet, Trace.TRACE_ROUTE, Trace.HEADER_BYTES, 0, packet.route < activeProgram() ? 0 : packet.route, reason);
}

export function traceChain(packet: Packet, first: usize, policy: u32): void {
  record(packet, Trace.TRACE_CHAIN, Trace.HEADER_BYTES, policy, first, 0);
}

/** An instruction has been carried out: the registers are as it left them. */
export function traceInstruction(packet: Packet, at: usize, outcome: u32): void {
  const place = record(packet, Trace.TRACE_INSTRUCTION, Trace.INSTRUCTION_BYTES, outcome, at, 0);
  if (place != 0) memory.copy(place + Trace.REGISTERS, register(0), Instructions.REGISTERS_BYTES);
}

/** `waiting`: chains that had not come to their end. */
export function traceChainEnd(packet: Packet, outcome: u32, waiting: u32): void {
  record(packet, Trace.TRACE_CHAIN_END, Trace.HEADER_BYTES, outcome, 0, waiting);
}

/** An end of the packet's new connection is bound to something in the range. */
export function traceBinding(packet: Packet, kind: u32, range: NatRange): void {
  if (!isTracing()) return;
  const place = record(packet, Trace.TRACE_BINDING, Trace.BINDING_BYTES, kind, 0, 0);
  if (place == 0) return;
  store<u32>(place, range.flags, Trace.RANGE_FLAGS);
  store<u32>(place, range.minPort, Trace.RANGE_PORT_LOW);
  store<u32>(place, range.maxPort, Trace.RANGE_PORT_HIGH);
  memory.copy(place + Trace.RANGE_LOW, range.minAddress, 16);
  memory.copy(place + Trace.RANGE_HIGH, range.maxAddress, 16);
}

function traceState(packet: Packet, kind: u32, outcome: u32, at: usize): void {
  const place = record(packet, kind, Trace.STATE_BYTES, outcome, at, 0);
  if (place == 0) return;
  memory.fill(place + Trace.HEADER_BYTES, 0, Trace.STATE_BYTES - Trace.HEADER_BYTES);
  store<u8>(place, <u8>packet.verdict, Trace.VERDICT);
  store<u8>(place, <u8>packet.reason, Trace.REASON);
  store<u8>(place, <u8>packet.ct, Trace.CT);
  store<u8>(place, <u8>packet.direction, Trace.DIRECTION);
  store<u16>(place, <u16>packet.inInterface, Trace.IN_INTERFACE);
  store<u16>(place, <u16>packet.outInterface, Trace.OUT_INTERFACE);
  store<u32>(place, packet.mark, Trace.MARK);
  store<u32>(place, packet.bytes, Trace.PACKET_BYTES);
  store<u32>(place, load<u32>(engine, Engine.OUTPUT_USED), Trace.OUTPUT_USED);
  store<u32>(place, packet.rule, Trace.RULE);
  store<u32>(place, invalidCause(), Trace.INVALID_CAUSE);
  memory.copy(place + Trace.PACKET, packet.address, min(packet.bytes, Trace.PACKET_BYTES_MAX));
  copyConnection(packet.connection, place);
}

function copyConnection(connection: usize, place: usize): void {
  const index = connection == 0 ? Descriptor.NO_CONNECTION : connectionIndex(connection);
  store<u32>(place, index, Trace.CONNECTION);
  if (connection == 0) return;
  memory.copy(place + Trace.CONNECTION_RECORD, connection, Connection.SIZE);
  const addresses: usize = load<u32>(engine, Engine.ADDRESSES);
  if (addresses == 0) return;
  const bytes: usize = 1 << Connection.ADDRESSES_SIZE_LOG2;
  memory.copy(place + Trace.CONNECTION_ADDRESSES, addresses + <usize>index * bytes, bytes);
}

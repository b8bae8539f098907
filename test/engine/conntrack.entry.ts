/** What test/engine/conntrack*.test.ts calls of conntrack/. */

import * as Connection from "../../assembly/layout/connection";
import * as Descriptor from "../../assembly/layout/descriptor";
import * as Wire from "../../assembly/layout/wire";
import { carve } from "../../assembly/memory/arena";
import { engine as engineAddress } from "../../assembly/memory/engine";
import { ORIGIN_NODE, packetAt, resetPacket } from "../../assembly/packet";
import { advanceClock } from "../../assembly/conntrack/clock";
import { confirm, forgetUnconfirmed } from "../../assembly/conntrack/confirm";
import { track } from "../../assembly/conntrack/track";
import {
  PLAIN_TCP,
  PLAIN_TCP_MASK,
  PLAIN_UDP,
  PLAIN_UDP_MASK,
  countPacket,
  isAlive,
  isStreamKnown,
  noteDatagram,
} from "../../assembly/conntrack/established";
import { halfOf } from "../../assembly/conntrack/half";
import { SEGMENT_SIZE, headerBytesOf, isSegmentPlain, readNumbers, readSack } from "../../assembly/conntrack/plain-segment";
import { areWindowsKnown, isOutside, moveEdges, moveEnds, noteLast, noteTimeouts, sackOf } from "../../assembly/conntrack/plain-window";
import { Tuple, tupleOfConnection } from "../../assembly/conntrack/tuple";
import * as Table from "../../assembly/conntrack/table";
import { nextTcpState, areTcpFlagsValid } from "../../assembly/conntrack/tcp-states";
import { nextSctpState } from "../../assembly/conntrack/sctp-states";
import { parsePacket } from "../../assembly/wire/parse";

export { advanceClock, areTcpFlagsValid, nextSctpState, nextTcpState };
export {
  discardConnection,
  endAll,
  insertConnection,
  reap,
  removeConnection,
  sweep,
} from "../../assembly/conntrack/table";

const original: usize = memory.data(48, 16);
const reply: usize = memory.data(48, 16);
const segment: usize = memory.data(SEGMENT_SIZE, 16);

export function engine(): usize {
  return engineAddress;
}

export function buffer(bytes: u32): usize {
  return carve(bytes, true);
}

export function initTable(): bool {
  return Table.initTable();
}

/** Parses and tracks the packet and, if it is to live, confirms it. The reason, or -1: refused before conntrack. */
export function receive(address: usize, bytes: u32, fromNode: bool, confirms: bool): i32 {
  const packet = packetAt(0);
  resetPacket(packet);
  packet.address = address;
  packet.bytes = bytes;
  packet.flags = fromNode ? Descriptor.FLAG_FROM_HOST : 0;
  if (fromNode) packet.origin = ORIGIN_NODE;
  if (parsePacket(packet) != 0) return -1;
  const reason = track(packet);
  if (reason != 0) return reason;
  if (confirms) return confirm(packet);
  forgetUnconfirmed(packet);
  return 0;
}

export function ct(): u32 {
  return packetAt(0).ct;
}
export function direction(): u32 {
  return packetAt(0).direction;
}
export function connection(): usize {
  return packetAt(0).connection;
}

/** Two scratch tuples, for the host to fill in. */
export function originalTuple(): usize {
  return original;
}
export function replyTuple(): usize {
  return reply;
}
export function find(): usize {
  return Table.findTuple(changetype<Tuple>(original));
}
export function isTaken(except: usize): bool {
  return Table.isTupleTaken(changetype<Tuple>(original), except);
}
export function create(): usize {
  return Table.createConnection(changetype<Tuple>(original), changetype<Tuple>(reply));
}
export function readTuple(connection: usize, direction: u32): void {
  tupleOfConnection(connection, direction, changetype<Tuple>(original));
}

/** The short way for the packet at `address`, IPv4 with 20 bytes of header. True: it was taken. */
export function fastTcp(connection: usize, direction: u32, address: usize, bytes: u32): bool {
  if (!isPlain(connection, PLAIN_TCP, PLAIN_TCP_MASK) || !areWindowsKnown(connection)) return false;
  const word = load<u32>(address, 20 + Wire.TCP_DATA_OFFSET);
  const headerBytes = headerBytesOf(word);
  if (!isSegmentPlain(word) || headerBytes < Wire.TCP_SIZE || headerBytes + 20 > bytes) return false;
  const half = halfOf(connection, direction);
  readNumbers(address + 20, bytes - 20 - headerBytes, half, segment);
  readSack(address + 20, segment);
  const sack = sackOf(half, segment);
  if (isOutside(half, segment, sack)) return false;
  noteTimeouts();
  moveEdges(half, segment, sack);
  noteLast(connection, segment, moveEnds(half, segment));
  countPacket(half, bytes);
  return true;
}
export function fastUdp(connection: usize, direction: u32, bytes: u32): bool {
  if (!isPlain(connection, PLAIN_UDP, PLAIN_UDP_MASK) || !isStreamKnown(connection)) return false;
  noteDatagram(connection);
  countPacket(halfOf(connection, direction), bytes);
  return true;
}

function isPlain(connection: usize, wanted: u32, mask: u32): bool {
  return (load<u32>(connection, Connection.PROTOCOL) & mask) == wanted && isAlive(connection);
}

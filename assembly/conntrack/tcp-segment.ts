/** A TCP segment as the tracker sees it, and what it knows of each side of the connection. */

import * as Connection from "../layout/connection";
import * as Wire from "../layout/wire";
import { TcpHeader } from "../wire/tcp";
import { kindOfSegment } from "./tcp-states";

/** One side's window, in place in the connection's record (ip_ct_tcp_state). Offsets follow layout/connection.ts. */
@final @unmanaged
export class TcpWindow {
  /** Highest sequence number sent, plus one. */
  end: u32;
  /** Highest number that the other side allowed. */
  maxEnd: u32;
  /** Largest window that this side offered. */
  maxWindow: u32;
  scale: u8;
  flags: u8;
}

if (offsetof<TcpWindow>("maxEnd") != Connection.MAX_END) ERROR("TcpWindow.maxEnd is not where layout/connection.ts says");
if (offsetof<TcpWindow>("maxWindow") != Connection.MAX_WINDOW) ERROR("TcpWindow.maxWindow is not where layout/connection.ts says");
if (offsetof<TcpWindow>("scale") != Connection.SCALE) ERROR("TcpWindow.scale is not where layout/connection.ts says");
if (offsetof<TcpWindow>("flags") != Connection.WINDOW_FLAGS) ERROR("TcpWindow.flags is not where layout/connection.ts says");

/** The segment at hand; numbers in the machine's order. */
@final @unmanaged
export class Segment {
  connection: usize;
  direction: u32;
  header: usize;
  headerBytes: u32;
  flags: u32;
  /** TCP_SYN … of layout/state.ts. */
  kind: u32;
  sequence: u32;
  acknowledged: u32;
  /** Sequence number after the segment: SYN and FIN count one each. */
  end: u32;
  /** As the header has it, not scaled. */
  window: u32;
}

const current: usize = memory.data(offsetof<Segment>(), 16);

/** Reads a segment of `bytes` bytes whose header was checked. There is one at a time. */
export function readSegment(connection: usize, direction: u32, header: usize, bytes: u32): Segment {
  const segment = changetype<Segment>(current);
  const tcp = changetype<TcpHeader>(header);
  const flags = tcp.flags;
  const headerBytes = tcp.headerBytes;
  const sequence = tcp.sequence;
  segment.connection = connection;
  segment.direction = direction;
  segment.header = header;
  segment.headerBytes = headerBytes;
  segment.flags = flags;
  segment.kind = kindOfSegment(flags);
  segment.sequence = sequence;
  segment.acknowledged = tcp.acknowledged;
  segment.end = sequence + bytes - headerBytes + (flags & Wire.TCP_SYN ? 1 : 0) + (flags & Wire.TCP_FIN);
  segment.window = tcp.window;
  return segment;
}

/** The window of the side that sends in a direction. */
export function windowOf(connection: usize, direction: u32): TcpWindow {
  return changetype<TcpWindow>(connection + Connection.WINDOW + (<usize>direction << Connection.WINDOW_LOG2));
}

/** Clears a window (nf_ct_tcp_state_reset()): only its liberty stays. The unused bytes behind it are other fields'. */
export function resetWindow(connection: usize, direction: u32): void {
  const window = windowOf(connection, direction);
  window.end = 0;
  window.maxEnd = 0;
  window.maxWindow = 0;
  window.scale = 0;
  window.flags &= <u8>Connection.WINDOW_BE_LIBERAL;
  setMaxAck(connection, direction, 0);
}

/** Windows that begin anew may know less than the short way takes for granted (areWindowsKnown() of plain-window.ts). */
export function forgetWays(connection: usize): void {
  store<u8>(connection, 0, Connection.FAST);
}

/** td_maxack: the highest number that a direction's sender acknowledged. */
export function maxAckOf(connection: usize, direction: u32): u32 {
  return load<u32>(connection + (<usize>direction << Connection.DIRECTION_LOG2), Connection.MAX_ACK);
}

export function setMaxAck(connection: usize, direction: u32, number: u32): void {
  store<u32>(connection + (<usize>direction << Connection.DIRECTION_LOG2), number, Connection.MAX_ACK);
}

/** Sequence numbers wrap: a is before b if the way from a to b is the shorter one (RFC 9293 3.4). */
export function isBefore(a: u32, b: u32): bool {
  return <i32>(a - b) < 0;
}

export function isAfter(a: u32, b: u32): bool {
  return <i32>(b - a) < 0;
}

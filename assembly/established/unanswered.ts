/**
 * The short way of packets whose connections nobody has answered yet. There are few such in most captures, and nothing
 * but such in one that shows only what clients send: the trackers are called, and only the hooks left out.
 */

import * as Connection from "../layout/connection";
import * as Descriptor from "../layout/descriptor";
import * as Program from "../layout/program";
import * as Protocol from "../layout/protocol";
import * as Wire from "../layout/wire";
import { isTick } from "../conntrack/clock";
import { isAlive } from "../conntrack/established";
import { trackUnansweredDatagram, trackUnansweredSegment } from "../conntrack/unanswered";
import { isTupleOfPacket } from "./group";
import { isTupleOfPacket6 } from "./group6";
import * as Probe from "./probe";

/** What turns the family in WANTED into a record's. */
const MARK4: u64 = <u64>Probe.UNANSWERED << 56;
const MARK6: u64 = <u64>(Probe.UNANSWERED | (Probe.PLAIN6 ^ 6)) << 56;

/** Tracks packets from the i-th on; returns the first that is not a plain one of such a connection, still untouched. */
export function trackUnanswered(group: usize, i: u32, size: u32, adjacencies: usize): u32 {
  for (; i < size; i++) {
    const probe = Probe.probeAt(i);
    const descriptor = group + (<usize>i << Descriptor.SIZE_LOG2);
    const connection: usize = load<u32>(probe, Probe.HALF);
    if (!Probe.isUnanswered(probe) || !isKnown(probe, connection, descriptor)) break;
    const adjacency = adjacencies + <usize>load<u16>(connection, Connection.ADJACENCY) * Program.ADJACENCY_SIZE;
    const bytes = load<u32>(probe, Probe.BYTES);
    if (bytes > load<u32>(adjacency, Program.ADJACENCY_MTU)) break;
    if (isTick(load<u64>(descriptor, Descriptor.TIME)) || !isAlive(connection)) break;
    if (load<u8>(probe, Probe.WANTED) != Protocol.TCP) trackUnansweredDatagram(connection, bytes);
    else if (!trackUnansweredSegment(connection, load<u32>(probe, Probe.PACKET), ipBytes(probe), bytes)) break;
    store<u32>(descriptor, load<u16>(adjacency, Program.ADJACENCY_INTERFACE), Descriptor.OUT_INTERFACE); // and nothing in REFUSED_CHOICE
  }
  return i;
}

/** The connection is still the packet's and unanswered, and the packet comes in as those before it did. */
function isKnown(probe: usize, connection: usize, descriptor: usize): bool {
  const packet: usize = load<u32>(probe, Probe.PACKET);
  const isTuple = isIp6(probe)
    ? isTupleOfPacket6(packet, connection, load<u32>(probe, Probe.ADDRESSES))
    : isTupleOfPacket(packet, connection);
  if (!isTuple) return false;
  const wanted = load<u64>(probe, Probe.WANTED) ^ (isIp6(probe) ? MARK6 : MARK4);
  if ((load<u64>(connection, Connection.PROTOCOL) & load<u64>(probe, Probe.MASK)) != wanted) return false;
  return load<u16>(descriptor, Descriptor.IN_INTERFACE) == load<u16>(connection, Connection.IN_INTERFACE);
}

/** Bytes of the IP header. */
function ipBytes(probe: usize): u32 {
  return isIp6(probe) ? Wire.IP6_SIZE : Wire.IP4_SIZE;
}

/** Of a packet that is to be taken here. */
function isIp6(probe: usize): bool {
  return Probe.kindOf(probe) == (Probe.UNANSWERED | Probe.PLAIN6);
}

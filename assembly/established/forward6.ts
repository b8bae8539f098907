/**
 * The loop of forward.ts over IPv6 packets, whose addresses stand in a table of their own. Whether a packet is one of these
 * tells WANTED, so that packets of both families may stand in one group.
 */

import * as Connection from "../layout/connection";
import * as Descriptor from "../layout/descriptor";
import * as Program from "../layout/program";
import * as Protocol from "../layout/protocol";
import { isTick } from "../conntrack/clock";
import { countPacket, isAlive, isStreamKnown, noteDatagram } from "../conntrack/established";
import { recordOf } from "../conntrack/half";
import { isOutside, moveEdges, moveEnds, noteLast, sackOf } from "../conntrack/plain-window";
import { FORWARDED, countForwarded, writeForwarded } from "./forward";
import { touchPacket } from "./group";
import { isTupleOfPacket6 } from "./group6";
import * as Probe from "./probe";
import { rewriteEstablished6 } from "./rewrite6";

/** What turns PLAIN6 into the family of a record. */
const MARK: u64 = <u64>(Probe.PLAIN6 ^ 6) << 56;

/** Tracks and sends packets from the i-th on; returns the first that is not a plain IPv6 one, still untouched. */
export function trackRun6(group: usize, i: u32, size: u32, ahead: usize, adjacencies: usize): u32 {
  const end = Probe.probeAt(size);
  let descriptor = group + (<usize>i << Descriptor.SIZE_LOG2);
  let packetBytes: u64 = 0;
  for (let probe = Probe.probeAt(i); probe < end; probe += Probe.SIZE) {
    const half: usize = load<u32>(probe, Probe.HALF);
    const addresses: usize = load<u32>(probe, Probe.ADDRESSES);
    const packet: usize = load<u32>(probe, Probe.PACKET);
    if (!isTupleOfPacket6(packet, half, addresses)) break;
    const connection = recordOf(half);
    const wanted = load<u64>(probe, Probe.WANTED) ^ MARK;
    if ((load<u64>(connection, Connection.PROTOCOL) & load<u64>(probe, Probe.MASK)) != wanted) break;
    const adjacency = adjacencies + <usize>load<u16>(half, Connection.ADJACENCY) * Program.ADJACENCY_SIZE;
    if (load<u32>(probe, Probe.BYTES) > load<u32>(adjacency, Program.ADJACENCY_MTU)) break;
    if (isTick(load<u64>(descriptor, Descriptor.TIME))) break;
    if (!isAlive(connection)) break;
    store<u32>(descriptor, load<u16>(adjacency, Program.ADJACENCY_INTERFACE), Descriptor.OUT_INTERFACE); // and nothing in REFUSED_CHOICE
    if (load<u8>(probe, Probe.WANTED) == Protocol.TCP) {
      const sack = sackOf(half, probe + Probe.SEGMENT);
      if (isOutside(half, probe + Probe.SEGMENT, sack)) break;
      moveEdges(half, probe + Probe.SEGMENT, sack);
      noteLast(connection, probe + Probe.SEGMENT, moveEnds(half, probe + Probe.SEGMENT));
    } else {
      if (!isStreamKnown(connection)) break;
      noteDatagram(connection);
    }
    const bytes = load<u32>(probe, Probe.BYTES);
    countPacket(half, bytes);
    touchPacket(descriptor + ahead);
    rewriteEstablished6(packet, half, addresses, load<u8>(probe, Probe.WANTED) == Protocol.TCP);
    writeForwarded(descriptor, half, bytes, FORWARDED);
    packetBytes += bytes;
    descriptor += Descriptor.SIZE;
  }
  const next = <u32>((descriptor - group) >> Descriptor.SIZE_LOG2);
  countForwarded(next - i, packetBytes);
  return next;
}

/** The end of a packet that leaves: fitted to its link, and written out. */

import * as Verdict from "../layout/verdict";
import * as Wire from "../layout/wire";
import { emitPacket } from "../capture/emit";
import { emitFragments, emitSplit } from "../fragment/emit";
import { ORIGIN_WIRE, Packet, finish } from "../packet";
import { closeChecksum } from "../segment/seal";
import { emitSegments, isSuperPacket } from "../segment/segment";
import { Ip4Header } from "../wire/ip4";
import { answerError } from "./answers";
import { routeMtu } from "./forward";
import { resolveAdjacency } from "./routing";

const FRAGMENTATION_NEEDED: u32 = 4;

/** Sends the packet out of its interface: whole, in its old fragments, in new ones, or in segments. */
export function transmit(packet: Packet): void {
  finish(packet, Verdict.VERDICT_FORWARD, Verdict.REASON_NONE);
  if (packet.route == 0) {
    if (packet.fragments != 0) emitFragments(packet);
    else emitPacket(packet);
    return;
  }
  resolveAdjacency(packet);
  const mtu = routeMtu(packet);
  if (packet.hasOpenChecksum) closeChecksum(packet);
  if (packet.fragments != 0) emitFragments(packet);
  else if (packet.bytes <= mtu) emitPacket(packet);
  else if (isSuperPacket(packet)) emitSegments(packet, mtu);
  else if (isSplittable(packet)) emitSplit(packet, mtu);
  else refuseTooBig(packet, mtu);
}

/** IPv4 routers cut what may be cut; over IPv6 only the sender does. */
function isSplittable(packet: Packet): bool {
  if (packet.family == 6) return packet.origin != ORIGIN_WIRE;
  return (changetype<Ip4Header>(packet.address).fragment & Wire.IP4_DONT_FRAGMENT) == 0;
}

function refuseTooBig(packet: Packet, mtu: u32): void {
  finish(packet, Verdict.VERDICT_DROP, Verdict.REASON_TOO_BIG);
  if (packet.family == 4) answerError(packet, Wire.ICMP4_UNREACHABLE, FRAGMENTATION_NEEDED, bswap<u32>(mtu));
  else answerError(packet, Wire.ICMP6_TOO_BIG, 0, bswap<u32>(mtu));
}

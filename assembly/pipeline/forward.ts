/** From one link to another: what ip_forward() and ip6_forward() check and change before the FORWARD hook. */

import * as Descriptor from "../layout/descriptor";
import * as Engine from "../layout/engine";
import * as Program from "../layout/program";
import * as Verdict from "../layout/verdict";
import * as Wire from "../layout/wire";
import { srcAddress } from "../answer/header";
import { followedMtu } from "../follow/mtu";
import { hasFlag } from "../memory/engine";
import { Packet, finish } from "../packet";
import { Ip4Header } from "../wire/ip4";
import { Ip6Header, LOOPBACK_TAIL, isLinkLocal6 } from "../wire/ip6";
import { answerError } from "./answers";

/** ICMP codes. */
const FRAGMENTATION_NEEDED: u32 = 4;
const BEYOND_SCOPE: u32 = 2;
/** RFC 8200 5: no IPv6 link has a smaller MTU. */
const IP6_MTU_MIN: u32 = 1280;

/** Takes one hop off the packet. False: it does not go on, its sender has been told, and it has its verdict. */
export function mayForward(packet: Packet): bool {
  if ((packet.flags & Descriptor.FLAG_MULTICAST) != 0) return refuse(packet, Verdict.REASON_BROADCAST);
  return packet.family == 4 ? mayForward4(packet) : mayForward6(packet);
}

/** The largest packet that the route's link takes, or took when the capture was made. */
export function routeMtu(packet: Packet): u32 {
  const linkMtu = load<u32>(packet.route, Program.ROUTE_MTU);
  const mtu = packet.family == 4 ? linkMtu : max(linkMtu, IP6_MTU_MIN);
  return hasFlag(Engine.ENGINE_FOLLOW) && packet.fragments == 0 ? followedMtu(packet, mtu) : mtu;
}

function mayForward4(packet: Packet): bool {
  const header = changetype<Ip4Header>(packet.address);
  if (header.ttl <= 1) {
    answerError(packet, Wire.ICMP4_TIME_EXCEEDED, 0);
    return refuse(packet, Verdict.REASON_TTL);
  }
  const mtu = routeMtu(packet);
  if (isTooBig4(packet, header, mtu)) {
    answerError(packet, Wire.ICMP4_UNREACHABLE, FRAGMENTATION_NEEDED, bswap<u32>(mtu));
    return refuse(packet, Verdict.REASON_TOO_BIG);
  }
  // One less in the high byte of its word is one more in the checksum (RFC 1141).
  const checksum = header.checksum + 1;
  header.checksum = checksum + (checksum >= 0xffff ? 1 : 0);
  header.ttl -= 1;
  return true;
}

/** A packet put together from fragments is judged by the largest of them (ip_exceeds_mtu). */
function isTooBig4(packet: Packet, header: Ip4Header, mtu: u32): bool {
  if (packet.bytes <= mtu || (header.fragment & Wire.IP4_DONT_FRAGMENT) == 0) return false;
  return packet.fragmentBytesMax == 0 || packet.fragmentBytesMax > mtu;
}

function mayForward6(packet: Packet): bool {
  const header = changetype<Ip6Header>(packet.address);
  if (header.hopLimit <= 1) {
    answerError(packet, Wire.ICMP6_TIME_EXCEEDED, 0);
    return refuse(packet, Verdict.REASON_TTL);
  }
  if (packet.outInterface != packet.inInterface && !maySourceCross(packet)) return false;
  const mtu = routeMtu(packet);
  const largest = packet.fragmentBytesMax == 0 ? packet.bytes : packet.fragmentBytesMax;
  if (packet.bytes > mtu && largest > mtu) {
    answerError(packet, Wire.ICMP6_TOO_BIG, 0, bswap<u32>(mtu));
    return refuse(packet, Verdict.REASON_TOO_BIG);
  }
  header.hopLimit -= 1;
  return true;
}

/** Whether the packet's source may leave its link; on the same link any source goes (ip6_forward). */
function maySourceCross(packet: Packet): bool {
  const src = srcAddress(packet);
  if (load<u64>(src) == 0 && (load<u64>(src, 8) == 0 || load<u64>(src, 8) == LOOPBACK_TAIL)) {
    return refuse(packet, Verdict.REASON_MARTIAN_SOURCE);
  }
  if (!isLinkLocal6(src)) return true;
  answerError(packet, Wire.ICMP6_UNREACHABLE, BEYOND_SCOPE);
  return refuse(packet, Verdict.REASON_LINK_LOCAL);
}

function refuse(packet: Packet, reason: u32): bool {
  finish(packet, Verdict.VERDICT_DROP, reason);
  return false;
}

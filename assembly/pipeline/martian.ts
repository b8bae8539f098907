/** Addresses that no packet from a wire may have (ip_route_input_slow, ipv6_rcv, ip6_forward; rp_filter is off). */

import * as Descriptor from "../layout/descriptor";
import * as Program from "../layout/program";
import * as Verdict from "../layout/verdict";
import { dstAddress, srcAddress } from "../answer/header";
import { Packet } from "../packet";
import { addressType } from "../route/type";
import { LOOPBACK_TAIL } from "../wire/ip6";
import { interfaceAt, isLoopback } from "./program";

/** First bytes of 127/8 and of multicast, and the broadcast address. Of 0/8 only 0.0.0.0 is special. */
const LOOPBACK_NETWORK: u32 = 127;
const MULTICAST_FIRST: u32 = 224;
const MULTICAST_LAST: u32 = 239;
const BROADCAST: u32 = 0xffff_ffff;

/** REASON_NONE, or which end is impossible: checked when an arrived IPv4 packet is routed, so behind PREROUTING. */
export function refusedAddresses(packet: Packet): u32 {
  if (packet.family == 6 || isFromLoopback(packet)) return Verdict.REASON_NONE;
  const src = load<u32>(srcAddress(packet));
  const dst = load<u32>(dstAddress(packet));
  if (isMulticast(src) || src == BROADCAST) return Verdict.REASON_MARTIAN_SOURCE;
  if (dst == BROADCAST || (src == 0 && dst == 0)) return Verdict.REASON_NONE;
  if (src == 0) return Verdict.REASON_MARTIAN_SOURCE;
  if (dst == 0) return Verdict.REASON_MARTIAN_DESTINATION;
  if (!routesLoopback(packet)) {
    if (network(dst) == LOOPBACK_NETWORK) return Verdict.REASON_MARTIAN_DESTINATION;
    if (network(src) == LOOPBACK_NETWORK) return Verdict.REASON_MARTIAN_SOURCE;
  }
  return addressType(4, srcAddress(packet)) == Program.ROUTE_LOCAL ? Verdict.REASON_MARTIAN_SOURCE : Verdict.REASON_NONE;
}

/** Before PREROUTING: IPv6 packets from or to ::1 do not come from a wire (RFC 4291 2.5.3). */
export function refusedOnArrival(packet: Packet): u32 {
  if (packet.family == 4 || isFromLoopback(packet)) return Verdict.REASON_NONE;
  if (isLoopback6(srcAddress(packet))) return Verdict.REASON_MARTIAN_SOURCE;
  return isLoopback6(dstAddress(packet)) ? Verdict.REASON_MARTIAN_DESTINATION : Verdict.REASON_NONE;
}

/** Whether a packet with this reason ends before its options are looked at; what has no route does not (ip_rcv_finish). */
export function isMartian(reason: u32): bool {
  return reason == Verdict.REASON_MARTIAN_SOURCE || reason == Verdict.REASON_MARTIAN_DESTINATION;
}

function isMulticast(address: u32): bool {
  const first = network(address);
  return first >= MULTICAST_FIRST && first <= MULTICAST_LAST;
}

/** The first byte of an address in network order. */
function network(address: u32): u32 {
  return address & 0xff;
}

function isLoopback6(address: usize): bool {
  return load<u64>(address) == 0 && load<u64>(address, 8) == LOOPBACK_TAIL;
}

function isFromLoopback(packet: Packet): bool {
  return packet.inInterface != Descriptor.NO_INTERFACE && isLoopback(packet.inInterface);
}

/** net.ipv4.conf.*.route_localnet of the way in. */
function routesLoopback(packet: Packet): bool {
  if (packet.inInterface == Descriptor.NO_INTERFACE) return false;
  return (load<u32>(interfaceAt(packet.inInterface), Program.INTERFACE_FLAGS) & Program.INTERFACE_ROUTE_LOCALNET) != 0;
}

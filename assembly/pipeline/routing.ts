/** Where a packet goes: after PREROUTING for those that arrive, before OUTPUT for the node's own. */

import * as Descriptor from "../layout/descriptor";
import * as Program from "../layout/program";
import * as Verdict from "../layout/verdict";
import { dstAddress } from "../answer/header";
import { Packet, finish } from "../packet";
import { adjacencyOf, lookupRoute } from "../route/lookup";
import { traceRoute } from "../trace/record";
import { isLinkLocal6 } from "../wire/ip6";
import { refusedAddresses } from "./martian";
import { isForwarding, loopbackInterface } from "./program";

/** The route of what is for everybody on a link, which no table holds: ROUTE_BROADCAST, and nothing else. */
const everybody: usize = memory.data<u64>([Program.ROUTE_BROADCAST, 0, 0, 0, 0, 0, 0, 0], 8);
if (Program.ROUTE_SIZE != 64) ERROR("everybody is no route");

/** 224.0.0.0/4 and 255.255.255.255, as loaded. */
const GROUP: u32 = 0xe0;
const GROUP_MASK: u32 = 0xf0;
const LIMITED_BROADCAST: u32 = 0xffff_ffff;

/** The first eight bytes of fe80::/64, as loaded. */
const LINK_PREFIX: u64 = 0x80fe;

/** The destination that the packet's route was looked up for. */
const routed: usize = memory.data(16, 16);

/**
 * Finds the route of a packet that arrived (ip_route_input_slow, ip6_route_input). REASON_NONE: packet.route is one to
 * the node itself, to many, or onwards; else why there is none that could be taken.
 */
export function routeInput(packet: Packet): u32 {
  const reason = findInputRoute(packet);
  traceRoute(packet, reason);
  return reason;
}

/** The same where no trace is to tell of it. */
export function findInputRoute(packet: Packet): u32 {
  const refused = refusedAddresses(packet);
  if (refused != Verdict.REASON_NONE) return refused;
  packet.route = isForEverybody4(packet) ? everybody : lookupRoute(packet.family, dstAddress(packet));
  if (isForGroup4(packet)) return Verdict.REASON_BROADCAST;
  if (packet.route == 0 || leavesItsLink(packet)) return Verdict.REASON_NO_ROUTE;
  const reason = reasonOfType(routeType(packet));
  if (reason != Verdict.REASON_NONE) return reason;
  return routeType(packet) == Program.ROUTE_UNICAST && !isForwarding(packet.family)
    ? Verdict.REASON_NOT_FORWARDING
    : Verdict.REASON_NONE;
}

/**
 * IPv6 addresses of a link are looked for on the link by which the packet came, as the gateway's way is if it leads there
 * (rt6_need_strict). Each link has fe80::/64 for itself, of which the table holds one.
 */
function leavesItsLink(packet: Packet): bool {
  if (packet.family == 4 || !isLinkLocal6(dstAddress(packet)) || load<u64>(dstAddress(packet)) == LINK_PREFIX) return false;
  return routeType(packet) == Program.ROUTE_UNICAST && load<u16>(packet.route, Program.ROUTE_INTERFACE) != packet.inInterface;
}

/** The limited broadcast address, or from nobody to nobody: for everybody on the link (ip_route_input_slow). */
function isForEverybody4(packet: Packet): bool {
  if (packet.family == 6) return false;
  const dst = load<u32>(dstAddress(packet));
  return dst == LIMITED_BROADCAST || dst == 0;
}

/** IPv4 groups: no route leads there, and nothing of the node listens. */
function isForGroup4(packet: Packet): bool {
  return packet.family == 4 && (load<u32>(dstAddress(packet)) & GROUP_MASK) == GROUP;
}

/** Finds the route of a packet that the node sends, and with it the interface. False: it has its verdict. */
export function routeOutput(packet: Packet): bool {
  memory.copy(routed, dstAddress(packet), addressBytes(packet));
  packet.route = lookupRoute(packet.family, routed);
  const reason = packet.route == 0 ? Verdict.REASON_NO_ROUTE : reasonOfType(routeType(packet));
  traceRoute(packet, reason);
  if (reason != Verdict.REASON_NONE) {
    finish(packet, Verdict.VERDICT_DROP, reason);
    return false;
  }
  // Whatever interface has the address, what the node sends to itself goes over loopback.
  packet.outInterface = isToItself(packet) ? loopbackInterface() : load<u16>(packet.route, Program.ROUTE_INTERFACE);
  return true;
}

/** Routes again if OUTPUT has changed the destination (ip_route_me_harder). False: the packet has its verdict. */
export function rerouteOutput(packet: Packet): bool {
  if (packet.route == 0 || memory.compare(routed, dstAddress(packet), addressBytes(packet)) == 0) return true;
  return routeOutput(packet);
}

/** The route's link, for a packet that is about to leave. */
export function resolveAdjacency(packet: Packet): void {
  if (packet.outInterface == Descriptor.NO_INTERFACE) return;
  packet.adjacency = adjacencyOf(packet.route, packet.family, dstAddress(packet));
}

/** Whether the node sends the packet to one of its own addresses. */
export function isToItself(packet: Packet): bool {
  return packet.route != 0 && routeType(packet) == Program.ROUTE_LOCAL;
}

/** ROUTE_* of the packet's route. */
export function routeType(packet: Packet): u32 {
  return load<u8>(packet.route, Program.ROUTE_TYPE);
}

function reasonOfType(type: u32): u32 {
  if (type == Program.ROUTE_BLACKHOLE) return Verdict.REASON_BLACKHOLE;
  if (type == Program.ROUTE_UNREACHABLE) return Verdict.REASON_UNREACHABLE;
  if (type == Program.ROUTE_PROHIBIT) return Verdict.REASON_PROHIBIT;
  return Verdict.REASON_NONE;
}

function addressBytes(packet: Packet): usize {
  return packet.family == 4 ? 4 : 16;
}

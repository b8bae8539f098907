/** What kind of address an address is for the node: its own, a broadcast, a group, or somebody's. */

import * as Program from "../layout/program";
import { lookupRoute } from "./lookup";

/** The first byte, and its mask, of IPv4 groups (224.0.0.0/4) and IPv6 groups (ff00::/8). */
const GROUP4: u32 = 0xe0;
const GROUP4_MASK: u32 = 0xf0;
const GROUP6: u32 = 0xff;
const LIMITED_BROADCAST: u32 = 0xffff_ffff;

/** ROUTE_* of an address (network order), as inet_addr_type() and nft_fib6_eval_type() of Linux tell it. */
export function addressType(family: u32, address: usize): u32 {
  return family == 4 ? addressType4(address) : addressType6(address);
}

/** Only the local table counts: an address that a blackhole route leads to is somebody's all the same. */
function addressType4(address: usize): u32 {
  const first: u32 = load<u8>(address);
  if (load<u32>(address) == 0 || load<u32>(address) == LIMITED_BROADCAST) return Program.ROUTE_BROADCAST;
  if ((first & GROUP4_MASK) == GROUP4) return Program.ROUTE_MULTICAST;
  const route = lookupRoute(4, address);
  const type: u32 = route == 0 ? Program.ROUTE_UNICAST : load<u8>(route, Program.ROUTE_TYPE);
  return type == Program.ROUTE_LOCAL || type == Program.ROUTE_BROADCAST ? type : Program.ROUTE_UNICAST;
}

/** The whole table counts: without a route an address is unreachable. */
function addressType6(address: usize): u32 {
  const route = lookupRoute(6, address);
  const type: u32 = route == 0 ? Program.ROUTE_UNREACHABLE : load<u8>(route, Program.ROUTE_TYPE);
  return type == Program.ROUTE_UNICAST && load<u8>(address) == GROUP6 ? Program.ROUTE_MULTICAST : type;
}

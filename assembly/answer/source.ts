/** Which address an error about a packet comes from. */

import * as Engine from "../layout/engine";
import * as Program from "../layout/program";
import { engine } from "../memory/engine";
import { Packet } from "../packet";
import { lookupRoute } from "../route/lookup";
import { addressType } from "../route/type";
import { dstAddress, srcAddress } from "./header";

/**
 * Address of the source address: the packet's destination if that is the node's own, else what the route to the address
 * at `towards`, where the error goes, prefers; about IPv6 packets the link speaks by which they came (icmp_send, icmp6_send), but to itself, about a
 * packet that was given its address, the node speaks from there (RFC 6724 5, rule 1). Over a bridge the destination
 * speaks for itself. 0: there is no way back.
 */
export function errorSource(cause: Packet, towards: usize): usize {
  const program: usize = load<u32>(engine, Engine.PROGRAM);
  const isWire = (load<u32>(program, Program.FLAGS) & Program.PROGRAM_WIRE) != 0;
  if (isWire || isForNode(cause)) return dstAddress(cause);
  if (cause.family == 6) {
    if (addressType(6, srcAddress(cause)) == Program.ROUTE_LOCAL) return srcAddress(cause);
    const entered = entranceAddress6(program, cause.inInterface);
    if (entered != 0) return entered;
  }
  return routeSource(cause.family, towards);
}

/** Address of the source that the route to an address prefers; 0: there is no way there. */
export function routeSource(family: u32, towards: usize): usize {
  const route = lookupRoute(family, towards);
  if (route == 0 || (load<u16>(route, Program.ROUTE_FLAGS) & Program.ROUTE_HAS_SOURCE) == 0) return 0;
  return route + Program.ROUTE_SOURCE;
}

/** Address of the interface's own address; 0: it has none. */
function entranceAddress6(program: usize, index: u32): usize {
  if (index >= load<u32>(program, Program.INTERFACE_COUNT)) return 0;
  const address = program + load<u32>(program, Program.INTERFACES) + <usize>index * Program.INTERFACE_SIZE + Program.INTERFACE_ADDRESS6;
  return (load<u64>(address) | load<u64>(address, 8)) != 0 ? address : 0;
}

/** IPv4 asks the route that the packet has taken; IPv6 asks whether it has the address, or answers to it with others. */
function isForNode(cause: Packet): bool {
  if (cause.family == 6) {
    const type = addressType(6, dstAddress(cause));
    return type == Program.ROUTE_LOCAL || type == Program.ROUTE_ANYCAST;
  }
  return cause.route != 0 && load<u8>(cause.route, Program.ROUTE_TYPE) == Program.ROUTE_LOCAL;
}

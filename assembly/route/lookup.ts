/** Routes: the longest prefix that holds an address, and the way to a next hop. */

import * as Engine from "../layout/engine";
import * as Program from "../layout/program";
import { engine } from "../memory/engine";
import { copyWords } from "../memory/words";
import { findValue } from "../rules/sets";

/** Marks an entry of the trie that leads to another node. */
const IS_NODE: u32 = 1;

const neighbourKey: usize = memory.data(20, 8);

/** Address of the route that the active program has for the address (network order); 0: none. */
export function lookupRoute(family: u32, address: usize): usize {
  const program: usize = load<u32>(engine, Engine.PROGRAM);
  let node: u32 = family == 4 ? load<u32>(program, Program.ROUTES4) : load<u32>(program, Program.ROUTES6);
  const end = address + (family == 4 ? 4 : 16);
  while (address < end) {
    const entry = load<u32>(program + node + (<usize>load<u8>(address) << 2));
    if ((entry & IS_NODE) == 0) return entry == 0 ? 0 : program + entry;
    node = entry & ~IS_NODE;
    address++;
  }
  assert(false, "the route trie is deeper than an address");
  return 0;
}

/**
 * Address of the adjacency by which a route's packets leave: the gateway's, else the destination's own. Where no link
 * address is known, the interface's unresolved one; 0: the route has no interface.
 */
export function adjacencyOf(route: usize, family: u32, destination: usize): usize {
  const program: usize = load<u32>(engine, Engine.PROGRAM);
  let index: u32 = load<u16>(route, Program.ROUTE_ADJACENCY);
  if (index == Program.NO_ADJACENCY) {
    const out: u32 = load<u16>(route, Program.ROUTE_INTERFACE);
    if (out >= load<u32>(program, Program.INTERFACE_COUNT)) return 0;
    const neighbour = findNeighbour(program, out, family, destination);
    const at = program + load<u32>(program, Program.INTERFACES) + <usize>out * Program.INTERFACE_SIZE;
    index = neighbour != 0 ? load<u32>(neighbour) : load<u16>(at, Program.INTERFACE_ADJACENCY);
  }
  assert(index < load<u32>(program, Program.ADJACENCY_COUNT), "no such adjacency");
  return program + load<u32>(program, Program.ADJACENCIES) + <usize>index * Program.ADJACENCY_SIZE;
}

/** Address of the index of the neighbour's adjacency; 0: its link address is not known. */
function findNeighbour(program: usize, out: u32, family: u32, destination: usize): usize {
  const bytes: usize = family == 4 ? 4 : 16;
  copyWords(neighbourKey, destination, bytes);
  store<u32>(neighbourKey + bytes, out);
  return findValue(program + load<u32>(program + (family == 4 ? Program.NEIGHBOURS4 : Program.NEIGHBOURS6)), neighbourKey);
}

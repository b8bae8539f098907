/** Routes of one family: which of several wins, the records, and the trie that finds them. */

import * as Descriptor from "../../assembly/layout/descriptor.ts";
import * as Layout from "../../assembly/layout/program.ts";
import { compareBytes, parseAddress } from "../network/address.ts";
import { type Prefix, parsePrefix } from "../network/prefix.ts";
import type { NodeNetwork, Route } from "../network/types.ts";
import type { Adjacencies } from "./adjacencies.ts";
import { addressesOf, SCOPES, type SourceAddresses, selectSource } from "./sources.ts";
import { PrefixTrie } from "./trie.ts";
import type { ImageWriter } from "./writer.ts";

const TYPES: Readonly<Record<Route["type"], number>> = {
  unicast: Layout.ROUTE_UNICAST,
  local: Layout.ROUTE_LOCAL,
  broadcast: Layout.ROUTE_BROADCAST,
  anycast: Layout.ROUTE_ANYCAST,
  multicast: Layout.ROUTE_MULTICAST,
  blackhole: Layout.ROUTE_BLACKHOLE,
  unreachable: Layout.ROUTE_UNREACHABLE,
  prohibit: Layout.ROUTE_PROHIBIT,
};

/** The tables that the kernel's default rules look into, the last first (fib_default_rules_init). */
const TABLES = ["default", "main", "local"];

interface PlacedRoute {
  readonly route: Route;
  readonly prefix: Prefix;
  readonly position: number;
}

/** Appends the family's routes and their trie, and puts the trie's offset into the header. */
export function writeRoutes(
  writer: ImageWriter,
  network: NodeNetwork,
  adjacencies: Adjacencies,
  addressBytes: 4 | 16,
): void {
  const indices = new Map(network.interfaces.map(({ name }, index) => [name, index]));
  const addresses = addressesOf(network.interfaces, addressBytes);
  const neighbours = addressBytes === 4 ? adjacencies.neighbours4 : adjacencies.neighbours6;
  const trie = new PrefixTrie();
  const offsets: number[] = [0];
  for (const { route, prefix } of weakestFirst(network.routes, addressBytes)) {
    writer.align(8);
    const at = writer.reserve(Layout.ROUTE_SIZE);
    const out = route.interface === undefined ? undefined : indices.get(route.interface);
    writeRoute(writer, at, route, out);
    const gateway = route.gateway === undefined ? undefined : parseAddress(route.gateway);
    if (out !== undefined) {
      writer.set32(at + Layout.ROUTE_MTU, route.mtu ?? network.interfaces[out]?.mtu ?? 0);
      writeSources(writer, at, { route, out, hop: gateway ?? prefix.bytes, addresses });
    }
    if (out !== undefined && route.type === "broadcast") {
      writer.set16(at + Layout.ROUTE_ADJACENCY, adjacencies.broadcasts[out] ?? out);
    }
    if (out !== undefined && gateway?.length === addressBytes) {
      const known = neighbours.find((entry) => entry.interface === out && compareBytes(entry.address, gateway) === 0);
      writer.set16(at + Layout.ROUTE_ADJACENCY, known?.adjacency ?? out);
      writer.setBytes(at + Layout.ROUTE_GATEWAY, gateway);
      addFlag(writer, at, Layout.ROUTE_HAS_GATEWAY);
    }
    trie.insert(prefix, offsets.push(at) - 1);
  }
  writeTrie(writer, trie, offsets, addressBytes === 4 ? Layout.ROUTES4 : Layout.ROUTES6);
}

function writeRoute(writer: ImageWriter, at: number, route: Route, out: number | undefined): void {
  writer.set8(at + Layout.ROUTE_TYPE, TYPES[route.type]);
  writer.set8(at + Layout.ROUTE_SCOPE, scopeOf(route));
  writer.set16(at + Layout.ROUTE_INTERFACE, out ?? Descriptor.NO_INTERFACE);
  writer.set16(at + Layout.ROUTE_ADJACENCY, Layout.NO_ADJACENCY);
}

interface SourceQuestion {
  readonly route: Route;
  readonly out: number;
  readonly hop: Uint8Array;
  readonly addresses: SourceAddresses;
}

/** The source of the node's own packets (prefsrc first), and the address that masquerading takes. */
function writeSources(writer: ImageWriter, at: number, { route, out, hop, addresses }: SourceQuestion): void {
  const preferred = route.source === undefined ? undefined : parseAddress(route.source);
  const source = preferred ?? selectSource(addresses, out, hop, scopeOf(route));
  if (source !== undefined) {
    writer.setBytes(at + Layout.ROUTE_SOURCE, source);
    addFlag(writer, at, Layout.ROUTE_HAS_SOURCE);
  }
  const masquerade = selectSource(addresses, out, hop, SCOPES.global);
  if (masquerade !== undefined) {
    writer.setBytes(at + Layout.ROUTE_MASQUERADE, masquerade);
    addFlag(writer, at, Layout.ROUTE_HAS_MASQUERADE);
  }
}

function addFlag(writer: ImageWriter, at: number, flag: number): void {
  writer.set16(at + Layout.ROUTE_FLAGS, writer.get16(at + Layout.ROUTE_FLAGS) | flag);
}

function writeTrie(writer: ImageWriter, trie: PrefixTrie, offsets: readonly number[], field: number): void {
  writer.align(8);
  const start = writer.reserve(trie.nodes.length * Layout.TRIE_NODE_SIZE);
  writer.setOffset(field, start);
  trie.nodes.forEach((entries, node) => {
    const at = start + node * Layout.TRIE_NODE_SIZE;
    entries.forEach((entry, index) => {
      if (entry > 0) writer.setOffset(at + index * 4, offsets[entry] ?? 0);
      else if (entry < 0) writer.setOffset(at + index * 4, (start - entry * Layout.TRIE_NODE_SIZE) | 1);
    });
  });
}

/** In the order in which each replaces those before it: by table, length, metric; of equals the first listed wins. */
function weakestFirst(routes: readonly Route[], addressBytes: number): readonly PlacedRoute[] {
  const placed: PlacedRoute[] = [];
  routes.forEach((route, position) => {
    const prefix = parsePrefix(route.destination);
    if (prefix?.bytes.length === addressBytes && TABLES.includes(route.table)) placed.push({ route, prefix, position });
  });
  return placed.sort(
    (a, b) =>
      TABLES.indexOf(a.route.table) - TABLES.indexOf(b.route.table) ||
      a.prefix.length - b.prefix.length ||
      b.route.metric - a.route.metric ||
      b.position - a.position,
  );
}

/** The scope that the kernel gives a route of which nothing else is said: how far its next hop is. */
function scopeOf({ type, gateway }: Route): number {
  if (type === "local") return SCOPES.host;
  const isOnLink = type === "broadcast" || (type === "unicast" && gateway === undefined);
  return isOnLink ? SCOPES.link : SCOPES.global;
}

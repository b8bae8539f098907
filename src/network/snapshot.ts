/** A node's snapshot as texts → its network. What a text does not say is taken from the network that is given with it. */

import type { Problem } from "../manifest/types.ts";
import { interfacesFrom } from "./interfaces.ts";
import { type LinkJson, type NeighbourJson, type Read, type RouteJson, readList } from "./json.ts";
import { knownConnectionsFrom } from "./known-connections.ts";
import { neighboursFrom, routesFrom } from "./routes.ts";
import { socketsFrom, sysctlsFrom } from "./text.ts";
import type { NodeNetwork } from "./types.ts";

/** The files that a network is read from, and what prints them. */
export const SNAPSHOT_FILES = {
  "link.json": "ip -j -d link",
  "addr.json": "ip -j addr",
  "route.json": "ip -j route show table all",
  "route6.json": "ip -j -6 route show table all",
  "neigh.json": "ip -j neigh",
  "sysctl.txt": "sysctl net.ipv4 net.ipv6 net.netfilter",
  "conntrack.txt": "conntrack -L -o extended",
  "sockets.txt": "ss -lntuH",
} as const;

export type SnapshotFile = keyof typeof SNAPSHOT_FILES;
export type SnapshotTexts = { readonly [file in SnapshotFile]?: string };

/** `nameOf` gives the name of a file as messages should write it. */
export function networkFrom(
  texts: SnapshotTexts,
  fallback: NodeNetwork,
  nameOf: (file: SnapshotFile) => string = (file) => file,
): { readonly network: NodeNetwork; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const list = <T>(file: SnapshotFile): readonly T[] => {
    const read: Read<readonly T[]> = readList<T>(texts[file] ?? "", nameOf(file), SNAPSHOT_FILES[file]);
    problems.push(...read.problems);
    return read.value;
  };
  const links = list<LinkJson>("link.json");
  const interfaces = interfacesFrom(links, list<LinkJson>("addr.json"));
  const routes = [...routesFrom(list<RouteJson>("route.json"), 4), ...routesFrom(list<RouteJson>("route6.json"), 6)];
  const connections = knownConnectionsFrom(texts["conntrack.txt"] ?? "", nameOf("conntrack.txt"));
  problems.push(...connections.problems);
  const known = interfaces.length > 0;
  return {
    network: {
      interfaces: known ? interfaces : fallback.interfaces,
      routes: routes.length > 0 ? routes : fallback.routes,
      neighbours: neighboursFrom(list<NeighbourJson>("neigh.json")),
      sysctls: { ...fallback.sysctls, ...sysctlsFrom(texts["sysctl.txt"] ?? "") },
      sockets: socketsFrom(texts["sockets.txt"] ?? ""),
      connections: connections.value,
      kind: known || routes.length > 0 ? "node" : fallback.kind,
      linkAddresses: interfaces.some((device) => device.mac !== undefined),
    },
    problems,
  };
}

/** Routes and neighbours, from `ip -j route show table all`, `ip -j -6 route show table all` and `ip -j neigh`. */

import type { NeighbourJson, RouteJson } from "./json.ts";
import type { Neighbour, Route } from "./types.ts";

const TYPES = ["unicast", "local", "broadcast", "anycast", "multicast", "blackhole", "unreachable", "prohibit"];
/** The states of a neighbour whose link address the kernel would not use. */
const UNUSABLE = ["FAILED", "INCOMPLETE"];

/** `ip -j route show table all` prints IPv6 routes, too, which `ip -j -6 route` says again: they are left out. */
export function routesFrom(routes: readonly RouteJson[], family: 4 | 6): Route[] {
  return routes.filter((json) => family === 6 || !isIp6(json)).flatMap((json) => route(json, family));
}

function isIp6({ dst, gateway }: RouteJson): boolean {
  return dst?.includes(":") === true || gateway?.includes(":") === true;
}

/** Neighbours whose link address can be used. */
export function neighboursFrom(neighbours: readonly NeighbourJson[]): Neighbour[] {
  return neighbours.flatMap(({ dst, dev, lladdr, state }) => {
    if (dst === undefined || dev === undefined || lladdr === undefined) return [];
    if (state?.some((name) => UNUSABLE.includes(name))) return [];
    return [{ address: dst, interface: dev, mac: lladdr.toLowerCase() }];
  });
}

/** A multipath route goes by its first next hop: which one a packet takes depends on a hash that only the node knows. */
function route(json: RouteJson, family: 4 | 6): Route[] {
  const type = json.type ?? "unicast";
  if (json.dst === undefined || !TYPES.includes(type)) return [];
  if (json.flags?.includes("dead")) return [];
  const hop = json.nexthops?.[0];
  const device = json.dev ?? hop?.dev;
  const gateway = json.gateway ?? json.via?.host ?? hop?.gateway;
  const mtu = json.metrics?.find((metric) => metric.mtu !== undefined)?.mtu;
  return [
    {
      type: type as Route["type"],
      destination: prefix(json.dst, family),
      ...(device !== undefined ? { interface: device } : {}),
      ...(gateway !== undefined ? { gateway } : {}),
      ...(json.prefsrc !== undefined ? { source: json.prefsrc } : {}),
      table: json.table ?? "main",
      metric: json.metric ?? 0,
      ...(mtu !== undefined ? { mtu } : {}),
    },
  ];
}

/** `ip` leaves out the length of host routes and calls 0.0.0.0/0 "default". */
function prefix(destination: string, family: 4 | 6): string {
  if (destination === "default") return family === 4 ? "0.0.0.0/0" : "::/0";
  if (destination.includes("/")) return destination;
  return `${destination}/${family === 4 ? 32 : 128}`;
}

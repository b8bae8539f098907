/** `ip route add|replace|del …`: what it does to a node's routes. */

import { parseAddress } from "../network/address.ts";
import { parsePrefix } from "../network/prefix.ts";
import type { Route } from "../network/types.ts";
import type { Command, RouteVerb } from "./types.ts";

const VERBS: Readonly<Record<string, RouteVerb>> = {
  add: "add",
  a: "add",
  replace: "replace",
  change: "replace",
  delete: "delete",
  del: "delete",
};
const TYPES: readonly string[] = ["unicast", "local", "broadcast", "blackhole", "unreachable", "prohibit"];
/** Words with a value that says nothing of where packets go. */
const IGNORED: readonly string[] = ["proto", "scope", "pref"];
/** The metric of an IPv6 route that is given none (IP6_RT_PRIO_USER). */
const METRIC6 = 1024;

/** The words behind `ip route`; a text says what is wrong with them. */
export function readRouteCommand(words: readonly string[], isIp6: boolean): Command | string {
  const [verbWord = "", ...rest] = words;
  const verb = VERBS[verbWord];
  if (verb === undefined) return `ip route ${verbWord}: it has add, replace and del`;
  const hasType = TYPES.includes(rest[0] ?? "");
  const [destination = "", ...options] = hasType ? rest.slice(1) : rest;
  const family6 = isIp6 || destination.includes(":");
  const canonical = destination === "default" ? (family6 ? "::/0" : "0.0.0.0/0") : withLength(destination);
  if (canonical === undefined) return `${destination}: not a destination`;
  const base: Route = {
    type: (hasType ? rest[0] : "unicast") as Route["type"],
    destination: canonical,
    table: "main",
    metric: family6 ? METRIC6 : 0,
  };
  const route = withOptions(base, options);
  return typeof route === "string" ? route : { kind: "route", verb, route };
}

/** The routes after the command. A route is known by destination, table and metric, as the kernel knows it. */
export function changedRoutes(routes: readonly Route[], verb: RouteVerb, route: Route): readonly Route[] {
  const others = verb === "add" ? routes : routes.filter((other) => !isSame(other, route));
  return verb === "delete" ? others : [...others, route];
}

function isSame(a: Route, b: Route): boolean {
  return a.destination === b.destination && a.table === b.table && a.metric === b.metric;
}

function withOptions(base: Route, words: readonly string[]): Route | string {
  let route = base;
  for (let at = 0; at < words.length; at += 2) {
    const [name = "", value] = [words[at], words[at + 1]];
    if (value === undefined) return `${name} has no value`;
    const option = optionOf(name, value);
    if (option === undefined) return `ip route's ${name} ${value} is not understood`;
    route = { ...route, ...option };
  }
  return route;
}

function optionOf(name: string, value: string): Partial<Route> | undefined {
  const number = Number(value);
  if (name === "dev") return { interface: value };
  if (name === "table") return { table: value };
  if ((name === "via" || name === "src") && parseAddress(value) !== undefined) {
    return name === "via" ? { gateway: value } : { source: value };
  }
  if (name === "metric" && Number.isInteger(number)) return { metric: number };
  if (name === "mtu" && Number.isInteger(number)) return { mtu: number };
  return IGNORED.includes(name) ? {} : undefined;
}

/** `ip` takes a host's address without its length. */
function withLength(destination: string): string | undefined {
  const prefix = parsePrefix(destination);
  if (prefix === undefined) return undefined;
  return destination.includes("/") ? destination : `${destination}/${prefix.length}`;
}

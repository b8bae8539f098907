/** What is kept without being taken apart (see Foreign), in nft's words: it need not be run to be printed. */

import { isList, isObject, type Json, type JsonObject } from "./json.ts";
import type { Foreign, Statement } from "./types.ts";

type Writer = (fields: JsonObject) => string;

const WRITERS: Readonly<Record<string, Writer>> = {
  socket: ({ key, level }) => words("socket", key, ...(level === undefined ? [] : ["level", level])),
  osf: ({ ttl, key }) => words("osf", ...(ttl === undefined ? [] : ["ttl", ttl]), key),
  ipsec: ({ dir, spnum, family, key }) => words("ipsec", dir, ...(spnum ? ["spnum", spnum] : []), family, key),
  tproxy: ({ family, addr, port }) => words("tproxy", family, "to", place(addr, port)),
  dup: ({ addr, dev }) => words("dup to", addr, ...(dev === undefined ? [] : ["device", dev])),
  fwd: ({ dev, family, addr }) =>
    addr === undefined ? words("fwd to", dev) : words("fwd", family, "to", addr, "device", dev),
  synproxy: ({ mss, wscale, flags }) => words("synproxy", ...synproxyWords({ mss, wscale, flags })),
  flow: ({ flowtable }) => words("flow add", flowtable),
  tunnel: ({ key }) => words("tunnel", key),
};

/** Without a body. */
const PLAIN = ["last"];

/** What nft would not take back is written so that it refuses it, instead of a rule that means something else. */
export function foreignText(foreign: Foreign | Statement): string {
  if (foreign.kind !== "foreign") return `<${foreign.kind}>`;
  const { json, what } = foreign;
  if (typeof json === "string") return json;
  const [kind, fields] = isObject(json) ? (Object.entries(json)[0] ?? [""]) : [""];
  if (PLAIN.includes(kind)) return kind;
  const write = WRITERS[kind];
  return write === undefined || !isObject(fields) ? `<${what}>` : write(fields);
}

/** The words of a synproxy, in a rule or as an object. */
export function synproxyWords({ mss, wscale, flags }: JsonObject): string[] {
  return [
    ...(mss === undefined ? [] : [`mss ${mss}`]),
    ...(wscale === undefined ? [] : [`wscale ${wscale}`]),
    ...(isList(flags) ? flags : [flags]).flatMap((flag) => (typeof flag === "string" ? [flag] : [])),
  ];
}

function place(address: Json | undefined, port: Json | undefined): string {
  const host = address === undefined ? "" : String(address);
  return port === undefined ? host : `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

function words(...parts: readonly (Json | undefined)[]): string {
  return parts
    .filter((part) => part !== undefined)
    .map(String)
    .join(" ");
}

/** Which connections `conntrack -D` ends: its options, and whether a connection has all that they ask for. */

import type { Connection } from "../engine/connections.ts";
import { addressOf } from "../network/address.ts";
import { parsePrefix, prefixContains } from "../network/prefix.ts";

/** Each condition of one connection. None: all connections are meant. */
export type ConnectionFilter = readonly ((connection: Connection) => boolean)[];

/** What an option's value is, and what of a connection it is compared with. */
type Option =
  | { readonly kind: "address"; readonly of: (connection: Connection) => string }
  | { readonly kind: "number"; readonly of: (connection: Connection) => number | undefined }
  | { readonly kind: "protocol" }
  | { readonly kind: "family" };

const OPTIONS: readonly (readonly [names: readonly string[], option: Option])[] = [
  [["-p", "--proto", "--protonum"], { kind: "protocol" }],
  [["-f", "--family"], { kind: "family" }],
  [["-s", "--src", "--orig-src"], { kind: "address", of: ({ original }) => original.src }],
  [["-d", "--dst", "--orig-dst"], { kind: "address", of: ({ original }) => original.dst }],
  [["-r", "--reply-src"], { kind: "address", of: ({ reply }) => reply.src }],
  [["-q", "--reply-dst"], { kind: "address", of: ({ reply }) => reply.dst }],
  [["--sport", "--orig-port-src"], { kind: "number", of: ({ original }) => original.sport }],
  [["--dport", "--orig-port-dst"], { kind: "number", of: ({ original }) => original.dport }],
  [["--reply-port-src"], { kind: "number", of: ({ reply }) => reply.sport }],
  [["--reply-port-dst"], { kind: "number", of: ({ reply }) => reply.dport }],
  [["-m", "--mark"], { kind: "number", of: ({ mark }) => mark }],
];

/** What stands behind `conntrack -D`; a text says what is wrong with it. */
export function readConnectionFilter(words: readonly string[]): ConnectionFilter | string {
  const filter: ((connection: Connection) => boolean)[] = [];
  for (let at = 0; at < words.length; at += 2) {
    const [name = "", value] = [words[at], words[at + 1]];
    const option = OPTIONS.find(([names]) => names.includes(name))?.[1];
    if (option === undefined) return `conntrack's option ${name} is not known here`;
    if (value === undefined) return `${name} has no value`;
    const condition = conditionOf(option, value);
    if (condition === undefined) return `${name} ${value}: not a value that it takes`;
    filter.push(condition);
  }
  return filter;
}

export function isMeant(connection: Connection, filter: ConnectionFilter): boolean {
  return filter.every((condition) => condition(connection));
}

function conditionOf(option: Option, value: string): ConnectionFilter[number] | undefined {
  if (option.kind === "protocol") return ({ protocol }) => protocol === value;
  if (option.kind === "family") return ofFamily(value);
  if (option.kind === "address") return atAddress(option.of, value);
  const number = Number(value);
  return Number.isInteger(number) && number >= 0 ? (connection) => option.of(connection) === number : undefined;
}

function ofFamily(value: string): ConnectionFilter[number] | undefined {
  if (value !== "ipv4" && value !== "ipv6") return undefined;
  return ({ original }) => original.src.includes(":") === (value === "ipv6");
}

/** An address, or a network of them. */
function atAddress(of: (connection: Connection) => string, value: string): ConnectionFilter[number] | undefined {
  const prefix = parsePrefix(value);
  return prefix === undefined ? undefined : (connection) => prefixContains(prefix, addressOf(of(connection)));
}

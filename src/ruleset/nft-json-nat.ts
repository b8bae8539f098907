/** Translations of libnftables-json(5). */

import { isList, isObject, type Json, objectOf, oneOf } from "./json.ts";
import { readExpression } from "./nft-json-expression.ts";
import { isConstant, readLiteral } from "./nft-json-literal.ts";
import type { StatementContext } from "./nft-json-statement.ts";
import type { DataType, Expression, NamedSet, Nat } from "./types.ts";

const NAT_KINDS = ["dnat", "snat", "masquerade", "redirect"] as const;
const NAT_FLAGS = ["random", "fully-random", "persistent"] as const;
const NAT_FAMILIES = ["ip", "ip6"] as const;
/** Words for the same: the bits beyond a prefix stay. */
const PREFIX_FLAGS: readonly Json[] = ["netmap", "prefix"];
/** Said of maps whose values are ranges or pairs, which they say themselves. */
const REDUNDANT_FLAGS: readonly Json[] = ["interval", "concat"];

export function isNatKind(kind: string): kind is Nat["kind"] {
  return NAT_KINDS.some((name) => name === kind);
}

export function readNat(kind: Nat["kind"], value: Json, context: StatementContext): Nat {
  const { family, addr, port, flags = [], type_flags = [] } = value === null ? {} : objectOf(value, kind);
  const network = family === undefined ? undefined : oneOf(family, NAT_FAMILIES, "nat family");
  const address: DataType = (network ?? context.family) === "ip6" ? "ipv6_addr" : "ipv4_addr";
  const target = addr === undefined ? undefined : readExpression(addr, [address, "inet_service"]);
  const words = [...listed(flags), ...listed(type_flags)];
  const isPrefix = words.some((word) => PREFIX_FLAGS.includes(word));
  const others = words.filter((word) => !PREFIX_FLAGS.includes(word) && !REDUNDANT_FLAGS.includes(word));
  return {
    kind,
    ...(network === undefined ? {} : { family: network }),
    ...(target === undefined ? {} : { target }),
    ...(target !== undefined && givesPort(target, context.sets) ? { addressAndPort: true } : {}),
    ...(port === undefined ? {} : readPort(port)),
    ...(isPrefix ? { prefix: true } : {}),
    flags: others.map((flag) => oneOf(flag, NAT_FLAGS, "nat flag")),
  };
}

function readPort(json: Json): Pick<Nat, "port" | "portOf"> {
  if (isObject(json) && !isConstant(json)) return { portOf: readExpression(json, ["inet_service"]) };
  return { port: readLiteral(json, "inet_service") };
}

function listed(json: Json): readonly Json[] {
  return isList(json) ? json : [json];
}

/** The target is a pair, or a map whose values are an address with its port. */
function givesPort(target: Expression, sets: readonly NamedSet[]): boolean {
  if (target.kind === "literal") return target.parts.length === 2;
  if (target.kind !== "map") return false;
  const { map } = target;
  if (map.kind === "named") return sets.find(({ name }) => name === map.name)?.value?.length === 2;
  return map.elements.some(({ value }) => Array.isArray(value) && value.length === 2);
}

/** The type of an expression's value, which decides how nft writes constants that are compared with it. */

import type { DataType, Expression } from "./types.ts";

const META_TYPES: Readonly<Record<Extract<Expression, { kind: "meta" }>["key"], DataType>> = {
  mark: "mark",
  l4proto: "inet_proto",
  nfproto: "integer",
  length: "integer",
  iif: "ifname",
  oif: "ifname",
  iifname: "ifname",
  oifname: "ifname",
  pkttype: "integer",
};

/** One type per part of a concatenation, else one. Literals have none of their own: "integer". */
export function dataTypes(expression: Expression): readonly DataType[] {
  switch (expression.kind) {
    case "concat":
      return expression.parts.flatMap(dataTypes);
    case "bitwise":
      return dataTypes(expression.left);
    case "meta":
      return [META_TYPES[expression.key]];
    case "ct":
      return [expression.key === "mark" ? "mark" : expression.key === "state" ? "ct_state" : "integer"];
    case "fib":
      return [expression.result === "type" ? "fib_addrtype" : "ifname"];
    case "payload":
      return [payloadType(expression.protocol, expression.field)];
    default:
      return ["integer"];
  }
}

/** Matching a value of this expression means sharing a bit with the constant (nft's implicit operator, JSON's "in"). */
export function isBitSet(expression: Expression): boolean {
  switch (expression.kind) {
    case "ct":
      return expression.key === "state" || expression.key === "status";
    case "payload":
      return expression.protocol === "tcp" && expression.field === "flags";
    default:
      return false;
  }
}

function payloadType(protocol: string, field: string): DataType {
  if (field === "saddr" || field === "daddr") return protocol === "ip6" ? "ipv6_addr" : "ipv4_addr";
  if (field === "sport" || field === "dport") return "inet_service";
  return field === "protocol" || field === "nexthdr" ? "inet_proto" : "integer";
}

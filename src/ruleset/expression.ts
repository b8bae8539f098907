/** What rules compute with: values of packets, connections, routes and chance, and what is made of them. */

import type { Json } from "./json.ts";
import type { CT_KEYS, META_KEYS, PAYLOAD_PROTOCOLS } from "./nft-words.ts";
import type { DataType, Literal, SetReference } from "./types.ts";

export type Expression =
  | { readonly kind: "payload"; readonly protocol: PayloadProtocol; readonly field: string }
  | RawPayload
  | ExtensionHeader
  | HeaderOption
  | { readonly kind: "meta"; readonly key: MetaKey }
  | { readonly kind: "ct"; readonly key: CtKey; readonly direction?: "original" | "reply" }
  | RouteKey
  | {
      readonly kind: "fib";
      readonly flags: readonly ("saddr" | "daddr" | "mark" | "iif" | "oif")[];
      readonly result: "type" | "oif" | "oifname";
    }
  | {
      readonly kind: "bitwise";
      readonly operator: "&" | "|" | "^" | "<<" | ">>";
      readonly left: Expression;
      readonly right: number;
    }
  /** iptables only: of two values. */
  | { readonly kind: "combined"; readonly operator: "^"; readonly left: Expression; readonly right: Expression }
  /** iptables only: more, or with a negative number less, but not below 0 or above `max`. */
  | { readonly kind: "sum"; readonly left: Expression; readonly right: number; readonly max: number }
  /** Bits of an address: those that the mask has. */
  | { readonly kind: "mask"; readonly left: Expression; readonly mask: string }
  | { readonly kind: "concat"; readonly parts: readonly Expression[] }
  | { readonly kind: "numgen"; readonly mode: "random" | "inc"; readonly modulus: number; readonly offset: number }
  | Hash
  | { readonly kind: "map"; readonly key: Expression; readonly map: SetReference }
  | { readonly kind: "literal"; readonly parts: readonly Literal[] }
  | Foreign;

export type PayloadProtocol = (typeof PAYLOAD_PROTOCOLS)[number];

export type MetaKey = (typeof META_KEYS)[number];

export type CtKey = (typeof CT_KEYS)[number];

/** Bytes and bits of a header by their place: `@th,16,32`. */
export interface RawPayload {
  readonly kind: "raw";
  /** Link, network, transport header; what follows the transport header. */
  readonly base: "ll" | "nh" | "th" | "ih";
  /** In bits. */
  readonly offset: number;
  readonly length: number;
}

/** A field of an IPv6 extension header; without a field, whether the header is there. */
export interface ExtensionHeader {
  readonly kind: "exthdr";
  readonly name: string;
  readonly field?: string;
  readonly offset?: number;
}

/** A field of an option, or of an SCTP chunk; without a field, whether it is there. */
export interface HeaderOption {
  readonly kind: "option";
  readonly header: "tcp option" | "ip option" | "sctp chunk" | "dccp option";
  /** Options without a name have a number, and bits instead of fields. */
  readonly name: string | number;
  readonly field?: string;
  readonly offset?: number;
  readonly length?: number;
}

/** What the packet's route says. */
export interface RouteKey {
  readonly kind: "rt";
  readonly key: "classid" | "nexthop" | "mtu" | "ipsec";
  readonly family?: "ip" | "ip6";
}

export interface Hash {
  readonly kind: "hash";
  readonly algorithm: "jhash" | "symhash";
  /** jhash only. */
  readonly key?: Expression;
  readonly modulus: number;
  readonly seed?: number;
  readonly offset: number;
}

/** What is kept and printed, but neither taken apart nor run. `what` names it in messages. */
export interface Foreign {
  readonly kind: "foreign";
  readonly what: string;
  /** Expressions: the type of the value. */
  readonly type?: DataType;
  readonly json: Json;
}

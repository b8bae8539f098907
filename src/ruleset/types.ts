/**
 * The one intermediate form of rules: nftables' model, because iptables fits into it and not the other way round.
 * Names and texts are nft's own words (`nft list ruleset`), so that a printer is a walk and a reader another.
 * Addresses are strings in canonical form (RFC 5952), ports and marks numbers in host order.
 */

import type { Expression } from "./expression.ts";
import type { DATA_TYPES } from "./nft-words.ts";
import type { Flowtable, NamedObject, ObjectKind } from "./object.ts";
import type { Statement } from "./statement.ts";
import type { Counter } from "./xt.ts";

export type * from "./expression.ts";
export type * from "./object.ts";
export type * from "./service.ts";
export type * from "./statement.ts";
export type * from "./xt.ts";

/** Where a rule or element comes from, for traces and messages. */
export interface Origin {
  /** "Service default/web, port http", a file's line, or the like. */
  readonly object: string;
  readonly file?: string;
  readonly line?: number;
}

export interface Ruleset {
  readonly tables: readonly Table[];
}

/** Tables of the last three are kept and printed; packets do not meet them. */
export type TableFamily = "ip" | "ip6" | "inet" | "bridge" | "arp" | "netdev";

export interface Table {
  readonly family: TableFamily;
  readonly name: string;
  readonly comment?: string;
  /** "dormant": none of its chains is in a hook. */
  readonly flags?: readonly ("dormant" | "owner" | "persist")[];
  /** In the order in which `nft list ruleset` prints them: objects, sets and maps, flowtables, then chains. */
  readonly objects?: readonly NamedObject[];
  readonly flowtables?: readonly Flowtable[];
  readonly sets: readonly NamedSet[];
  readonly chains: readonly Chain[];
}

/** Packets do not meet chains at the last two. */
export type Hook = "prerouting" | "input" | "forward" | "output" | "postrouting" | "ingress" | "egress";

export interface Chain {
  readonly name: string;
  readonly comment?: string;
  /** Present on base chains only. */
  readonly base?: BaseChain;
  readonly rules: readonly Rule[];
}

export interface BaseChain {
  readonly type: "filter" | "nat" | "route";
  readonly hook: Hook;
  readonly priority: number;
  readonly policy: "accept" | "drop";
  /** iptables only: what the policy has met. */
  readonly counter?: Counter;
  /** Of ingress and egress. */
  readonly devices?: readonly string[];
}

export interface Rule {
  readonly statements: readonly Statement[];
  readonly comment?: string;
  /** iptables only, where a comment is a match among the others: how many statements stand before it. */
  readonly commentAfter?: number;
  /** iptables only: what the rule has met so far. It is told, not counted on. */
  readonly counter?: Counter;
  readonly origin?: Origin;
}

/** Types of keys and values: nft's type names. A concatenation is a list. */
export type DataType = (typeof DATA_TYPES)[number];

/** A named set (without `value`) or map. */
export interface NamedSet {
  readonly name: string;
  readonly comment?: string;
  readonly key: readonly DataType[];
  /** Declared by an expression of that type (`typeof`): the only way to declare a set of plain integers. */
  readonly keyOf?: Expression;
  /** Maps: the type of the values; "verdict" for verdict maps. */
  readonly value?: readonly DataType[] | "verdict";
  /** Maps of objects: values are their names, and `value` is "string". */
  readonly object?: ObjectKind;
  readonly flags: readonly ("constant" | "interval" | "timeout" | "dynamic")[];
  readonly timeoutSeconds?: number;
  readonly gcIntervalSeconds?: number;
  readonly size?: number;
  readonly policy?: "performance" | "memory";
  readonly autoMerge?: boolean;
  /** What each element that rules add has for itself: a counter, a quota, a limit. */
  readonly statements?: readonly Statement[];
  readonly elements: readonly Element[];
}

export interface Element {
  readonly key: readonly Literal[];
  readonly value?: readonly Literal[] | Verdict;
  readonly comment?: string;
  readonly timeoutSeconds?: number;
  readonly expiresSeconds?: number;
  readonly statements?: readonly Statement[];
  readonly origin?: Origin;
}

/**
 * A constant: an address, a number (port, mark, protocol number), a name nft prints as such, a prefix or a range.
 * A name of a bit set may be several, "established,related"; one of an interface may end in "*" and then is a prefix,
 * or, where `fib … oif` is asked, be "exists" or "missing". The key "*" stands for all that no other element is for.
 */
export type Literal =
  | { readonly kind: "address"; readonly address: string }
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "protocol"; readonly protocol: number }
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "prefix"; readonly address: string; readonly length: number }
  /** All numbers of 32 bits with the same first ones: marks. */
  | { readonly kind: "number prefix"; readonly value: number; readonly length: number }
  | { readonly kind: "range"; readonly from: Literal; readonly to: Literal };

export type Verdict =
  | { readonly kind: "accept" | "drop" | "return" | "continue" }
  | { readonly kind: "jump" | "goto"; readonly chain: string };

/** A named set, or an anonymous one in the rule. */
export type SetReference =
  | { readonly kind: "named"; readonly name: string }
  | { readonly kind: "anonymous"; readonly elements: readonly Element[] };

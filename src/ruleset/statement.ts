/** What rules ask and do, statement by statement. */

import type { Expression, Foreign, HeaderOption } from "./expression.ts";
import type { Json } from "./json.ts";
import type { ObjectKind } from "./object.ts";
import type { EndpointChoice, ServiceLookup } from "./service.ts";
import type { Literal, SetReference, Verdict } from "./types.ts";
import type { Alternatives, MonthDays, Search, WordTests, Xt } from "./xt.ts";

/** "!": the bit sets share no bit. */
export type Comparison = "==" | "!=" | "<" | "<=" | ">" | ">=" | "!";

export type Statement =
  /**
   * `left right`: `==` is implicit in nft's text. Bit sets such as ct state or status match when they share a bit, unless
   * all bits count (`exact`).
   */
  | {
      readonly kind: "match";
      readonly left: Expression;
      readonly operator: Comparison;
      readonly right: Expression;
      readonly exact?: boolean;
    }
  | { readonly kind: "lookup"; readonly key: Expression; readonly set: SetReference; readonly invert: boolean }
  | { readonly kind: "vmap"; readonly key: Expression; readonly map: SetReference }
  | {
      readonly kind: "set";
      readonly operation: "add" | "update" | "delete";
      readonly set: string;
      readonly key: Expression;
      /** Maps: the value that the key gets. */
      readonly value?: Expression;
      readonly timeoutSeconds?: number;
      /** What the element has for itself, and the rule goes on only if all of it matches: a meter. */
      readonly statements?: readonly Statement[];
    }
  | { readonly kind: "mangle"; readonly target: "meta mark" | "ct mark"; readonly value: Expression }
  /** Any other value that rules can set: of the packet, its headers, its connection. */
  | { readonly kind: "assign"; readonly target: Expression; readonly value: Expression }
  | Nat
  | { readonly kind: "reject"; readonly with?: RejectWith }
  | { readonly kind: "counter"; readonly packets?: number; readonly bytes?: number }
  | { readonly kind: "notrack" }
  | Quota
  | Limit
  | ConnectionLimit
  | Log
  | ObjectReference
  | Queue
  | OptionReset
  | Statistic
  | Recent
  | Accounting
  | Xt
  | Alternatives
  | Search
  | WordTests
  | MonthDays
  | Foreign
  | ServiceLookup
  | EndpointChoice
  | { readonly kind: "verdict"; readonly verdict: Verdict };

/**
 * iptables only: xt_statistic's random mode, matches when the low 31 bits of a random number are below `probability`.
 * That is how the kernel keeps it, 2^31 being always; an iptables reader rounds the decimal it reads to it.
 */
export interface Statistic {
  readonly kind: "statistic";
  readonly probability: number;
}

/** iptables only: xt_recent on an address of the packet, the source unless said, in a list that every rule naming it shares. */
export interface Recent {
  readonly kind: "recent";
  readonly list: string;
  /** "set" enters the address and matches always; the others match when it is listed, and "update" and "remove" act on it. */
  readonly operation: "set" | "rcheck" | "update" | "remove";
  /** Only an address seen within so many seconds matches. */
  readonly seconds?: number;
  /** And at least so often. */
  readonly hits?: number;
  /** Older addresses leave the list on the way. */
  readonly reap?: boolean;
  /** Only with the TTL that the packet has. */
  readonly ttl?: boolean;
  readonly destination?: boolean;
  /** The bits of the address that count, as an address; absent: all. */
  readonly mask?: string;
  /** Matches where it else would not. */
  readonly invert?: boolean;
}

/** iptables only: xt_nfacct adds to a counter that has its own name, and matches always. */
export interface Accounting {
  readonly kind: "nfacct";
  readonly name: string;
}

export interface Nat {
  readonly kind: "dnat" | "snat" | "masquerade" | "redirect";
  /** Evaluates to an address, or to address . port when `addressAndPort`. */
  readonly target?: Expression;
  /** `dnat ip to <map whose values are address . port>`. */
  readonly addressAndPort?: boolean;
  /** nft prints `dnat ip to` / `dnat ip6 to` where the target does not tell the family. */
  readonly family?: "ip" | "ip6";
  readonly port?: Literal;
  /** The port comes from a map or another value. */
  readonly portOf?: Expression;
  /** The bits of the address beyond the target's prefix stay: `dnat ip prefix to`. */
  readonly prefix?: boolean;
  readonly flags: readonly ("random" | "fully-random" | "persistent")[];
}

export type RejectWith =
  | { readonly type: "tcp reset" }
  | { readonly type: "icmp" | "icmpv6" | "icmpx"; readonly code: string };

/** Matches while so many bytes have not passed; `over`: once they have. */
export interface Quota {
  readonly kind: "quota";
  readonly value: number;
  readonly unit: ByteUnit;
  readonly used?: number;
  readonly usedUnit?: ByteUnit;
  readonly over: boolean;
}

/** Matches up to a rate, of packets or (with a unit) bytes; `over`: only beyond it. */
export interface Limit {
  readonly kind: "limit";
  readonly rate: number;
  readonly unit?: ByteUnit;
  readonly per: "second" | "minute" | "hour" | "day" | "week";
  readonly burst?: number;
  readonly burstUnit?: ByteUnit;
  readonly over: boolean;
}

export type ByteUnit = "bytes" | "kbytes" | "mbytes";

/** `ct count`: matches while there are no more connections than that; `over`: only when there are more. */
export interface ConnectionLimit {
  readonly kind: "connlimit";
  readonly count: number;
  readonly over: boolean;
  /** iptables only: it counts for an address. */
  readonly ofAddress?: boolean;
}

/** Tells somebody, and changes nothing. The fields are nft's. */
export interface Log {
  readonly kind: "log";
  readonly json: Json;
}

/** A counter, quota … that has a name, or that a map finds. */
export interface ObjectReference {
  readonly kind: "object";
  readonly object: ObjectKind;
  readonly name: string | Expression;
}

/** The packet goes to a program of user space. */
export interface Queue {
  readonly kind: "queue";
  readonly json: Json;
}

/** `reset tcp option`: the option becomes padding. */
export interface OptionReset {
  readonly kind: "reset option";
  readonly option: HeaderOption;
}

/**
 * The one intermediate form of rules: nftables' model, because iptables fits into it and not the other way round.
 * Names and texts are nft's own words (`nft list ruleset`), so that a printer is a walk and a reader another.
 * Addresses are strings in canonical form (RFC 5952), ports and marks numbers in host order.
 */

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

export type TableFamily = "ip" | "ip6" | "inet";

export interface Table {
  readonly family: TableFamily;
  readonly name: string;
  readonly comment?: string;
  /** In the order in which `nft list ruleset` prints them: sets and maps, then chains. */
  readonly sets: readonly NamedSet[];
  readonly chains: readonly Chain[];
}

export type Hook = "prerouting" | "input" | "forward" | "output" | "postrouting";

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
}

export interface Rule {
  readonly statements: readonly Statement[];
  readonly comment?: string;
  /** iptables only, where a comment is a match among the others: how many statements stand before it. */
  readonly commentAfter?: number;
  readonly origin?: Origin;
}

/** Types of keys and values: nft's type names. A concatenation is a list. */
export type DataType =
  | "ipv4_addr"
  | "ipv6_addr"
  | "inet_proto"
  | "inet_service"
  | "mark"
  | "ifname"
  | "integer"
  | "ct_state"
  | "fib_addrtype";

/** A named set (without `value`) or map. */
export interface NamedSet {
  readonly name: string;
  readonly comment?: string;
  readonly key: readonly DataType[];
  /** Maps: the type of the values; "verdict" for verdict maps. */
  readonly value?: readonly DataType[] | "verdict";
  readonly flags: readonly ("constant" | "interval" | "timeout" | "dynamic")[];
  readonly timeoutSeconds?: number;
  readonly size?: number;
  readonly elements: readonly Element[];
}

export interface Element {
  readonly key: readonly Literal[];
  readonly value?: readonly Literal[] | Verdict;
  readonly comment?: string;
  readonly origin?: Origin;
}

/**
 * A constant: an address, a number (port, mark, protocol number), a name nft prints as such, a prefix or a range.
 * A name of a bit set may be several, "established,related"; one of an interface may end in "*" and then is a prefix,
 * or, where `fib … oif` is asked, be "exists" or "missing".
 */
export type Literal =
  | { readonly kind: "address"; readonly address: string }
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "protocol"; readonly protocol: number }
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "prefix"; readonly address: string; readonly length: number }
  | { readonly kind: "range"; readonly from: Literal; readonly to: Literal };

export type Verdict =
  | { readonly kind: "accept" | "drop" | "return" | "continue" }
  | { readonly kind: "jump" | "goto"; readonly chain: string };

export type Expression =
  | {
      readonly kind: "payload";
      readonly protocol: "ip" | "ip6" | "th" | "tcp" | "udp" | "sctp" | "icmp" | "icmpv6";
      readonly field: string;
    }
  | {
      readonly kind: "meta";
      readonly key: "mark" | "l4proto" | "nfproto" | "length" | "iif" | "oif" | "iifname" | "oifname" | "pkttype";
    }
  | {
      readonly kind: "ct";
      readonly key: "state" | "status" | "mark" | "direction";
      readonly direction?: "original" | "reply";
    }
  | {
      readonly kind: "fib";
      readonly flags: readonly ("saddr" | "daddr" | "mark" | "iif" | "oif")[];
      readonly result: "type" | "oif" | "oifname";
    }
  | { readonly kind: "bitwise"; readonly operator: "&" | "|" | "^"; readonly left: Expression; readonly right: number }
  | { readonly kind: "concat"; readonly parts: readonly Expression[] }
  | { readonly kind: "numgen"; readonly mode: "random" | "inc"; readonly modulus: number; readonly offset: number }
  | { readonly kind: "map"; readonly key: Expression; readonly map: SetReference }
  | { readonly kind: "literal"; readonly parts: readonly Literal[] };

/** A named set, or an anonymous one in the rule. */
export type SetReference =
  | { readonly kind: "named"; readonly name: string }
  | { readonly kind: "anonymous"; readonly elements: readonly Element[] };

export type Comparison = "==" | "!=" | "<" | "<=" | ">" | ">=";

export type Statement =
  /** `left right`: `==` is implicit in nft's text. Bit sets such as ct state or status match when they share a bit. */
  | { readonly kind: "match"; readonly left: Expression; readonly operator: Comparison; readonly right: Expression }
  | { readonly kind: "lookup"; readonly key: Expression; readonly set: SetReference; readonly invert: boolean }
  | { readonly kind: "vmap"; readonly key: Expression; readonly map: SetReference }
  | {
      readonly kind: "set";
      readonly operation: "add" | "update" | "delete";
      readonly set: string;
      readonly key: Expression;
      readonly timeoutSeconds?: number;
    }
  | { readonly kind: "mangle"; readonly target: "meta mark" | "ct mark"; readonly value: Expression }
  | Nat
  | { readonly kind: "reject"; readonly with?: RejectWith }
  | { readonly kind: "counter"; readonly packets?: number; readonly bytes?: number }
  | { readonly kind: "notrack" }
  | Statistic
  | Recent
  | Accounting
  | { readonly kind: "verdict"; readonly verdict: Verdict };

/**
 * iptables only: xt_statistic's random mode, matches when the low 31 bits of a random number are below `probability`.
 * That is how the kernel keeps it, 2^31 being always; an iptables reader rounds the decimal it reads to it.
 */
export interface Statistic {
  readonly kind: "statistic";
  readonly probability: number;
}

/** iptables only: xt_recent on the packet's source address, in a list per family that every rule naming it shares. */
export interface Recent {
  readonly kind: "recent";
  readonly list: string;
  /** "set" enters the address and matches always; the others match when it is listed, and "update" and "remove" act on it. */
  readonly operation: "set" | "rcheck" | "update" | "remove";
  /** Only an address seen within so many seconds matches. */
  readonly seconds?: number;
  /** Older addresses leave the list on the way. */
  readonly reap?: boolean;
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
  readonly flags: readonly ("random" | "fully-random" | "persistent")[];
}

export type RejectWith =
  | { readonly type: "tcp reset" }
  | { readonly type: "icmp" | "icmpv6" | "icmpx"; readonly code: string };

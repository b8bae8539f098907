/** Targets that translate: DNAT, SNAT, NETMAP, MASQUERADE, REDIRECT. */

import { compareBytes, formatAddress } from "../network/address.ts";
import { parsePrefix } from "../network/prefix.ts";
import {
  addressIn,
  type Extension,
  number,
  numberOf,
  type Option,
  type Options,
  type RuleContext,
  unsupported,
} from "./iptables-options.ts";
import { PORT_MAX } from "./iptables-words.ts";
import { LineError, type Word } from "./iptables-words-of.ts";
import type { Literal, Nat } from "./types.ts";

const FLAGS = { random: 0, "random-fully": 0, persistent: 0 } as const;

const NETMAP_KINDS: Readonly<Record<string, "snat" | "dnat">> = {
  PREROUTING: "dnat",
  OUTPUT: "dnat",
  INPUT: "snat",
  POSTROUTING: "snat",
};

export const NAT_TARGETS: Readonly<Record<string, Extension>> = {
  DNAT: {
    options: { "to-destination": 1, ...FLAGS },
    lower: (options, { family }) => [toAddress("dnat", options, "to-destination", family)],
  },
  SNAT: {
    options: { "to-source": 1, ...FLAGS },
    lower: (options, { family }) => [toAddress("snat", options, "to-source", family)],
  },
  NETMAP: { options: { to: 1 }, lower: netmap },
  MASQUERADE: { options: { "to-ports": 1, ...FLAGS }, lower: (options) => [toPorts("masquerade", options)] },
  REDIRECT: { options: { "to-ports": 1, ...FLAGS }, lower: (options) => [toPorts("redirect", options)] },
};

/** `address[-address][:port[-port]]`; an IPv6 address with a port stands in brackets. */
function toAddress(kind: "dnat" | "snat", options: Options, name: string, family: "ip" | "ip6"): Nat {
  const [word] = options.need(name).values;
  const targets = options.all.filter((option) => option.name === name);
  if (targets.length > 1) throw unsupported(targets[1]!.word, `a second ${targets[1]!.word.text}`);
  const { addresses, ports } = split(word!, family);
  const target = addresses === "" ? undefined : addressLiteral({ ...word!, text: addresses }, family);
  return {
    kind,
    ...(target === undefined ? {} : { target: { kind: "literal", parts: [target] } }),
    ...(ports === undefined ? {} : { port: portLiteral({ ...word!, text: ports }) }),
    flags: flagsOf(options.all),
  };
}

/** The bits of a prefix, and those behind it as they were: of the source behind routing, of the destination before it. */
function netmap(options: Options, { family, chain }: RuleContext): readonly Nat[] {
  const [word] = options.need("to").values;
  const prefix = parsePrefix(word!.text);
  if (prefix?.bytes.length !== (family === "ip" ? 4 : 16)) {
    throw new LineError(word!.column, `"${word!.text}" is no prefix of the family`);
  }
  const kind = NETMAP_KINDS[chain];
  if (kind === undefined) throw unsupported(options.named, "NETMAP in a chain of one's own");
  const target: Literal = { kind: "prefix", address: formatAddress(prefix.bytes), length: prefix.length };
  return [{ kind, target: { kind: "literal", parts: [target] }, prefix: true, flags: [] }];
}

function toPorts(kind: "masquerade" | "redirect", options: Options): Nat {
  const word = options.value("to-ports");
  return { kind, ...(word === undefined ? {} : { port: portLiteral(word) }), flags: flagsOf(options.all) };
}

function split(
  { text }: Word,
  family: "ip" | "ip6",
): { readonly addresses: string; readonly ports: string | undefined } {
  if (family === "ip6" && !text.startsWith("[") && !text.startsWith(":")) return { addresses: text, ports: undefined };
  const bracket = /^\[([^\]]*)\](?:-\[([^\]]*)\])?(?::(.*))?$/.exec(text);
  if (bracket !== null) {
    const [, from = "", to, ports] = bracket;
    return { addresses: to === undefined ? from : `${from}-${to}`, ports };
  }
  const colon = text.indexOf(":");
  if (colon < 0) return { addresses: text, ports: undefined };
  return { addresses: text.slice(0, colon), ports: text.slice(colon + 1) };
}

function addressLiteral(word: Word, family: "ip" | "ip6"): Literal {
  const ends = word.text.split("-").map((text) => addressIn({ ...word, text }, family));
  const [from, to = from] = ends;
  if (ends.length > 2 || compareBytes(from!, to!) > 0) {
    throw new LineError(word.column, `"${word.text}" is no address or range of addresses`);
  }
  const address = (bytes: Uint8Array): Literal => ({ kind: "address", address: formatAddress(bytes) });
  return ends.length === 1 ? address(from!) : { kind: "range", from: address(from!), to: address(to!) };
}

function portLiteral(word: Word): Literal {
  if (word.text.includes("/")) throw unsupported(word, `the shift of ports "${word.text}"`);
  const [from, to, ...others] = word.text.split("-").map((text) => numberOf({ ...word, text }, PORT_MAX));
  if (from === undefined || others.length > 0 || (to !== undefined && to < from)) {
    throw new LineError(word.column, `"${word.text}" is no port or range of ports`);
  }
  return to === undefined ? number(from) : { kind: "range", from: number(from), to: number(to) };
}

function flagsOf(options: readonly Option[]): Nat["flags"] {
  return options.flatMap(({ name }): Nat["flags"] => {
    if (name === "random-fully") return ["fully-random"];
    return name === "random" || name === "persistent" ? [name] : [];
  });
}

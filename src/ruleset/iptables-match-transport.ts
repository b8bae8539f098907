/** Matches on transport headers: tcp, udp, sctp, multiport, icmp, icmp6. */

import { ICMP4_TYPES, ICMP6_TYPES, type IcmpRange } from "./iptables-icmp-types.ts";
import { allOf, isAmong, isMasked, isWhere, oneOfThem } from "./iptables-match.ts";
import {
  type Extension,
  listOf,
  number,
  numberOf,
  type Option,
  type Options,
  oneOf,
  rangeLiteral,
  rangeOf,
  unsupported,
} from "./iptables-options.ts";
import { PORT_MAX } from "./iptables-words.ts";
import { LineError, type Word } from "./iptables-words-of.ts";
import { PROTOCOL_NUMBERS } from "./protocols.ts";
import type { Expression, Literal, Statement } from "./types.ts";
import { NEVER } from "./xt.ts";

type PortProtocol = "tcp" | "udp" | "sctp" | "th";

const BYTE_MAX = 0xff;
const PORTS_MAX = 15;
const PORT_ALIASES = { "source-port": "sport", "destination-port": "dport" } as const;
const MULTIPORT_ALIASES = { "source-ports": "sports", "destination-ports": "dports" } as const;
/** Protocols with ports, as multiport and hashlimit take them. */
export const PORT_PROTOCOLS = ["tcp", "udp", "udplite", "sctp", "dccp"].map((name) => PROTOCOL_NUMBERS[name]);

const FLAGS: Readonly<Record<string, number>> = {
  FIN: 0x01,
  SYN: 0x02,
  RST: 0x04,
  PSH: 0x08,
  ACK: 0x10,
  URG: 0x20,
  ALL: 0x3f,
  NONE: 0,
};
const SYN_MASK = 0x17;
const SYN = 0x02;
const TCP_FLAGS: Expression = { kind: "payload", protocol: "tcp", field: "flags" };

export const TRANSPORT_MATCHES: Readonly<Record<string, Extension>> = {
  tcp: {
    options: { sport: 1, dport: 1, "tcp-flags": 2, syn: 0, "tcp-option": 1 },
    aliases: PORT_ALIASES,
    lower: (options) =>
      withHeader("tcp", [...portMatches("tcp", options), ...flagMatches(options), ...optionMatches(options)]),
  },
  udp: {
    options: { sport: 1, dport: 1 },
    aliases: PORT_ALIASES,
    lower: (options) => withHeader("udp", portMatches("udp", options)),
  },
  sctp: {
    options: { sport: 1, dport: 1, "chunk-types": 2 },
    aliases: PORT_ALIASES,
    lower: (options) => {
      const option = options.get("chunk-types");
      if (option !== undefined) throw unsupported(option.word);
      return withHeader("sctp", portMatches("sctp", options));
    },
  },
  multiport: {
    options: { sports: 1, dports: 1, ports: 1 },
    aliases: MULTIPORT_ALIASES,
    lower: (options, { protocol }) => {
      if (!PORT_PROTOCOLS.includes(protocol)) {
        throw new LineError(options.named.column, "multiport needs -p tcp, udp, udplite, sctp or dccp");
      }
      return options.all.map(multiportMatch);
    },
  },
  icmp: {
    options: { "icmp-type": 1 },
    lower: (options) => icmpMatch(options.need("icmp-type"), "icmp", ICMP4_TYPES),
  },
  icmp6: {
    options: { "icmpv6-type": 1 },
    lower: (options) => icmpMatch(options.need("icmpv6-type"), "icmpv6", ICMP6_TYPES),
  },
};

/** `-m tcp` alone wants the header to be there. */
function withHeader(protocol: PortProtocol, statements: readonly Statement[]): readonly Statement[] {
  return statements.length > 0 ? statements : [isWhere(port(protocol, "dport"), everyPort())];
}

function everyPort(): Literal {
  return { kind: "range", from: number(0), to: number(PORT_MAX) };
}

function portMatches(protocol: PortProtocol, options: Options): readonly Statement[] {
  return options.all
    .filter(({ name }) => name === "sport" || name === "dport")
    .map(({ name, values, isNegated }) => isWhere(port(protocol, name), portsOf(values[0]!), isNegated));
}

function port(protocol: PortProtocol, field: string): Expression {
  return { kind: "payload", protocol, field };
}

function portsOf(word: Word): Literal {
  if (/^[a-z]/i.test(word.text)) {
    throw new LineError(word.column, `"${word.text}" is no number of a port`, "iptables-save writes ports as numbers");
  }
  return rangeLiteral(rangeOf(word, PORT_MAX));
}

/** Of the flags in the first list just those of the second are set. */
function flagMatches(options: Options): readonly Statement[] {
  return options.all.flatMap(({ name, values, isNegated }) => {
    if (name === "syn") return [isMasked(TCP_FLAGS, SYN, SYN_MASK, BYTE_MAX, isNegated)];
    if (name !== "tcp-flags") return [];
    const [mask, wanted] = values.map(flagsOf);
    return [isMasked(TCP_FLAGS, wanted!, mask!, BYTE_MAX, isNegated)];
  });
}

/** An option of the kind is there. */
function optionMatches(options: Options): readonly Statement[] {
  const option = options.get("tcp-option");
  if (option === undefined) return [];
  const name = numberOf(option.values[0]!, BYTE_MAX);
  const left: Expression = { kind: "option", header: "tcp option", name };
  return [isWhere(left, { kind: "name", name: option.isNegated ? "missing" : "exists" })];
}

function flagsOf(word: Word): number {
  return listOf(word).reduce((bits, name) => bits | oneOf(name, FLAGS, "flag of TCP"), 0);
}

function multiportMatch({ name, values, isNegated }: Option): Statement {
  const parts = listOf(values[0]!);
  const slots = parts.reduce((count, { text }) => count + (text.includes(":") ? 2 : 1), 0);
  if (slots > PORTS_MAX)
    throw new LineError(values[0]!.column, `multiport takes ${PORTS_MAX} ports, a range counts as two`);
  const ports = parts.map(portsOf);
  const among = (field: string) => isAmong(port("th", field), ports);
  if (name !== "ports") return isAmong(port("th", name === "sports" ? "sport" : "dport"), ports, isNegated);
  return oneOfThem([among("sport"), among("dport")], isNegated);
}

/** A type, a type and its code, or a name; "any" is all of them. */
function icmpMatch(
  { values, isNegated }: Option,
  protocol: "icmp" | "icmpv6",
  names: Readonly<Record<string, IcmpRange>>,
): readonly Statement[] {
  const { type, code } = icmpTypeOf(values[0]!, names);
  const field = (name: string): Expression => ({ kind: "payload", protocol, field: name });
  if (type === undefined) {
    if (isNegated) return [NEVER];
    return [isWhere(field("type"), { kind: "range", from: number(0), to: number(BYTE_MAX) })];
  }
  const isOfType = isWhere(field("type"), number(type));
  return allOf(code === undefined ? [isOfType] : [isOfType, isWhere(field("code"), number(code))], isNegated);
}

function icmpTypeOf(word: Word, names: Readonly<Record<string, IcmpRange>>): IcmpRange {
  if (Object.hasOwn(names, word.text)) return names[word.text]!;
  const [type = "", code, ...others] = word.text.split("/");
  const isNumber = [type, ...(code === undefined ? [] : [code])].every(
    (part) => /^\d{1,3}$/.test(part) && Number(part) <= BYTE_MAX,
  );
  if (!isNumber || others.length > 0) throw new LineError(word.column, `"${word.text}" is no type of ICMP`);
  if (code === undefined) return { type: Number(type) };
  return { type: Number(type), code: Number(code) };
}

/** `-m hashlimit`: a rate for each of the addresses or ports that packets show, kept in a set that has its own name. */

import { formatAddress } from "../network/address.ts";
import { netmask } from "../network/prefix.ts";
import { DEFAULT_BURST, rateOf } from "./iptables-match-rate.ts";
import { PORT_PROTOCOLS } from "./iptables-match-transport.ts";
import {
  type Extension,
  listOf,
  numberOf,
  type Option,
  type Options,
  oneOf,
  type RuleContext,
  unsupported,
} from "./iptables-options.ts";
import { LineError, type Word } from "./iptables-words-of.ts";
import type { DataType, Expression, Limit, NamedSet, Statement } from "./types.ts";
import { noneOf } from "./xt.ts";

const BURST_MAX = 1_000_000;
const MILLISECONDS = 1000;
/** How long an element outlives its last packet where nothing is said: the time that the rate is of. */
const UNIT_SECONDS = { second: 1, minute: 60, hour: 3600, day: 86_400 } as const;

/** What a packet's element is found by, and the option that shortens an address. */
const MODES = {
  srcip: { field: "saddr", mask: "hashlimit-srcmask" },
  dstip: { field: "daddr", mask: "hashlimit-dstmask" },
  srcport: { field: "sport", mask: undefined },
  dstport: { field: "dport", mask: undefined },
} as const;
type Mode = keyof typeof MODES;

/** Memory, and how soon what is forgotten is freed. */
const WITHOUT_EFFECT = { "hashlimit-htable-size": 1, "hashlimit-htable-gcinterval": 1 } as const;

export const HASHLIMIT: Extension = {
  options: {
    "hashlimit-upto": 1,
    "hashlimit-above": 1,
    "hashlimit-burst": 1,
    "hashlimit-mode": 1,
    "hashlimit-srcmask": 1,
    "hashlimit-dstmask": 1,
    "hashlimit-name": 1,
    "hashlimit-htable-expire": 1,
    "hashlimit-htable-max": 1,
    "hashlimit-rate-match": 0,
    "hashlimit-rate-interval": 1,
    ...WITHOUT_EFFECT,
  },
  aliases: { hashlimit: "hashlimit-upto" },
  lower: hashlimit,
};

/** hashlimit_mt(): rules that name the same set share it, with the rate of the first of them; other tables have their own. */
function hashlimit(options: Options, context: RuleContext): readonly Statement[] {
  for (const name of ["hashlimit-htable-max", "hashlimit-rate-match", "hashlimit-rate-interval"]) {
    const option = options.get(name);
    if (option !== undefined) throw unsupported(option.word);
  }
  const asked = options.get("hashlimit-above") ?? options.need("hashlimit-upto");
  const limit = limitOf(options, asked.values[0]!);
  const set = setOf(options, context, limit);
  context.useSet(set);
  const within: Statement = {
    kind: "set",
    operation: "update",
    set: set.name,
    key: keyOf(options, context),
    statements: [limit],
  };
  return (asked.name === "hashlimit-above") === asked.isNegated ? [within] : [noneOf([within])];
}

function limitOf(options: Options, word: Word): Limit & { readonly per: keyof typeof UNIT_SECONDS } {
  if (/^\d+[kmg]?b(\/|$)/.test(word.text)) throw unsupported(word, `a rate of bytes, "${word.text}",`);
  const burst = options.number("hashlimit-burst", BURST_MAX, DEFAULT_BURST);
  return { kind: "limit", ...rateOf(word), burst, over: false };
}

function setOf(options: Options, { family }: RuleContext, limit: ReturnType<typeof limitOf>): NamedSet {
  const expire = options.value("hashlimit-htable-expire");
  const types = modesOf(options).map((mode): DataType => {
    if (mode.endsWith("port")) return "inet_service";
    return family === "ip" ? "ipv4_addr" : "ipv6_addr";
  });
  return {
    name: `hashlimit ${options.need("hashlimit-name").values[0]!.text}`,
    key: types.length === 0 ? ["nf_proto"] : types,
    flags: ["dynamic", "timeout"],
    timeoutSeconds: expire === undefined ? UNIT_SECONDS[limit.per] : numberOf(expire) / MILLISECONDS,
    statements: [limit],
    elements: [],
  };
}

/** Without a mode all packets of the family share one element. */
function keyOf(options: Options, context: RuleContext): Expression {
  const parts = modesOf(options).map((mode) => keyPart(mode, options, context));
  if (parts.length === 0) return { kind: "meta", key: "nfproto" };
  return parts.length === 1 ? parts[0]! : { kind: "concat", parts };
}

function keyPart(mode: Mode, options: Options, { family, protocol }: RuleContext): Expression {
  const { field, mask } = MODES[mode];
  if (mask === undefined) {
    if (!PORT_PROTOCOLS.includes(protocol)) {
      throw unsupported(options.need("hashlimit-mode").word, "a limit by ports without -p tcp, udp or sctp");
    }
    return { kind: "payload", protocol: "th", field };
  }
  const address: Expression = { kind: "payload", protocol: family, field };
  const option = options.get(mask);
  return option === undefined ? address : masked(address, option, family === "ip" ? 4 : 16);
}

function masked(address: Expression, { values }: Option, bytes: 4 | 16): Expression {
  const length = numberOf(values[0]!, bytes * 8);
  if (length === bytes * 8) return address;
  return { kind: "mask", left: address, mask: formatAddress(netmask(length, bytes)) };
}

function modesOf(options: Options): readonly Mode[] {
  const word = options.value("hashlimit-mode");
  if (word === undefined) return [];
  const names = Object.fromEntries(Object.keys(MODES).map((name) => [name, name as Mode]));
  const modes = listOf(word).map((part) => oneOf(part, names, "mode of hashlimit"));
  if (new Set(modes).size < modes.length) throw new LineError(word.column, `"${word.text}" says the same twice`);
  return modes;
}

/** Matches on the packet itself: its mark, length, TTL, addresses, where it comes from and goes to. */

import { compareBytes, formatAddress } from "../network/address.ts";
import { isAmong, isMasked, isWhere } from "./iptables-match.ts";
import {
  addressIn,
  type Extension,
  listOf,
  maskedOf,
  number,
  numberOf,
  type Option,
  type Options,
  oneOf,
  type RuleContext,
  rangeLiteral,
  rangeOf,
  unsupported,
} from "./iptables-options.ts";
import { DSCP_CLASSES } from "./iptables-words.ts";
import { LineError } from "./iptables-words-of.ts";
import type { Comparison, Expression, Literal, Statement } from "./types.ts";
import { NEVER, noneOf } from "./xt.ts";

const LENGTH_MAX = 0xffff;
const BYTE_MAX = 0xff;
const ALL_BITS = 0xffff_ffff;
const DSCP_MAX = 0x3f;
/** In the octet that IPv4 calls type of service and IPv6 traffic class. */
const DSCP_SHIFT = 2;
const DSCP_MASK = 0xfc;
const ECN_MASK = 0x03;
const ECN_MAX = 3;

const MARK: Expression = { kind: "meta", key: "mark" };
const ADDRESS_TYPES: Readonly<Record<string, string>> = {
  UNICAST: "unicast",
  LOCAL: "local",
  BROADCAST: "broadcast",
  ANYCAST: "anycast",
  MULTICAST: "multicast",
  BLACKHOLE: "blackhole",
  UNREACHABLE: "unreachable",
  PROHIBIT: "prohibit",
};

export const PACKET_MATCHES: Readonly<Record<string, Extension>> = {
  mark: {
    options: { mark: 1 },
    lower: (options) => {
      const { values, isNegated } = options.need("mark");
      return [markMatch(MARK, maskedOf(values[0]!), isNegated)];
    },
  },
  length: {
    options: { length: 1 },
    lower: (options) => {
      const { values, isNegated } = options.need("length");
      return [isWhere({ kind: "meta", key: "length" }, rangeLiteral(rangeOf(values[0]!, LENGTH_MAX)), isNegated)];
    },
  },
  pkttype: {
    options: { "pkt-type": 1 },
    lower: (options) => {
      const { values, isNegated } = options.need("pkt-type");
      const name = oneOf(
        values[0]!,
        {
          unicast: "host",
          host: "host",
          broadcast: "broadcast",
          bcast: "broadcast",
          multicast: "multicast",
          mcast: "multicast",
        },
        "type of packets",
      );
      return [isWhere({ kind: "meta", key: "pkttype" }, { kind: "name", name }, isNegated)];
    },
  },
  ttl: {
    options: { "ttl-eq": 1, "ttl-gt": 1, "ttl-lt": 1 },
    aliases: { ttl: "ttl-eq" },
    lower: (options) => hopMatches(options, { kind: "payload", protocol: "ip", field: "ttl" }),
  },
  hl: {
    options: { "hl-eq": 1, "hl-gt": 1, "hl-lt": 1 },
    aliases: { hl: "hl-eq" },
    lower: (options) => hopMatches(options, { kind: "payload", protocol: "ip6", field: "hoplimit" }),
  },
  tos: {
    options: { tos: 1 },
    lower: (options, context) => {
      const { values, isNegated } = options.need("tos");
      return [serviceMatch(context, ...maskedOf(values[0]!, BYTE_MAX), isNegated)];
    },
  },
  dscp: {
    options: { dscp: 1, "dscp-class": 1 },
    lower: (options, context) => {
      const option = options.get("dscp-class") ?? options.need("dscp");
      const [value] = option.values;
      const dscp =
        option.name === "dscp"
          ? numberOf(value!, DSCP_MAX)
          : oneOf({ ...value!, text: value!.text.toUpperCase() }, DSCP_CLASSES, "class of DSCP");
      return [serviceMatch(context, dscp << DSCP_SHIFT, DSCP_MASK, option.isNegated)];
    },
  },
  ecn: { options: { "ecn-tcp-cwr": 0, "ecn-tcp-ece": 0, "ecn-ip-ect": 1 }, lower: ecnMatches },
  iprange: {
    options: { "src-range": 1, "dst-range": 1 },
    lower: (options, context) => options.all.map((option) => addressRange(option, context)),
  },
  addrtype: {
    options: { "src-type": 1, "dst-type": 1, "limit-iface-in": 0, "limit-iface-out": 0 },
    lower: addressTypes,
  },
  mac: {
    options: { "mac-source": 1 },
    lower: (options) => {
      const { values, isNegated } = options.need("mac-source");
      const address = values[0]!.text.toLowerCase();
      if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/.test(address)) {
        throw new LineError(values[0]!.column, `"${values[0]!.text}" is no link address`);
      }
      const left: Expression = { kind: "payload", protocol: "ether", field: "saddr" };
      return [isWhere(left, { kind: "name", name: address }, isNegated)];
    },
  },
  tcpmss: {
    options: { mss: 1 },
    lower: (options) => {
      const { values, isNegated } = options.need("mss");
      const left: Expression = { kind: "option", header: "tcp option", name: "maxseg", field: "size" };
      return [isWhere(left, rangeLiteral(rangeOf(values[0]!, LENGTH_MAX)), isNegated)];
    },
  },
  physdev: {
    options: {
      "physdev-in": 1,
      "physdev-out": 1,
      "physdev-is-in": 0,
      "physdev-is-out": 0,
      "physdev-is-bridged": 0,
    },
    lower: (options) => options.all.map(bridgeMatch),
  },
  rpfilter: {
    options: { loose: 0, validmark: 0, "accept-local": 0, invert: 0 },
    lower: reversePath,
  },
};

/** Bits of a mark, of the packet or its connection. */
export function markMatch(mark: Expression, [value, mask]: readonly [number, number], isNegated: boolean): Statement {
  return isMasked(mark, value, mask, ALL_BITS, isNegated);
}

function hopMatches(options: Options, left: Expression): readonly Statement[] {
  return options.all.map(({ name, values, isNegated }) => {
    const hops = number(numberOf(values[0]!, BYTE_MAX));
    if (name.endsWith("eq")) return isWhere(left, hops, isNegated);
    const operator: Comparison = name.endsWith("gt") ? ">" : "<";
    return { kind: "match", left, operator, right: { kind: "literal", parts: [hops] } };
  });
}

/** Bits of the octet that says how a packet wants to be served. */
function serviceMatch({ family }: RuleContext, value: number, mask: number, isNegated: boolean): Statement {
  return isMasked({ kind: "payload", protocol: family, field: "tos" }, value, mask, BYTE_MAX, isNegated);
}

function ecnMatches(options: Options, context: RuleContext): readonly Statement[] {
  const flags: Expression = { kind: "payload", protocol: "tcp", field: "flags" };
  return options.all.map(({ name, values, isNegated }) => {
    if (name === "ecn-ip-ect") return serviceMatch(context, numberOf(values[0]!, ECN_MAX), ECN_MASK, isNegated);
    const flag = name === "ecn-tcp-ece" ? 0x40 : 0x80;
    return isMasked(flags, flag, flag, BYTE_MAX, isNegated);
  });
}

/** "first-last" */
function addressRange({ name, values, isNegated }: Option, { family }: RuleContext): Statement {
  const ends = listOf(values[0]!, "-").map((end) => addressIn(end, family));
  const [from, to = from] = ends;
  if (ends.length > 2 || compareBytes(from!, to!) > 0) {
    throw new LineError(values[0]!.column, `"${values[0]!.text}" is no range of addresses`);
  }
  const left: Expression = { kind: "payload", protocol: family, field: name === "src-range" ? "saddr" : "daddr" };
  const end = (bytes: Uint8Array): Literal => ({ kind: "address", address: formatAddress(bytes) });
  return isWhere(left, { kind: "range", from: end(from!), to: end(to!) }, isNegated);
}

/** With an interface in question an address is local only there. */
function addressTypes(options: Options): readonly Statement[] {
  const device = options.has("limit-iface-in")
    ? (["iif"] as const)
    : options.has("limit-iface-out")
      ? (["oif"] as const)
      : [];
  return options.all.flatMap(({ name, values, isNegated }) => {
    if (values.length === 0) return [];
    const types = listOf(values[0]!).map((word): Literal => {
      if (["UNSPEC", "THROW", "NAT", "XRESOLVE"].includes(word.text)) throw unsupported(word, `the type ${word.text}`);
      return { kind: "name", name: oneOf(word, ADDRESS_TYPES, "type of addresses") };
    });
    const address = name === "src-type" ? "saddr" : "daddr";
    return [isAmong({ kind: "fib", flags: [address, ...device], result: "type" }, types, isNegated)];
  });
}

/** rpfilter_mt(): the node would send to the packet's source by the interface it came from, or with --loose by any. */
function reversePath(options: Options): readonly Statement[] {
  const local = options.get("accept-local");
  if (local !== undefined) throw unsupported(local.word);
  const isInvert = options.has("invert");
  const flags = options.has("loose") ? (["saddr"] as const) : (["saddr", "iif"] as const);
  const isMissing = isWhere({ kind: "fib", flags, result: "oif" }, { kind: "name", name: "missing" });
  const isLoopback = isWhere({ kind: "meta", key: "iifname" }, { kind: "name", name: "lo" });
  if (isInvert) return [isWhere({ kind: "meta", key: "iifname" }, { kind: "name", name: "lo" }, true), isMissing];
  return [noneOf([noneOf([isLoopback]), isMissing])];
}

/** physdev_mt(): packets that the node routes are not bridged. By which port of a bridge they came nothing here tells. */
function bridgeMatch({ name, word, isNegated }: Option): Statement {
  if (name !== "physdev-is-bridged") throw unsupported(word);
  return isNegated ? noneOf() : NEVER;
}

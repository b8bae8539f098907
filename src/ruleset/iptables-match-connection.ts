/** Matches on the packet's connection: conntrack, its short form state, connmark, connbytes. */

import { formatAddress } from "../network/address.ts";
import { parsePrefix } from "../network/prefix.ts";
import { protocolOf } from "./iptables-header.ts";
import { isWhere, STATE } from "./iptables-match.ts";
import { markMatch } from "./iptables-match-packet.ts";
import {
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
} from "./iptables-options.ts";
import { CONNECTION_STATES, PORT_MAX } from "./iptables-words.ts";
import { LineError, type Word } from "./iptables-words-of.ts";
import type { Expression, Literal, Statement } from "./types.ts";
import { eitherOf } from "./xt.ts";

/** enum ip_conntrack_status. */
const STATUSES: Readonly<Record<string, number>> = { NONE: 0, EXPECTED: 1, SEEN_REPLY: 2, ASSURED: 4, CONFIRMED: 8 };
/** Words of connbytes, and nft's for the same. */
const MODES = { packets: "packets", bytes: "bytes", avgpkt: "avgpkt" } as const;
const DIRECTIONS = { original: "original", reply: "reply", both: "both" } as const;
/** Seconds that fit into 32 bits as milliseconds; no connection has more left. */
const EXPIRATION_MAX = 4_294_967;
/** The order in which nft names states, which its listing keeps. */
const NFT_STATES = ["invalid", "established", "related", "new", "untracked"];

export const CONNECTION_MATCHES: Readonly<Record<string, Extension>> = {
  conntrack: {
    options: {
      ctstate: 1,
      ctproto: 1,
      ctorigsrc: 1,
      ctorigdst: 1,
      ctreplsrc: 1,
      ctrepldst: 1,
      ctorigsrcport: 1,
      ctorigdstport: 1,
      ctreplsrcport: 1,
      ctrepldstport: 1,
      ctstatus: 1,
      ctexpire: 1,
      ctdir: 1,
    },
    lower: connectionMatches,
  },
  state: {
    options: { state: 1 },
    lower: (options) => [stateMatch(options.need("state"))],
  },
  connmark: {
    options: { mark: 1 },
    lower: (options) => {
      const { values, isNegated } = options.need("mark");
      return [markMatch({ kind: "ct", key: "mark" }, maskedOf(values[0]!), isNegated)];
    },
  },
  connbytes: {
    options: { connbytes: 1, "connbytes-dir": 1, "connbytes-mode": 1 },
    lower: (options) => [passedMatch(options)],
  },
};

/** conntrack_mt(): of a packet without a connection only the state is asked, if it is asked at all. */
function connectionMatches(options: Options, { family }: RuleContext): readonly Statement[] {
  const state = options.get("ctstate");
  const others = options.all.filter((option) => option !== state).map((option) => connectionMatch(option, family));
  if (state === undefined) return others;
  if (others.length === 0) return [stateMatch(state)];
  const untracked = isWhere(STATE, { kind: "name", name: "invalid,untracked" });
  return [stateMatch(state), eitherOf(others, [untracked])];
}

function connectionMatch(option: Option, family: "ip" | "ip6"): Statement {
  const { name, values, isNegated } = option;
  switch (name) {
    case "ctstatus":
      return statusMatch(option);
    case "ctdir": {
      const direction = oneOf(values[0]!, { ORIGINAL: "original", REPLY: "reply" }, "direction");
      return isWhere({ kind: "ct", key: "direction" }, { kind: "name", name: direction }, isNegated);
    }
    case "ctproto":
      return isWhere(
        { kind: "ct", key: "protocol" },
        { kind: "protocol", protocol: protocolOf(values[0]!) },
        isNegated,
      );
    case "ctexpire":
      return expirationMatch(option);
    default:
      return tupleMatch(option, family);
  }
}

/** `--ctorigsrc address[/prefix]`, `--ctrepldstport port[:port]` and their like. */
function tupleMatch({ name, values, isNegated }: Option, family: "ip" | "ip6"): Statement {
  const direction = name.startsWith("ctorig") ? "original" : "reply";
  const isSource = name.includes("src");
  const [value] = values;
  if (name.endsWith("port")) {
    const ports = rangeLiteral(rangeOf(value!, PORT_MAX));
    return isWhere({ kind: "ct", key: isSource ? "proto-src" : "proto-dst", direction }, ports, isNegated);
  }
  const prefix = parsePrefix(value!.text);
  const bits = family === "ip" ? 32 : 128;
  if (prefix?.bytes.length !== bits / 8) throw new LineError(value!.column, `"${value!.text}" is no address or prefix`);
  const address = formatAddress(prefix.bytes);
  const literal: Literal =
    prefix.length === bits ? { kind: "address", address } : { kind: "prefix", address, length: prefix.length };
  return isWhere({ kind: "ct", key: `${family} ${isSource ? "saddr" : "daddr"}`, direction }, literal, isNegated);
}

/** One common state is enough; SNAT and DNAT are translations, which nft does not call states. */
function stateMatch({ values, isNegated }: Option): Statement {
  const names = listOf(values[0]!).map(stateOf);
  const isTranslation = names.includes("snat") || names.includes("dnat");
  if (!isNegated && !isTranslation) {
    const name = NFT_STATES.filter((state) => names.includes(state)).join(",");
    return isWhere(STATE, { kind: "name", name });
  }
  const listed = CONNECTION_STATES.filter((state) => names.includes(state));
  const elements = listed.map((name) => ({ key: [{ kind: "name", name } as const] }));
  return { kind: "lookup", key: STATE, set: { kind: "anonymous", elements }, invert: isNegated };
}

function stateOf(word: Word): string {
  const name = word.text.toLowerCase();
  if (!CONNECTION_STATES.includes(name)) throw new LineError(word.column, `"${word.text}" is no state of a connection`);
  return name;
}

/** Whole seconds until the connection is forgotten, `from[:to]`: what is left of a second does not count. */
function expirationMatch({ values, isNegated }: Option): Statement {
  const [from, to] = rangeOf(values[0]!, 0xffff_ffff).map((end) => Math.min(end, EXPIRATION_MAX - 1));
  const isUntil = (operator: "<" | ">=", seconds: number): Statement => ({
    kind: "match",
    left: { kind: "ct", key: "expiration" },
    operator,
    right: { kind: "literal", parts: [number(seconds)] },
  });
  if (isNegated) return eitherOf([isUntil("<", from!)], [isUntil(">=", to! + 1)]);
  return eitherOf([isUntil(">=", from!), isUntil("<", to! + 1)]);
}

/** One common status is enough; NONE has no bit. Without a connection nothing matches, not even what is negated. */
function statusMatch({ values, isNegated }: Option): Statement {
  const bits = listOf(values[0]!).reduce((sum, word) => sum | oneOf(word, STATUSES, "status of a connection"), 0);
  const left: Expression = { kind: "bitwise", operator: "&", left: { kind: "ct", key: "status" }, right: bits };
  return isWhere(left, { kind: "number", value: 0 }, !isNegated);
}

/** connbytes_mt(): what has passed on the connection so far, this packet included: at least `from`, and at most `to` if that is said. */
function passedMatch(options: Options): Statement {
  const { values, isNegated } = options.need("connbytes");
  const [word] = values;
  const mode = oneOf(options.need("connbytes-mode").values[0]!, MODES, "mode of connbytes");
  const direction = oneOf(options.need("connbytes-dir").values[0]!, DIRECTIONS, "direction of connbytes");
  const passed: Expression = { kind: "ct", key: mode, ...(direction === "both" ? {} : { direction }) };
  const [from, to, ...others] = word!.text.split(":").map((text) => passedOf({ ...word!, text }));
  if (from === undefined || others.length > 0) throw new LineError(word!.column, `"${word!.text}" is no range`);
  if (to === undefined) {
    const right: Expression = { kind: "literal", parts: [number(from)] };
    return { kind: "match", left: passed, operator: isNegated ? "<" : ">=", right };
  }
  if (to < from) throw new LineError(word!.column, `the range "${word!.text}" ends before it begins`);
  // iptables negates by exchanging the ends, which does nothing where they are the same.
  return isWhere(passed, { kind: "range", from: number(from), to: number(to) }, isNegated && from !== to);
}

function passedOf(word: Word): number {
  return numberOf(word, Number.MAX_SAFE_INTEGER);
}

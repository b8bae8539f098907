/** Matches by chance, by number and by time: limit, statistic, recent, nfacct. */

import { LIST_HITS_MAX } from "../../assembly/layout/program.ts";
import { isWhere } from "./iptables-match.ts";
import {
  addressIn,
  type Extension,
  numberOf,
  type Options,
  oneOf,
  type RuleContext,
  unsupported,
} from "./iptables-options.ts";
import { CERTAIN, WHOLE_ADDRESS } from "./iptables-words.ts";
import { LineError, type Word } from "./iptables-words-of.ts";
import type { Limit, Recent, Statement } from "./types.ts";

const RECENT_OPERATIONS = ["set", "rcheck", "update", "remove"] as const;
const LIMIT_UNITS = ["second", "minute", "hour", "day"] as const;
const BURST_MAX = 10_000;
/** Packets that may pass at once where nothing is said. */
export const DEFAULT_BURST = 5;
const DEFAULT_LIST = "DEFAULT";

type Rate = Pick<Limit, "rate"> & { readonly per: (typeof LIMIT_UNITS)[number] };

export const RATE_MATCHES: Readonly<Record<string, Extension>> = {
  limit: { options: { limit: 1, "limit-burst": 1 }, lower: limit },
  statistic: {
    options: { mode: 1, probability: 1, every: 1, packet: 1 },
    lower: statistic,
  },
  recent: {
    options: {
      set: 0,
      rcheck: 0,
      update: 0,
      remove: 0,
      seconds: 1,
      reap: 0,
      hitcount: 1,
      rttl: 0,
      name: 1,
      mask: 1,
      rsource: 0,
      rdest: 0,
    },
    lower: recent,
  },
  nfacct: {
    options: { "nfacct-name": 1 },
    lower: (options) => [{ kind: "nfacct", name: options.need("nfacct-name").values[0]!.text }],
  },
};

/** `rate/unit`, three an hour where nothing is said, and so many at once. */
function limit(options: Options): readonly Statement[] {
  const negated = options.all.find(({ isNegated }) => isNegated);
  if (negated !== undefined) throw unsupported(negated.word, "a negated limit");
  const word = options.value("limit");
  const rate: Rate = word === undefined ? { rate: 3, per: "hour" } : rateOf(word);
  const burst = options.number("limit-burst", BURST_MAX, DEFAULT_BURST);
  return [{ kind: "limit", ...rate, burst, over: false }];
}

/** `rate/unit`, where the unit may be cut off: packets a second if it is left out. */
export function rateOf(word: Word): Rate {
  const [, rate, unit = "second"] = /^(\d+)(?:\/([a-z]+))?$/.exec(word.text) ?? [];
  const per = LIMIT_UNITS.find((name) => name.startsWith(unit === "sec" ? "second" : unit));
  if (rate === undefined || per === undefined || Number(rate) === 0)
    throw new LineError(word.column, `"${word.text}" is no rate, such as 5/min`);
  return { rate: Number(rate), per };
}

/** Each mode, of which --mode nth counts packets as nft's numgen does: from 0, all rules apart. */
function statistic(options: Options): readonly Statement[] {
  const mode = oneOf(options.need("mode").values[0]!, { random: "random", nth: "nth" }, "mode");
  if (mode === "random") {
    const { values, isNegated } = options.need("probability");
    const probability = Number(values[0]!.text);
    if (!(probability >= 0 && probability <= 1)) {
      throw new LineError(values[0]!.column, `"${values[0]!.text}" is no probability from 0 to 1`);
    }
    if (isNegated) throw unsupported(values[0]!, "a negated probability");
    return [{ kind: "statistic", probability: Math.round(probability * CERTAIN) }];
  }
  const { values, isNegated } = options.need("every");
  const every = numberOf(values[0]!);
  const packet = options.number("packet", every - 1, 0);
  if (every === 0) throw new LineError(values[0]!.column, "--every wants a number from 1");
  const counted = { kind: "numgen", mode: "inc", modulus: every, offset: 0 } as const;
  return [isWhere(counted, { kind: "number", value: packet }, isNegated)];
}

function recent(options: Options, { family }: RuleContext): readonly Statement[] {
  const operation = RECENT_OPERATIONS.find((name) => options.has(name));
  if (operation === undefined)
    throw new LineError(options.named.column, "recent wants --set, --rcheck, --update or --remove");
  const hits = options.value("hitcount");
  if (hits !== undefined && numberOf(hits) > LIST_HITS_MAX)
    throw unsupported(hits, `--hitcount beyond ${LIST_HITS_MAX}`);
  const mask = options.value("mask");
  if (mask !== undefined) addressIn(mask, family);
  const seconds = options.value("seconds");
  const statement: Recent = {
    kind: "recent",
    list: options.value("name")?.text ?? DEFAULT_LIST,
    operation,
    ...(seconds === undefined ? {} : { seconds: numberOf(seconds) }),
    ...(hits === undefined ? {} : { hits: numberOf(hits) }),
    ...(options.has("reap") ? { reap: true } : {}),
    ...(options.has("rttl") ? { ttl: true } : {}),
    ...(options.has("rdest") ? { destination: true } : {}),
    ...(mask === undefined || mask.text === WHOLE_ADDRESS[family] ? {} : { mask: mask.text }),
    ...(options.need(operation).isNegated ? { invert: true } : {}),
  };
  return [statement];
}

/** `-m set`: whether one of ipset's sets holds what the packet shows. */

import { allOf } from "./iptables-match.ts";
import type { Extension } from "./iptables-options.ts";
import { unsupported } from "./iptables-options.ts";

/** What counts packets in the set itself, which nobody asks here. */
const WITHOUT_EFFECT = ["update-counters", "update-subcounters"];

export const SET_MATCHES: Readonly<Record<string, Extension>> = {
  set: {
    options: {
      "match-set": 2,
      "return-nomatch": 0,
      "update-counters": 0,
      "update-subcounters": 0,
      "packets-eq": 1,
      "packets-lt": 1,
      "packets-gt": 1,
      "bytes-eq": 1,
      "bytes-lt": 1,
      "bytes-gt": 1,
    },
    lower: (options, { sets, family, useSet }) => {
      const { values, isNegated } = options.need("match-set");
      const other = options.all.find(({ name }) => name !== "match-set" && !WITHOUT_EFFECT.includes(name));
      if (other !== undefined) throw unsupported(other.word);
      const match = sets.match(values[0]!, values[1]!, family);
      match.sets.forEach(useSet);
      return allOf(match.statements, isNegated);
    },
  },
};

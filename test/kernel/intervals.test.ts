/** nft merges the intervals of an anonymous set; ours must come out the same for any list of prefixes. */

import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { expect, it } from "vitest";
import { prefixOf } from "../../src/network/prefix.ts";
import { prefixMatch } from "../../src/ruleset/intervals.ts";
import { rulesetText } from "../../src/ruleset/nft-text.ts";
import type { Rule } from "../../src/ruleset/types.ts";
import { describeKernel } from "../support/kernel.ts";

const SEED = 20_260;
const LISTS = 300;

/** Few values of each byte, so that prefixes overlap and touch. */
const octet = fc.constantFrom(0, 1, 2, 3, 127, 128, 254, 255);
const group = octet.map((value) => value.toString(16));
const prefix4 = fc
  .tuple(fc.tuple(octet, octet, octet, octet), fc.integer({ min: 0, max: 32 }))
  .map(([bytes, length]) => `${bytes.join(".")}/${length}`);
const prefix6 = fc
  .tuple(fc.array(group, { minLength: 8, maxLength: 8 }), fc.integer({ min: 0, max: 128 }))
  .map(([groups, length]) => `${groups.join(":")}/${length}`);

describeKernel("intervals", () => {
  it.each([
    ["ip", prefix4],
    ["ip6", prefix6],
  ] as const)("of random prefixes are nft's own: %s", (network, prefix) => {
    const lists = fc.sample(fc.array(prefix, { minLength: 1, maxLength: 8 }), { seed: SEED, numRuns: LISTS });
    const raw = lists.map((list) => `${network} saddr != { ${list.join(", ")} } drop`).join("\n");
    const listed = loadAndList(`table ${network} t {\nchain c {\n${raw}\n}\n}\n`);
    const rules = lists.map((list): Rule => {
      const left = { kind: "payload", protocol: network, field: "saddr" } as const;
      const drop = { kind: "verdict", verdict: { kind: "drop" } } as const;
      return { statements: [prefixMatch(left, "!=", list.map(prefixOf)), drop] };
    });
    const ours = rulesetText({ tables: [{ family: network, name: "t", sets: [], chains: [{ name: "c", rules }] }] });
    expect(ours.split("\n")).toEqual(listed.split("\n"));
  });
});

function loadAndList(text: string): string {
  const script = "nft -f - && nft list ruleset";
  return execFileSync("unshare", ["--net", "sh", "-c", script], { input: text, encoding: "utf8", timeout: 30_000 });
}

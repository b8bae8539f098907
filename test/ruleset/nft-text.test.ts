/** nft's text where kube-proxy's rules do not show it. */

import { expect, it } from "vitest";
import { rulesetText } from "../../src/ruleset/nft-text.ts";
import type { BaseChain, Hook, NamedSet, Table } from "../../src/ruleset/types.ts";

it.each([
  ["prerouting", -300, "raw"],
  ["prerouting", -110, "dstnat - 10"],
  ["prerouting", -111, "-111"],
  ["output", -110, "-110"],
  ["output", -100, "-100"],
  ["input", 0, "filter"],
  ["input", 10, "filter + 10"],
  ["input", 11, "11"],
  ["forward", 50, "security"],
  ["postrouting", 100, "srcnat"],
  ["input", 100, "100"],
  ["postrouting", 300, "300"],
] as const)("a chain in %s with priority %i has priority %s", (hook: Hook, priority, text) => {
  const base: BaseChain = { type: "filter", hook, priority, policy: "accept" };
  const printed = rulesetText({ tables: [table({ chains: [{ name: "c", base, rules: [] }] })] });
  expect(printed).toContain(`\t\ttype filter hook ${hook} priority ${text}; policy accept;\n`);
});

it.each([
  [30, "30s"],
  [100, "1m40s"],
  [10_800, "3h"],
  [86_400, "1d"],
  [90_061, "1d1h1m1s"],
])("a timeout of %i seconds is %s", (timeoutSeconds, text) => {
  const set: NamedSet = { name: "s", key: ["ipv4_addr"], flags: ["timeout", "dynamic"], timeoutSeconds, elements: [] };
  const printed = rulesetText({ tables: [table({ sets: [set] })] });
  expect(printed).toContain(`\t\tflags dynamic,timeout\n\t\ttimeout ${text}\n`);
});

it("breaks lines of elements where nft does", () => {
  const elements = [80, 81, 82, 83, 84, 85].map((value) => ({ key: [{ kind: "number", value } as const] }));
  const set: NamedSet = { name: "s", key: ["inet_service"], flags: [], elements };
  expect(rulesetText({ tables: [table({ sets: [set] })] })).toContain(
    "elements = { 80, 81, 82, 83, 84,\n\t\t\t     85 }\n",
  );
});

function table(parts: Partial<Table>): Table {
  return { family: "inet", name: "t", sets: [], chains: [], ...parts };
}

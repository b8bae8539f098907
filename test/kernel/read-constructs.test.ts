/** All that nft lists is read from its JSON without loss: printed in its own words it is what nft itself prints. */

import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";
import type { Json, JsonObject } from "../../src/ruleset/json.ts";
import { readNftJson } from "../../src/ruleset/nft-json.ts";
import { rulesetJson } from "../../src/ruleset/nft-json-print.ts";
import { rulesetText } from "../../src/ruleset/nft-text.ts";
import { ruleText } from "../../src/ruleset/nft-text-rule.ts";
import type { Rule } from "../../src/ruleset/types.ts";
import { describeKernel } from "../support/kernel.ts";
import { RULES } from "./nft-constructs.ts";
import { DECLARATIONS } from "./nft-declarations.ts";

const CHAIN = "rules";
const TABLE = `table inet t {\n${DECLARATIONS}\n chain other {\n }\n chain ${CHAIN} {\n${RULES.join("\n")}\n }\n}\n`;

describeKernel("what nft has words for", () => {
  const json = (text: string) => inNamespace("nft -f - && nft -j list ruleset", text);

  it("is read, and printed as nft lists it", () => {
    const { ruleset, problems } = readNftJson(json(TABLE), "nft");
    expect(problems).toEqual([]);
    const rules = ruleset.tables[0]?.chains.find(({ name }) => name === CHAIN)?.rules ?? [];
    expect(rules.map((rule: Rule) => ruleText(rule))).toEqual(RULES);
  });

  it("is printed as the JSON that nft writes", () => {
    const listed = json(TABLE);
    const { ruleset } = readNftJson(listed, "nft");
    expect(comparable(rulesetJson(ruleset))).toEqual(comparable(JSON.parse(listed)));
  });

  it("can be loaded as it is printed, and is the same again", () => {
    const listed = json(TABLE);
    const { ruleset } = readNftJson(listed, "nft");
    expect(comparable(JSON.parse(json(rulesetText(ruleset))))).toEqual(comparable(JSON.parse(listed)));
  });
});

/** Without what is new with every load, and what passes with the time; objects in the order of their names. */
function comparable(json: Json): string[] {
  const objects = (json as { readonly nftables: readonly JsonObject[] }).nftables;
  const told = objects.filter((object) => !("metainfo" in object));
  return told.map((object) => JSON.stringify(sorted(object))).sort();
}

function sorted(json: Json | undefined): Json | undefined {
  if (Array.isArray(json)) return json.map((part) => sorted(part) ?? null);
  if (typeof json !== "object" || json === null) return json;
  const entries = Object.entries(json as JsonObject).filter(([key]) => key !== "handle" && key !== "expires");
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, value]) => [key, sorted(value)]));
}

function inNamespace(script: string, input: string): string {
  return execFileSync("unshare", ["--net", "sh", "-c", script], { input, encoding: "utf8", timeout: 30_000 });
}

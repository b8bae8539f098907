/** nft's JSON, in and out: real kube-proxy rules as nft 1.0.6 listed them both ways. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { generateNftables } from "../../src/proxy/nftables/ruleset.ts";
import { readNftJson } from "../../src/ruleset/nft-json.ts";
import { rulesetJson } from "../../src/ruleset/nft-json-print.ts";
import { rulesetText } from "../../src/ruleset/nft-text.ts";
import { GOLDEN_ROOT, goldenFile, goldenInput, goldenNames } from "../support/golden.ts";
import { nftListing } from "../support/nft-listing.ts";

const NAMES = goldenNames().filter((name) => existsSync(join(GOLDEN_ROOT, name, "rules.nft.json")));
const TABLE = { table: { family: "ip", name: "t" } };
const CHAIN = { chain: { family: "ip", table: "t", name: "c" } };

describe("reading", () => {
  it.each(NAMES)("gives the rules that nft lists as text: %s", (name) => {
    const { ruleset, problems } = readNftJson(goldenFile(name, "rules.nft.json"), "rules.nft.json");
    expect(problems).toEqual([]);
    expect(nftListing(rulesetText(ruleset))).toEqual(nftListing(withoutComments(goldenFile(name, "rules.nft"))));
  });

  it("names the statement that it does not know, and where it stands", () => {
    const limited = rule({ limit: { rate: 5, per: "second" } }, { accept: null });
    expect(readNftJson(json(TABLE, CHAIN, limited), "node.json").problems).toEqual([
      {
        severity: "error",
        message: 'node.json: table ip t, chain c, rule handle 7: statement "limit" is not supported',
      },
    ]);
  });

  it.each([
    ["expression", { match: { op: "==", left: { socket: { key: "mark" } }, right: 1 } }, 'expression "socket"'],
    [
      "payload by offset",
      { match: { op: "==", left: { payload: { base: "th", offset: 0, len: 8 } }, right: 1 } },
      "raw",
    ],
    ["whole bit sets", { match: { op: "==", left: { ct: { key: "status" } }, right: "dnat" } }, "whole bit set"],
    ["xtables rules in nft", { xt: null }, 'statement "xt"'],
    ["counters by name", { counter: "c" }, "counter by name"],
    ["protocol by an unknown name", { match: { op: "==", left: { meta: { key: "l4proto" } }, right: "pup" } }, '"pup"'],
  ])("refuses what it cannot run: %s", (_, statement, message) => {
    const { problems } = readNftJson(json(TABLE, CHAIN, rule(statement)), "node.json");
    expect(problems).toHaveLength(1);
    expect(problems[0]?.message).toContain(message);
  });

  it("leaves out statements that change nothing", () => {
    const { ruleset, problems } = readNftJson(json(TABLE, CHAIN, rule({ log: null }, { drop: null })), "node.json");
    expect(problems).toEqual([]);
    expect(ruleset.tables[0]?.chains[0]?.rules[0]?.statements).toEqual([
      { kind: "verdict", verdict: { kind: "drop" } },
    ]);
  });

  it("warns of tables of other families and does not run them", () => {
    const bridge = { table: { family: "bridge", name: "b" } };
    const { ruleset, problems } = readNftJson(
      json(bridge, { chain: { family: "bridge", table: "b", name: "c" } }),
      "f",
    );
    expect(ruleset.tables).toEqual([]);
    expect(problems.map(({ severity }) => severity)).toEqual(["warning"]);
  });

  it.each(["", "[]", "{}", '{"nftables": 1}', "*nat"])("says that %j is not nft's JSON", (text) => {
    expect(readNftJson(text, "f").problems.map(({ severity }) => severity)).toEqual(["error"]);
  });
});

describe("writing", () => {
  it.each(NAMES)("gives what nft writes, but for handles: %s", (name) => {
    const { cluster, node, configuration } = goldenInput(name);
    const ours = JSON.stringify(rulesetJson(generateNftables(cluster, node, configuration)));
    expect(comparable(ours)).toEqual(comparable(goldenFile(name, "rules.nft.json")));
  });

  it("can be read again", () => {
    const { cluster, node, configuration } = goldenInput("35-dualstack");
    const ruleset = generateNftables(cluster, node, configuration);
    const again = readNftJson(JSON.stringify(rulesetJson(ruleset)), "f");
    expect(again.problems).toEqual([]);
    expect(rulesetText(again.ruleset)).toBe(rulesetText(ruleset));
  });
});

function json(...objects: readonly object[]): string {
  return JSON.stringify({ nftables: [{ metainfo: { json_schema_version: 1 } }, ...objects] });
}

function rule(...expr: readonly object[]): object {
  return { rule: { family: "ip", table: "t", chain: "c", handle: 7, expr } };
}

/** nft 1.0.6 leaves the comments of tables and chains out of its JSON. */
function withoutComments(text: string): string {
  return text.replace(/^\tcomment .*\n/gm, "").replace(/^(\tchain .*\n)\t\tcomment .*\n/gm, "$1");
}

/** Objects without handles, in an order of their own; elements too. */
function comparable(text: string): unknown[] {
  // biome-ignore lint/suspicious/noExplicitAny: nft's JSON as it comes
  const objects: any[] = JSON.parse(text).nftables.filter((object: object) => !("metainfo" in object));
  return objects.map((object) => comparableObject(object)).sort((a, b) => (a.order < b.order ? -1 : 1));
}

// biome-ignore lint/suspicious/noExplicitAny: nft's JSON as it comes
function comparableObject(object: any): { order: string; kind: string; fields: object } {
  const [kind, { handle, ...fields }] = Object.entries(object)[0] as [
    string,
    { handle?: number; [key: string]: unknown },
  ];
  if (kind === "table" || kind === "chain") delete fields.comment;
  const elements = fields.elem as unknown[] | undefined;
  if (elements) fields.elem = elements.map((element) => JSON.stringify(element)).sort();
  const order = [kind, fields.family, fields.chain ?? fields.name, JSON.stringify(fields.expr)].join(" ");
  return { order, kind, fields };
}

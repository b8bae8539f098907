/** nft's JSON, in and out: real kube-proxy rules as nft 1.0.6 listed them both ways. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { compileProgram } from "../../src/program/compile.ts";
import { asProblem } from "../../src/program/problem.ts";
import { generateNftables } from "../../src/proxy/nftables/ruleset.ts";
import { readNftJson } from "../../src/ruleset/nft-json.ts";
import { rulesetJson } from "../../src/ruleset/nft-json-print.ts";
import { rulesetText } from "../../src/ruleset/nft-text.ts";
import type { Ruleset } from "../../src/ruleset/types.ts";
import { plainNetwork } from "../engine/rules-engine.ts";
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

  it("keeps the statement that it does not know, and the compiler names it and where it stands", () => {
    const tproxy = rule({ tproxy: { port: 80 } }, { accept: null });
    const { ruleset, problems } = readNftJson(json(TABLE, CHAIN, tproxy), "node.json");
    expect(problems).toEqual([]);
    expect(problemsOf(ruleset)).toEqual([
      'error node.json: table ip t, chain c, rule handle 7: statement "tproxy" is not supported',
    ]);
  });

  it("tells the line where there are several", () => {
    const text = JSON.stringify({ nftables: [TABLE, CHAIN, rule({ tproxy: { port: 80 } })] }, null, 1);
    const line = text.split("\n").findIndex((one) => one.includes('"rule"'));
    expect(problemsOf(readNftJson(text, "node.json").ruleset)[0]).toContain(`node.json:${line}: table ip t, chain c`);
  });

  it.each([
    ["expression", { match: { op: "==", left: { socket: { key: "mark" } }, right: 1 } }, 'expression "socket"'],
    ["xtables rules in nft", { xt: null }, 'statement "xt"'],
    ["protocol by an unknown name", { match: { op: "==", left: { meta: { key: "l4proto" } }, right: "pup" } }, '"pup"'],
  ])("refuses what it cannot run: %s", (_, statement, message) => {
    const { ruleset } = readNftJson(json(TABLE, CHAIN, rule(statement)), "node.json");
    const told = problemsOf(ruleset);
    expect(told).toHaveLength(1);
    expect(told[0]).toContain(message);
  });

  it("keeps statements that change nothing", () => {
    const { ruleset, problems } = readNftJson(json(TABLE, CHAIN, rule({ log: null }, { drop: null })), "node.json");
    expect(problems).toEqual([]);
    expect(problemsOf(ruleset)).toEqual([]);
    expect(ruleset.tables[0]?.chains[0]?.rules[0]?.statements).toEqual([
      { kind: "log", json: null },
      { kind: "verdict", verdict: { kind: "drop" } },
    ]);
  });

  it("warns of tables of other families and does not run them", () => {
    const bridge = { table: { family: "bridge", name: "b" } };
    const { ruleset, problems } = readNftJson(
      json(bridge, { chain: { family: "bridge", table: "b", name: "c" } }),
      "f",
    );
    expect(problems).toEqual([]);
    expect(ruleset.tables).toHaveLength(1);
    expect(problemsOf(ruleset)).toEqual(["warning bridge b tables of family bridge are not run"]);
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

/** What whoever wants to run the rules is told. */
function problemsOf(ruleset: Ruleset): string[] {
  const { problems } = compileProgram({ ruleset, network: plainNetwork() });
  return problems
    .map(asProblem)
    .map(({ severity, path, message }) => [severity, path, message].filter(Boolean).join(" "));
}

/** What of nft's rules is not run, or is no rule at all: each with the exact words that the user reads. */

import { describe, expect, it } from "vitest";
import { compileProgram } from "../../src/program/compile.ts";
import { asProblem } from "../../src/program/problem.ts";
import type { Json } from "../../src/ruleset/json.ts";
import { readNftJson } from "../../src/ruleset/nft-json.ts";
import { plainNetwork } from "../engine/rules-engine.ts";

const TABLE = { table: { family: "inet", name: "t" } };
const CHAIN = { chain: { family: "inet", table: "t", name: "c" } };
const RULE = "f.json: table inet t, chain c, rule handle 7";

describe("statements and expressions that are not run", () => {
  it.each<[statement: Json, message: string]>([
    [{ tproxy: { port: 80 } }, `statement "tproxy" is not supported`],
    [{ dup: { addr: "1.1.1.1" } }, `statement "dup" is not supported`],
    [{ fwd: { dev: "lo" } }, `statement "fwd" is not supported`],
    [{ synproxy: { mss: 1460 } }, `statement "synproxy" is not supported`],
    [{ synproxy: "s" }, `there is no synproxy "s" that could be compiled`],
    [{ "ct timeout": "x" }, `there is no ct timeout "x" that could be compiled`],
    [{ "ct expectation": "x" }, `there is no ct expectation "x" that could be compiled`],
    [{ counter: "x" }, `there is no counter "x" that could be compiled`],
    [{ flow: { op: "add", flowtable: "@f" } }, `statement "flow" is not supported`],
    [{ xt: { type: "match", name: "comment" } }, `statement "xt" is not supported`],
    [{ last: null }, `statement "last" is not supported`],
    ["add @m { ip saddr : 5 }", `"add @m { ip saddr : 5 }", which nft did not write as JSON, is not supported`],
    [mangle({ ct: { key: "label" } }, 5), `"ct label set" is not supported`],
    [mangle({ meta: { key: "pkttype" } }, "host"), `"meta pkttype set" is not supported`],
    [
      mangle({ payload: { protocol: "ether", field: "saddr" } }, "00:11:22:33:44:55"),
      `"ether saddr set" is not supported`,
    ],
    [match({ socket: { key: "mark" } }, 1), `expression "socket" is not supported`],
    [match({ osf: { key: "name" } }, "Linux"), `expression "osf" is not supported`],
    [match({ ipsec: { key: "reqid", dir: "in", spnum: 0 } }, 1), `expression "ipsec" is not supported`],
    [match({ symhash: { mod: 2 } }, 1), "symhash, whose key only the kernel knows, is not supported"],
    [match({ meta: { key: "cpu" } }, 0), `"meta cpu" is not supported`],
    [match({ meta: { key: "iifgroup" } }, "default"), `"meta iifgroup" is not supported`],
    [match({ meta: { key: "iifkind" } }, "veth"), `"meta iifkind" is not supported`],
    [match({ meta: { key: "sdif" } }, "lo"), `"meta sdif" is not supported`],
    [match({ meta: { key: "rtclassid" } }, "5"), `"meta rtclassid" is not supported`],
    [match({ meta: { key: "priority" } }, "none"), `"meta priority" is not supported`],
    [match({ ct: { key: "helper" } }, "ftp"), `"ct helper" is not supported`],
    [match({ ct: { key: "label" } }, 5), `"ct label" is not supported`],
    [match({ ct: { key: "id" } }, 5), `"ct id" is not supported`],
    [match({ ct: { key: "ip saddr" } }, "1.1.1.1"), `"ct ip saddr" does not say of which direction`],
    [match({ rt: { key: "classid" } }, "5"), `"rt classid" is not supported`],
    [match({ payload: { protocol: "vlan", field: "id" } }, 5), `the field "vlan id" is not supported`],
    [match({ payload: { base: "ih", offset: 0, len: 8 } }, 5), `"@ih,0,8" is not supported`],
    [match({ payload: { base: "nh", offset: 64, len: 128 } }, 5), `"@nh,64,128" is not supported`],
    [match({ "sctp chunk": { name: "data" } }, true), `"sctp chunk data" is not supported`],
    [match({ meta: { key: "l4proto" } }, "pup"), `protocol "pup" is not supported`],
    [match({ payload: { protocol: "ip", field: "saddr" } }, "host.example"), "host.example is no IPv4 address"],
    [
      { vmap: { key: { meta: { key: "mark" } }, data: "@gone" } },
      `there is no set or map "gone" that could be compiled`,
    ],
    [{ jump: { target: "gone" } }, `there is no chain "gone"`],
  ])("%j", (statement, message) => {
    expect(told(TABLE, CHAIN, rule(statement))).toEqual([`error: ${RULE}: ${message}`]);
  });
});

describe("statements that decide nothing about packets", () => {
  it.each([
    [{ meta: { key: "priority" } }, "meta priority"],
    [{ meta: { key: "nftrace" } }, "meta nftrace"],
    [{ meta: { key: "secmark" } }, "meta secmark"],
    [{ ct: { key: "event" } }, "ct event"],
    [{ ct: { key: "secmark" } }, "ct secmark"],
  ])("are named once: %j", (key, name) => {
    const one = rule(mangle(key, 1));
    expect(told(TABLE, CHAIN, one, one)).toEqual([
      `warning: ${RULE}: "${name} set" is not run: it decides nothing about packets`,
    ]);
  });
});

describe("sets that rules cannot use", () => {
  it.each<[fields: object, statement: Json, message: string]>([
    [{ type: "cgroupsv2" }, { set: { op: "add", elem: 5, set: "@s" } }, `the type "cgroupsv2" is not supported`],
    [
      { type: "ipv4_addr", flags: ["interval"], elem: [{ prefix: { addr: "10.0.0.0", len: 8 } }] },
      update(),
      "intervals in a set that rules change are not supported",
    ],
    [
      { type: "ipv4_addr", flags: ["timeout"] },
      { set: { ...update().set, stmt: [{ "ct count": { val: 5 } }] } },
      `"ct count" of elements that time out is not supported`,
    ],
    [
      { type: ["ipv6_addr", "ipv6_addr", "ipv6_addr", "mark"] },
      update(),
      "the key is too long for a set that rules change",
    ],
  ])("%j", (fields, statement, message) => {
    const set = { set: { family: "inet", table: "t", name: "s", ...fields } };
    expect(told(TABLE, CHAIN, set, rule(statement))[0]).toBe(`error: inet t s ${message}`);
  });
});

describe("what is no ruleset", () => {
  it.each<[text: string, message: string]>([
    ["{", "f.json: not JSON: "],
    ["{}", `f.json: has no list "nftables"`],
    [list({ table: { family: "decnet", name: "t" } }), 'f.json: table decnet t: family "decnet" is not supported'],
    [
      list({ chain: { family: "ip", table: "t", name: "c" } }),
      "f.json: table ip t, chain c: an object before its table is not supported",
    ],
    [
      list(TABLE, rule({ accept: null })),
      "f.json: table inet t, chain c, rule handle 7: a rule before its chain is not supported",
    ],
    [
      list(TABLE, { set: { family: "inet", table: "t", name: "s", type: "colour" } }),
      'f.json: table inet t, set s: type "colour" is not supported',
    ],
    [
      list(TABLE, { chain: { family: "inet", table: "t", name: "c", hook: "nowhere", type: "filter", prio: 0 } }),
      'f.json: table inet t, chain c: hook "nowhere" is not supported',
    ],
    [
      list(TABLE, { banana: { family: "inet", table: "t", name: "b" } }),
      'f.json: table inet t, banana b: object "banana" is not supported',
    ],
    [list(5), "f.json: undefined: object: not an object is not supported"],
  ])("%j", (text, message) => {
    expect(readNftJson(text, "f.json").problems.map((problem) => problem.message)[0]).toContain(message);
  });
});

function told(...objects: readonly Json[]): string[] {
  const { ruleset, problems } = readNftJson(list(...objects), "f.json");
  expect(problems).toEqual([]);
  const { problems: compiled } = compileProgram({ ruleset, network: plainNetwork() });
  return compiled
    .map(asProblem)
    .map(({ severity, path, message }) => `${severity}: ${path ? `${path} ` : ""}${message}`);
}

function list(...objects: readonly Json[]): string {
  return JSON.stringify({ nftables: objects });
}

function rule(...expr: readonly Json[]): Json {
  return { rule: { family: "inet", table: "t", chain: "c", handle: 7, expr } };
}

function match(left: Json, right: Json): Json {
  return { match: { op: "==", left, right } };
}

function mangle(key: Json, value: Json): Json {
  return { mangle: { key, value } };
}

function update() {
  return { set: { op: "add", elem: { payload: { protocol: "ip", field: "saddr" } }, set: "@s" } } as const;
}

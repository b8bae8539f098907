/** Rules in the words of iptables-save 1.8.9, one kind of match or target each. */

import { describe, expect, it } from "vitest";
import { ruleText } from "../../src/ruleset/iptables-text-rule.ts";
import type { Expression, Literal, Rule, Statement } from "../../src/ruleset/types.ts";

const MARK: Expression = { kind: "meta", key: "mark" };
const SOURCE: Expression = { kind: "payload", protocol: "ip", field: "saddr" };
const STATE: Expression = { kind: "ct", key: "state" };
const PORT: Expression = { kind: "payload", protocol: "tcp", field: "dport" };
const ADDRESS: Literal = { kind: "address", address: "10.0.0.1" };

describe("matches", () => {
  it.each<[string, Statement]>([
    ["-s 10.0.0.1/32", match(SOURCE, ADDRESS)],
    ["! -s 10.0.0.0/8", match(SOURCE, { kind: "prefix", address: "10.0.0.0", length: 8 }, "!=")],
    [
      "-d fd00::1/128",
      match({ kind: "payload", protocol: "ip6", field: "daddr" }, { kind: "address", address: "fd00::1" }),
    ],
    ["-i veth+", match({ kind: "meta", key: "iifname" }, { kind: "name", name: "veth*" })],
    ["! -o eth0", match({ kind: "meta", key: "oifname" }, { kind: "name", name: "eth0" }, "!=")],
    ["-p sctp", match({ kind: "meta", key: "l4proto" }, { kind: "protocol", protocol: 132 })],
    ["-m tcp --dport 80", match(PORT, number(80))],
    ["-m tcp ! --dport 80:90", match(PORT, { kind: "range", from: number(80), to: number(90) }, "!=")],
    ["-m tcp", match(PORT, { kind: "range", from: number(0), to: number(65_535) })],
    ["-m mark --mark 0x4000/0x4000", match(bitwise("&", 0x4000), number(0x4000))],
    ["-m mark ! --mark 0x1", match(MARK, number(1), "!=")],
    ["-m conntrack --ctstate RELATED,ESTABLISHED", match(STATE, { kind: "name", name: "established,related" })],
    ["-m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT", noneOf("related", "established", "dnat")],
    [
      "-m addrtype --src-type LOCAL",
      match({ kind: "fib", flags: ["saddr"], result: "type" }, { kind: "name", name: "local" }),
    ],
    ["-m statistic --mode random --probability 0.33333333349", { kind: "statistic", probability: 715_827_883 }],
    ["-m nfacct --nfacct-name  dropped", { kind: "nfacct", name: "dropped" }],
    ["-m recent --set --name web --mask 255.255.255.255 --rsource", { kind: "recent", list: "web", operation: "set" }],
    [
      "-m recent --rcheck --seconds 60 --reap --name web --mask 255.255.255.255 --rsource",
      { kind: "recent", list: "web", operation: "rcheck", seconds: 60, reap: true },
    ],
  ])("%s", (text, statement) => expect(textOf({ statements: [statement] })).toBe(text));
});

describe("targets", () => {
  it.each<[string, Statement]>([
    ["-j ACCEPT", { kind: "verdict", verdict: { kind: "accept" } }],
    ["-j KUBE-SERVICES", { kind: "verdict", verdict: { kind: "jump", chain: "KUBE-SERVICES" } }],
    ["-g KUBE-SERVICES", { kind: "verdict", verdict: { kind: "goto", chain: "KUBE-SERVICES" } }],
    [
      "-j REJECT --reject-with icmp-port-unreachable",
      { kind: "reject", with: { type: "icmp", code: "port-unreachable" } },
    ],
    ["-j REJECT --reject-with tcp-reset", { kind: "reject", with: { type: "tcp reset" } }],
    ["-j MARK --set-xmark 0x4000/0x4000", setMark(bitwise("|", 0x4000))],
    ["-j MARK --set-xmark 0x4000/0x0", setMark(bitwise("^", 0x4000))],
    ["-j MARK --set-xmark 0x0/0xffffbfff", setMark(bitwise("&", 0x4000))],
    ["-j MARK --set-xmark 0x1/0xffffffff", setMark({ kind: "literal", parts: [number(1)] })],
    ["-j MASQUERADE --random-fully", { kind: "masquerade", flags: ["fully-random"] }],
    ["-j DNAT --to-destination 10.0.0.1:80", dnat("10.0.0.1", 80)],
    ["-j DNAT --to-destination [fd00::1]:80", dnat("fd00::1", 80)],
    ["-j DNAT --to-destination fd00::1", dnat("fd00::1")],
  ])("%s", (text, statement) => expect(textOf({ statements: [statement] })).toBe(text));
});

describe("comments", () => {
  const statements = [match(SOURCE, ADDRESS), match(STATE, { kind: "name", name: "new" })];

  it("stand behind addresses and protocol", () => {
    expect(textOf({ statements, comment: "here" })).toBe(
      "-s 10.0.0.1/32 -m comment --comment here -m conntrack --ctstate NEW",
    );
  });

  it("stand where they stood, if that is known", () => {
    expect(textOf({ statements, comment: "here", commentAfter: 2 })).toBe(
      "-s 10.0.0.1/32 -m conntrack --ctstate NEW -m comment --comment here",
    );
  });

  it.each([
    ["plain_name-1", "plain_name-1"],
    ["default/web", '"default/web"'],
    [`a "b" 'c' \\`, `"a \\"b\\" \\'c\\' \\\\"`],
  ])("are quoted where the shell would need it: %s", (comment, text) => {
    expect(textOf({ statements: [], comment })).toBe(`-m comment --comment ${text}`);
  });
});

it("nft's own statements have no words", () => {
  expect(() => textOf({ statements: [{ kind: "notrack" }] })).toThrow(
    "iptables has no words for the statement notrack",
  );
});

function textOf(rule: Rule): string {
  return ruleText("X", rule, "ip").slice("-A X ".length);
}

function match(left: Expression, literal: Literal, operator: "==" | "!=" = "=="): Statement {
  return { kind: "match", left, operator, right: { kind: "literal", parts: [literal] } };
}

function noneOf(...names: readonly string[]): Statement {
  const elements = names.map((name) => ({ key: [{ kind: "name", name }] as const }));
  return { kind: "lookup", key: STATE, set: { kind: "anonymous", elements }, invert: true };
}

function bitwise(operator: "&" | "|" | "^", right: number): Expression {
  return { kind: "bitwise", operator, left: MARK, right };
}

function setMark(value: Expression): Statement {
  return { kind: "mangle", target: "meta mark", value };
}

function dnat(address: string, port?: number): Statement {
  const target: Expression = { kind: "literal", parts: [{ kind: "address", address }] };
  return { kind: "dnat", target, flags: [], ...(port === undefined ? {} : { port: number(port) }) };
}

function number(value: number): Literal {
  return { kind: "number", value };
}

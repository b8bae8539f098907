/** Hook lists: who is registered, in which order, and which filter chains leave established connections alone. */

import { describe, expect, test } from "vitest";
import * as Layout from "../../assembly/layout/program.ts";
import { compileProgram } from "../../src/program/compile.ts";
import type { Program } from "../../src/program/types.ts";
import type { Chain, Expression, Hook, NamedSet, Ruleset, Statement, Table } from "../../src/ruleset/types.ts";
import { chain, plainNetwork, table } from "../engine/rules-engine.ts";

const HOOKS: readonly Hook[] = ["prerouting", "input", "forward", "output", "postrouting"];
const KINDS = ["", "defragment", "track", "filter", "nat", "confirm"];

const drop: Statement = { kind: "verdict", verdict: { kind: "drop" } };

function state(...names: readonly string[]): Statement {
  const parts = names.map((name) => ({ kind: "name", name }) as const);
  return { kind: "match", left: { kind: "ct", key: "state" }, operator: "==", right: { kind: "literal", parts } };
}

function compile(...tables: readonly Table[]): Program {
  const ruleset: Ruleset = { tables };
  return compileProgram({ ruleset, network: plainNetwork() });
}

/** The steps of a hook: their kinds, and of chains the first rule's chain name. */
function steps({ image, ruleAt }: Program, family: 4 | 6, hook: Hook): string[] {
  const view = new DataView(image.buffer, image.byteOffset);
  const list = listOf(view, family, hook);
  return Array.from({ length: view.getUint32(list, true) }, (_, i) => {
    const at = list + Layout.STEPS + i * Layout.STEP_SIZE;
    const kind = KINDS[view.getUint8(at)]!;
    const first = view.getUint32(at + Layout.STEP_CHAIN, true);
    if (kind === "filter") return ruleAt(first)?.chain ?? "";
    if (kind !== "nat") return kind;
    const chains = Array.from({ length: view.getUint32(first, true) }, (_, j) => {
      return ruleAt(view.getUint32(first + Layout.NAT_CHAINS + j * Layout.NAT_CHAIN_SIZE, true))?.chain;
    });
    return `nat: ${chains.join(" ")}`;
  });
}

function isFree({ image }: Program, hook: Hook, flag = Layout.HOOK_ESTABLISHED_FREE): boolean {
  const view = new DataView(image.buffer, image.byteOffset);
  return (view.getUint32(listOf(view, 4, hook) + Layout.HOOK_FLAGS, true) & flag) !== 0;
}

function listOf(view: DataView, family: 4 | 6, hook: Hook): number {
  return view.getUint32(Layout.HOOKS + ((family === 4 ? 0 : Layout.HOOKS_PER_FAMILY) + HOOKS.indexOf(hook)) * 4, true);
}

function base(name: string, hook: Hook, priority: number, rules: readonly (readonly Statement[])[] = [[drop]]): Chain {
  return chain(name, rules, { hook, priority });
}

function nat(name: string, hook: Hook, priority: number): Chain {
  return chain(name, [[state("new"), drop]], { type: "nat", hook, priority });
}

describe("hooks", () => {
  test("hold nothing of conntrack while no rule needs it", () => {
    const program = compile(table([base("a", "prerouting", 0), base("b", "prerouting", -300)]));
    expect(steps(program, 4, "prerouting")).toEqual(["b", "a"]);
    expect(steps(program, 6, "prerouting")).toEqual([]);
  });

  test("hold conntrack's steps once one rule of the family asks for the state", () => {
    const program = compile(table([base("a", "forward", 0, [[state("new"), drop]]), base("raw", "prerouting", -300)]));
    expect(steps(program, 4, "prerouting")).toEqual(["defragment", "raw", "track"]);
    expect(steps(program, 4, "output")).toEqual(["defragment", "track"]);
    expect(steps(program, 4, "input")).toEqual(["confirm"]);
    expect(steps(program, 4, "postrouting")).toEqual(["confirm"]);
    expect(steps(program, 4, "forward")).toEqual(["a"]);
    expect(steps(program, 6, "prerouting")).toEqual([]);
  });

  test("hold nothing of conntrack for a nat chain that asks for nothing", () => {
    const program = compile(table([chain("n", [[drop]], { type: "nat", hook: "prerouting", priority: -100 })]));
    expect(steps(program, 4, "prerouting")).toEqual([]);
    expect(steps(program, 4, "postrouting")).toEqual([]);
  });

  test("hold all of NAT's steps once there is one nat chain, wherever it is, and a reason to track", () => {
    const program = compile(
      table([nat("n", "prerouting", -50), nat("m", "prerouting", -60), base("f", "prerouting", -110)]),
    );
    expect(steps(program, 4, "prerouting")).toEqual(["defragment", "track", "f", "nat: m n"]);
    expect(steps(program, 4, "output")).toEqual(["defragment", "track", "nat: "]);
    expect(steps(program, 4, "input")).toEqual(["nat: ", "confirm"]);
    expect(steps(program, 4, "postrouting")).toEqual(["nat: ", "confirm"]);
  });

  test("of both families hold what stands in an inet table", () => {
    const program = compile(
      table([nat("n", "postrouting", 100)], { family: "inet" }),
      table([base("six", "input", 0)], { family: "ip6", name: "t6" }),
    );
    expect(steps(program, 4, "postrouting")).toEqual(["nat: n", "confirm"]);
    expect(steps(program, 6, "postrouting")).toEqual(["nat: n", "confirm"]);
    expect(steps(program, 6, "input")).toEqual(["six", "nat: ", "confirm"]);
    expect(steps(program, 4, "input")).toEqual(["nat: ", "confirm"]);
  });

  test("run the chain that was registered last first, of those with the same priority", () => {
    expect(
      steps(compile(table([base("a", "input", 0), base("b", "input", 0), base("c", "input", -1)])), 4, "input"),
    ).toEqual(["c", "b", "a"]);
  });
});

describe("a filter chain", () => {
  const rows: readonly (readonly [string, boolean, Chain])[] = [
    ["without rules leaves established connections alone", true, base("f", "forward", 0, [])],
    [
      "that asks for new ones first does, too",
      true,
      base("f", "forward", 0, [
        [state("new"), drop],
        [state("invalid"), drop],
      ]),
    ],
    [
      "that asks for one of several other states does, too",
      true,
      base("f", "forward", 0, [[state("new", "related"), drop]]),
    ],
    ["does not if established is among the states", false, base("f", "forward", 0, [[state("new,established"), drop]])],
    ["does not if a rule counts first", false, base("f", "forward", 0, [[{ kind: "counter" }, state("new"), drop]])],
    ["does not if one rule asks for nothing", false, base("f", "forward", 0, [[state("new"), drop], [drop]])],
    ["does not with the policy drop", false, chain("f", [], { policy: "drop" })],
    ["sees every packet as invalid before conntrack", false, base("f", "forward", -300, [[state("invalid"), drop]])],
    ["may ask for new ones there", true, base("f", "forward", -300, [[state("new"), drop]])],
  ];
  test.each(rows)("%s", (_, expected, item) => {
    expect(isFree(compile(table([item])), "forward")).toBe(expected);
  });

  const accept: Statement = { kind: "verdict", verdict: { kind: "accept" } };
  const jump = (name: string): Statement => ({ kind: "verdict", verdict: { kind: "jump", chain: name } });
  const goto = (name: string): Statement => ({ kind: "verdict", verdict: { kind: "goto", chain: name } });
  const back: Statement = { kind: "verdict", verdict: { kind: "return" } };
  const isMarked: Statement = {
    kind: "match",
    left: { kind: "meta", key: "mark" },
    operator: "==",
    right: { kind: "literal", parts: [{ kind: "number", value: 1 }] },
  };
  const draw: Statement = { kind: "statistic", probability: 1 };
  const states = (invert: boolean, ...names: readonly string[]): Statement => ({
    kind: "lookup",
    key: { kind: "ct", key: "state" },
    set: { kind: "anonymous", elements: names.map((name) => ({ key: [{ kind: "name", name }] })) },
    invert,
  });
  const pass = state("related,established");
  type Rules = readonly (readonly Statement[])[];
  /** The rules of the base chain, those of the chain that they lead to, the base chain's policy. */
  const walks: readonly (readonly [string, boolean, Rules, Rules, "accept" | "drop"])[] = [
    ["that jumps to what only drops invalid ones", true, [[jump("f")]], [[state("invalid"), drop]], "accept"],
    ["that jumps to what drops marked ones", false, [[jump("f")]], [[isMarked, drop]], "accept"],
    ["that jumps only with new ones to what drops", true, [[state("new"), jump("f")]], [[drop]], "accept"],
    [
      "that accepts marked ones, then all",
      true,
      [[jump("f")]],
      [
        [isMarked, accept],
        [pass, accept],
      ],
      "accept",
    ],
    ["that accepts them behind a jump, whatever the policy", true, [[jump("f")]], [[pass, accept]], "drop"],
    ["whose policy drops what may not be accepted", false, [[jump("f")]], [[isMarked, accept]], "drop"],
    ["that accepts them before it drops the rest", true, [[pass, accept], [drop]], [], "accept"],
    ["that may not accept them before it drops", false, [[isMarked, accept], [drop]], [], "accept"],
    ["that returns from a chain before it drops there", true, [[jump("f")]], [[pass, back], [drop]], "accept"],
    ["that returns to what drops", false, [[jump("f")], [drop]], [[pass, back]], "accept"],
    ["that goes where it accepts them, away from a drop", true, [[goto("f")], [drop]], [[pass, accept]], "accept"],
    ["that may go away from a drop", false, [[isMarked, goto("f")], [drop]], [[pass, accept]], "accept"],
    ["that goes in a circle", false, [[jump("f")]], [[jump("f")]], "accept"],
    ["that jumps to no chain", false, [[jump("g")]], [], "accept"],
    ["that draws a number for them", false, [[draw, accept]], [], "accept"],
    ["that counts them under a name", false, [[isMarked, { kind: "nfacct", name: "n" }]], [], "accept"],
    [
      "that drops what is neither known nor translated",
      true,
      [[states(true, "established", "dnat"), drop]],
      [],
      "accept",
    ],
    ["that drops what is known or translated", false, [[states(false, "established", "dnat"), drop]], [], "accept"],
    ["that drops what is translated", false, [[states(false, "dnat"), drop]], [], "accept"],
    ["that drops what is not translated", false, [[states(true, "dnat"), drop]], [], "accept"],
  ];
  test.each(walks)("%s: %s", (_, expected, rules, others, policy) => {
    const chains = [chain("base", rules, { hook: "forward", policy }), chain("f", others)];
    expect(isFree(compile(table(chains)), "forward")).toBe(expected);
  });

  test("of another hook does not matter", () => {
    const program = compile(table([base("f", "forward", 0)]));
    expect(isFree(program, "forward")).toBe(false);
    expect(isFree(program, "input")).toBe(true);
  });
});

describe("of new connections a filter chain leaves packets alone", () => {
  const daddr: Expression = { kind: "payload", protocol: "ip", field: "daddr" };
  const empty = { name: "s", key: ["ipv4_addr"], flags: [], elements: [] } as const;
  const full = { ...empty, elements: [{ key: [{ kind: "address", address: "192.0.2.1" }] }] } as const;
  const numbers = { ...empty, key: ["mark"] } as const;
  const verdicts = { ...empty, value: "verdict" } as const;
  const named = { kind: "named", name: "s" } as const;
  const inSet: Statement = { kind: "lookup", key: daddr, set: named, invert: false };
  const notInSet: Statement = { ...inSet, invert: true };
  const drawn: Statement = { ...inSet, key: { kind: "numgen", mode: "inc", modulus: 2, offset: 0 } };
  const byMap: Statement = { kind: "vmap", key: daddr, map: named };
  const add: Statement = { kind: "set", operation: "add", set: "s", key: daddr };
  const check: Statement = { kind: "verdict", verdict: { kind: "jump", chain: "check" } };
  const rows: readonly (readonly [string, boolean, readonly (readonly Statement[])[], NamedSet])[] = [
    ["without rules", true, [], empty],
    ["that asks for other states", true, [[state("established"), drop]], empty],
    ["but not if it asks for new ones", false, [[state("new"), drop]], empty],
    ["that drops what is in an empty set", true, [[inSet, drop]], empty],
    ["but not what is in a set", false, [[inSet, drop]], full],
    ["nor what is not in an empty one", false, [[notInSet, drop]], empty],
    [
      "nor in one whose elements come from rules",
      false,
      [
        [inSet, drop],
        [state("established"), add],
      ],
      empty,
    ],
    ["nor in one whose elements come and go", false, [[inSet, drop]], { ...empty, flags: ["timeout"] }],
    ["nor where asking has an effect", false, [[drawn, drop]], numbers],
    ["that asks an empty map for verdicts", true, [[byMap]], verdicts],
    ["that jumps to where an empty map is asked", true, [[state("new"), check]], verdicts],
    ["but not if something is done before", false, [[{ kind: "counter" }, byMap]], verdicts],
  ];
  test.each(rows)("%s", (_, expected, rules, set) => {
    const chains = [chain("f", rules, { hook: "forward" }), chain("check", set === verdicts ? [[byMap]] : [])];
    const program = compile(table(chains, { sets: [set] }));
    expect(program.problems).toEqual([]);
    expect(isFree(program, "forward", Layout.HOOK_NEW_FREE)).toBe(expected);
  });
});

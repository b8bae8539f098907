/** Which filter chains decide alike over all packets of a connection that nobody has answered. */

import { describe, expect, test } from "vitest";
import * as Layout from "../../assembly/layout/program.ts";
import { compileProgram } from "../../src/program/compile.ts";
import type { Expression, NamedSet, Statement } from "../../src/ruleset/types.ts";
import { chain, plainNetwork, table } from "../engine/rules-engine.ts";

const drop: Statement = { kind: "verdict", verdict: { kind: "drop" } };

function state(...names: readonly string[]): Statement {
  const parts = names.map((name) => ({ kind: "name", name }) as const);
  return { kind: "match", left: { kind: "ct", key: "state" }, operator: "==", right: { kind: "literal", parts } };
}

/** Whether IPv4's hook FORWARD has the flag. */
function isSteady(image: Uint8Array): boolean {
  const view = new DataView(image.buffer, image.byteOffset);
  const list = view.getUint32(Layout.HOOKS + Layout.HOOK_FORWARD * 4, true);
  return (view.getUint32(list + Layout.HOOK_FLAGS, true) & Layout.HOOK_NEW_STEADY) !== 0;
}

describe("all packets of an unanswered connection fare alike where a filter chain", () => {
  const daddr: Expression = { kind: "payload", protocol: "ip", field: "daddr" };
  const is = (left: Expression, value: number): Statement => ({
    kind: "match",
    left,
    operator: "==",
    right: { kind: "literal", parts: [{ kind: "number", value }] },
  });
  const fromLink: Statement = {
    kind: "match",
    left: { kind: "payload", protocol: "ether", field: "saddr" },
    operator: "==",
    right: { kind: "literal", parts: [{ kind: "name", name: "02:00:00:00:00:01" }] },
  };
  const meta = (key: "mark" | "iif" | "length"): Expression => ({ kind: "meta", key });
  const packets: Expression = { kind: "ct", key: "packets" };
  const dscp: Expression = { kind: "payload", protocol: "ip", field: "dscp" };
  const accept: Statement = { kind: "verdict", verdict: { kind: "accept" } };
  const jump: Statement = { kind: "verdict", verdict: { kind: "jump", chain: "other" } };
  const set = {
    name: "s",
    key: ["ipv4_addr"],
    flags: [],
    elements: [{ key: [{ kind: "address", address: "192.0.2.1" }] }],
  } as const;
  const named = { kind: "named", name: "s" } as const;
  const inSet: Statement = { kind: "lookup", key: daddr, set: named, invert: false };
  const byMap: Statement = { kind: "vmap", key: daddr, map: named };
  const verdicts = (verdict: Statement & { kind: "verdict" }): NamedSet => ({
    ...set,
    value: "verdict",
    elements: [{ ...set.elements[0], value: verdict.verdict }],
  });
  const mark: Statement = {
    kind: "mangle",
    target: "meta mark",
    value: { kind: "bitwise", operator: "|", left: meta("mark"), right: 1 },
  };
  const limit: Statement = { kind: "limit", rate: 5, per: "second", over: false };
  const counted: NamedSet = { ...set, elements: [{ ...set.elements[0], statements: [{ kind: "counter" }] }] };
  type Rules = readonly (readonly Statement[])[];
  const rows: readonly (readonly [string, boolean, Rules, Rules, NamedSet])[] = [
    ["drops what is in a set", true, [[inSet, drop]], [], set],
    ["but not if its elements count", false, [[inSet, drop]], [], counted],
    ["nor if they come and go", false, [[inSet, drop]], [], { ...set, flags: ["timeout"] }],
    ["drops by mark and interface", true, [[is(meta("mark"), 1), is(meta("iif"), 2), drop]], [], set],
    ["marks packets", true, [[mark]], [], set],
    ["marks connections", false, [[{ ...mark, target: "ct mark" }]], [], set],
    ["asks how long they are", false, [[is(meta("length"), 40), drop]], [], set],
    ["asks how many there were", false, [[is(packets, 4), drop]], [], set],
    ["asks for a field of theirs", false, [[is(dscp, 4), drop]], [], set],
    ["asks for their link address", false, [[fromLink, drop]], [], set],
    ["limits them", false, [[limit, accept]], [], set],
    ["limits answered ones", true, [[state("established"), limit, accept]], [], set],
    [
      "limits what it has accepted before",
      true,
      [
        [state("new"), accept],
        [limit, drop],
      ],
      [],
      set,
    ],
    [
      "limits what may not have been accepted",
      false,
      [
        [inSet, accept],
        [limit, drop],
      ],
      [],
      set,
    ],
    ["counts them", false, [[{ kind: "counter" }, accept]], [], set],
    ["counts invalid ones", true, [[state("invalid"), { kind: "nfacct", name: "n" }, drop]], [], set],
    ["jumps to where others are refused", true, [[jump]], [[inSet, { kind: "reject" }]], set],
    ["jumps to where they are counted", false, [[inSet, jump]], [[{ kind: "counter" }]], set],
    ["finds a verdict for them", true, [[byMap]], [], verdicts({ kind: "verdict", verdict: { kind: "drop" } })],
    [
      "finds where they are counted",
      false,
      [[byMap]],
      [[{ kind: "counter" }]],
      verdicts(jump as Statement & { kind: "verdict" }),
    ],
  ];
  test.each(rows)("%s: %s", (_, expected, rules, others, named) => {
    const chains = [chain("f", rules, { hook: "forward" }), chain("other", others)];
    const ruleset = { tables: [table(chains, { sets: [named] })] };
    const program = compileProgram({ ruleset, network: plainNetwork() });
    expect(program.problems).toEqual([]);
    expect(isSteady(program.image)).toBe(expected);
  });
});

/** What only iptables has: matches by chance, lists of recent addresses, states that know of translations. */

import { beforeEach, describe, expect, test } from "vitest";
import * as Connection from "../../assembly/layout/connection.ts";
import * as Engine from "../../assembly/layout/engine.ts";
import * as State from "../../assembly/layout/state.ts";
import type { Recent, Rule, Ruleset, Statement } from "../../src/ruleset/types.ts";
import { RecentLists } from "../model/recent.ts";
import { ip } from "../support/packet.ts";
import { Random, SEED } from "../support/random.ts";
import { udp } from "../support/transport.ts";
import { compileEntry } from "./compile.ts";
import { chain, DROP, oneChain, RulesEngine, table } from "./rules-engine.ts";

let engine: RulesEngine;
beforeEach(async () => {
  engine = new RulesEngine(await compileEntry("rules", true), { dynamicMax: 300 });
});

const drop: Statement = { kind: "verdict", verdict: { kind: "drop" } };
const CERTAIN = 2 ** 31;

function from(src: string): Uint8Array {
  const isIp6 = src.includes(":");
  return ip({ src, dst: isIp6 ? "fd00::2" : "10.0.0.2" }, udp({ src: 1, dst: 2 }));
}

describe("a rule that matches by chance", () => {
  /** kube-proxy's way to choose among `count`: the rule of each but the last matches with 1/(rules left). */
  function choices(count: number): Ruleset {
    const rules = Array.from({ length: count }, (_, i): readonly Statement[] => {
      const probability = Math.round(CERTAIN / (count - i));
      const mark: Statement = {
        kind: "mangle",
        target: "meta mark",
        value: { kind: "literal", parts: [{ kind: "number", value: i }] },
      };
      const draw: readonly Statement[] = i === count - 1 ? [] : [{ kind: "statistic", probability }];
      return [...draw, mark, drop];
    });
    return oneChain(rules);
  }

  /** The 99.9 % quantiles of chi-square with so many degrees of freedom. */
  test.each([
    [2, 10.83],
    [5, 18.47],
    [50, 85.35],
  ])("chooses evenly among %i endpoints, whatever the seed", async (count, quantile) => {
    const draws = 400 * count;
    let exceeded = 0;
    for (let seed = 1n; seed <= 10n; seed++) {
      engine = new RulesEngine(await compileEntry("rules"), { seed });
      engine.load(choices(count));
      engine.packet(from("10.0.0.1"));
      const seen = new Array<number>(count).fill(0);
      for (let i = 0; i < draws; i++) {
        engine.run(4, "forward");
        seen[engine.wasm.mark!()]!++;
      }
      const expected = draws / count;
      const chiSquare = seen.reduce((sum, times) => sum + (times - expected) ** 2 / expected, 0);
      if (chiSquare > quantile) exceeded++;
    }
    expect(exceeded).toBeLessThanOrEqual(1);
  });

  test.each([
    [0, 0],
    [CERTAIN, 1000],
  ])("with the probability %i/2^31 matches %i of 1000 packets", (probability, expected) => {
    expect(matched(probability, 1000)).toBe(expected);
  });

  test("with the least probability hardly ever matches, with the greatest below certainty nearly always", () => {
    expect(matched(1, 1000)).toBe(0);
    expect(matched(CERTAIN - 1, 1000)).toBe(1000);
  });

  function matched(probability: number, packets: number): number {
    engine.load(oneChain([[{ kind: "statistic", probability }, drop]]));
    engine.packet(from("10.0.0.1"));
    let count = 0;
    for (let i = 0; i < packets; i++) if (engine.run(4, "forward") === DROP) count++;
    return count;
  }
});

describe("a list of recent addresses", () => {
  const HOOKS = { set: "input", rcheck: "forward", update: "output", remove: "postrouting" } as const;
  type Operation = keyof typeof HOOKS;

  /** A chain a hook for each operation; what matches is dropped. */
  function ruleset(fields: Partial<Recent> = {}, family: "ip" | "ip6" = "ip"): Ruleset {
    const chains = Object.entries(HOOKS).map(([name, hook]) => {
      const { seconds, reap, hits, invert, list = "clients" } = fields;
      const operation = name as Operation;
      const limits = operation === "rcheck" || operation === "update" ? { seconds, reap, hits } : {};
      const recent = { kind: "recent", list, operation, ...limits, invert } as Recent;
      return chain(name, [[recent, drop]], { hook });
    });
    return { tables: [table(chains, { family })] };
  }

  function at(seconds: number, operation: Operation, src: string): boolean {
    engine.wasm.setClock!(seconds * 1000);
    engine.packet(from(src));
    return engine.run(src.includes(":") ? 6 : 4, HOOKS[operation]) === DROP;
  }

  test("knows an address for the seconds of the rule, the last one included", () => {
    engine.load(ruleset({ seconds: 10, reap: true }));
    expect(at(0, "rcheck", "10.0.0.1")).toBe(false);
    expect(at(1, "set", "10.0.0.1")).toBe(true);
    expect(at(11, "rcheck", "10.0.0.1")).toBe(true);
    expect(at(11, "rcheck", "10.0.0.3")).toBe(false);
    expect(at(11.001, "rcheck", "10.0.0.1")).toBe(false);
  });

  test("knows it for ever without seconds, until it is removed", () => {
    engine.load(ruleset());
    at(0, "set", "10.0.0.1");
    expect(at(4_000_000, "rcheck", "10.0.0.1")).toBe(true);
    expect(at(4_000_000, "remove", "10.0.0.1")).toBe(true);
    expect(at(4_000_000, "remove", "10.0.0.1")).toBe(false);
    expect(at(4_000_000, "rcheck", "10.0.0.1")).toBe(false);
  });

  test("gives an address its time anew by set and by update, not by rcheck", () => {
    engine.load(ruleset({ seconds: 10 }));
    at(0, "set", "10.0.0.1");
    at(9, "set", "10.0.0.1");
    expect(at(19, "update", "10.0.0.1")).toBe(true);
    expect(at(29, "rcheck", "10.0.0.1")).toBe(true);
    expect(at(29.001, "rcheck", "10.0.0.1")).toBe(false);
    expect(at(30, "update", "10.0.0.1")).toBe(false);
    expect(at(30, "remove", "10.0.0.1")).toBe(true);
  });

  test("loses at most its oldest address to a check that reaps, and only if it is asked for a known one", () => {
    engine.load(ruleset({ seconds: 10, reap: true }));
    for (const host of [1, 2, 3]) at(host, "set", `10.0.0.${host}`);
    at(100, "rcheck", "10.0.0.9");
    at(100, "rcheck", "10.0.0.3");
    engine.load(ruleset());
    expect([1, 2, 3].map((host) => at(100, "rcheck", `10.0.0.${host}`))).toEqual([false, true, true]);
  });

  test("of a hundred addresses forgets the one seen longest ago for another", () => {
    engine.load(ruleset());
    for (let host = 0; host < 100; host++) at(host, "set", `10.0.0.${host}`);
    at(100, "set", "10.0.0.0");
    at(101, "set", "10.0.0.200");
    expect(at(102, "rcheck", "10.0.0.0")).toBe(true);
    expect(at(102, "rcheck", "10.0.0.1")).toBe(false);
    expect(at(102, "rcheck", "10.0.0.2")).toBe(true);
  });

  test("lives on with a program that has it, and is gone with one that has not", () => {
    engine.load(ruleset());
    at(0, "set", "10.0.0.1");
    engine.load(ruleset());
    expect(at(1, "rcheck", "10.0.0.1")).toBe(true);
    engine.load(ruleset({ list: "others" }));
    expect(at(2, "rcheck", "10.0.0.1")).toBe(false);
    engine.load(ruleset());
    expect(at(3, "rcheck", "10.0.0.1")).toBe(false);
  });

  test("tells IPv6 addresses apart by all of their bits", () => {
    engine.load(ruleset({}, "ip6"));
    at(0, "set", "fd00::1");
    expect(at(1, "rcheck", "fd00::1")).toBe(true);
    expect(at(1, "rcheck", "fd00::2")).toBe(false);
    expect(at(1, "rcheck", "fd01::1")).toBe(false);
  });

  test("that finds no memory for an address has the packet dropped, as the kernel does", () => {
    const rules = (list: string): readonly Statement[] => [{ kind: "recent", list, operation: "set" }];
    engine.load(oneChain(["a", "b", "c", "d"].map(rules)));
    const full = engine.wasm.counter!(Engine.SETS_FULL);
    let dropped = 0;
    for (let host = 0; host < 100; host++) {
      engine.packet(from(`10.0.0.${host}`));
      if (engine.run(4, "forward") === DROP) dropped++;
    }
    expect(dropped).toBe(25);
    expect(engine.wasm.counter!(Engine.SETS_FULL)).toBe(full + 25);
  });

  test.each<Partial<Recent>>([
    { seconds: 60, reap: true },
    { seconds: 60, hits: 3 },
    { hits: 13 },
    { seconds: 200, hits: 40, reap: true },
    { seconds: 60, hits: 2, invert: true },
  ])(`behaves like the obvious model (seed ${SEED}): %j`, (limits) => {
    const random = new Random(SEED);
    const model = new RecentLists();
    const operations = Object.keys(HOOKS) as Operation[];
    const hosts = limits.hits === undefined ? 130 : 8;
    engine.load(ruleset(limits));
    let seconds = 0;
    for (let i = 0; i < 4000; i++) {
      seconds += random.below(3);
      const src = `10.0.0.${random.below(hosts)}`;
      const operation = random.once(3) ? operations[random.below(4)]! : "set";
      const own = operation === "rcheck" || operation === "update" ? limits : { invert: limits.invert ?? false };
      const expected = model.match({ kind: "recent", list: "clients", operation, ...own }, src, seconds);
      expect([i, operation, src, at(seconds, operation, src)]).toEqual([i, operation, src, expected]);
      if (random.once(300)) engine.load(ruleset(limits));
    }
  });
});

describe("iptables' states", () => {
  const names = ["related", "established", "dnat"];
  const elements = names.map((name) => ({ key: [{ kind: "name", name }] }) as const);
  const lookup = (invert: boolean): Statement => ({
    kind: "lookup",
    key: { kind: "ct", key: "state" },
    set: { kind: "anonymous", elements },
    invert,
  });
  const rows: readonly (readonly [string, boolean, { ct: number; status?: number }])[] = [
    ["an established connection", true, { ct: State.CT_ESTABLISHED, status: 0 }],
    ["a related packet", true, { ct: State.CT_RELATED, status: 0 }],
    ["a new connection", false, { ct: State.CT_NEW, status: 0 }],
    ["a new connection that is translated", true, { ct: State.CT_NEW, status: Connection.STATUS_DST_NAT }],
    ["one whose source is translated", false, { ct: State.CT_NEW, status: Connection.STATUS_SRC_NAT }],
    ["an invalid packet, which has no connection", false, { ct: State.CT_INVALID }],
    ["an untracked packet", false, { ct: State.CT_UNTRACKED }],
  ];
  test.each(rows)("RELATED,ESTABLISHED,DNAT of %s: %s", (_, expected, around) => {
    for (const invert of [false, true]) {
      const rule: Rule["statements"] = [lookup(invert), drop];
      expect(engine.load(oneChain([rule])).problems).toEqual([]);
      engine.packet(from("10.0.0.1"), around);
      expect([invert, engine.run(4, "forward") === DROP]).toEqual([invert, expected !== invert]);
    }
  });
});

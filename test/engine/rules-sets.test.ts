/** Sets: the hash that both sides compute, lookups against a JavaScript map, and sets that rules change. */

import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import * as Engine from "../../assembly/layout/engine.ts";
import * as Program from "../../assembly/layout/program.ts";
import { formatAddress } from "../../src/network/address.ts";
import { hashKey } from "../../src/program/hash.ts";
import type { Element, Expression, NamedSet, Ruleset, Statement } from "../../src/ruleset/types.ts";
import { ip } from "../support/packet.ts";
import { Random, SEED } from "../support/random.ts";
import { udp } from "../support/transport.ts";
import { compileEntry, type TestEngine } from "./compile.ts";
import { ACCEPT, chain, DROP, RulesEngine, table } from "./rules-engine.ts";

let module: Promise<TestEngine>;
let engine: RulesEngine;
beforeAll(() => {
  module = compileEntry("rules", true);
});
beforeEach(async () => {
  engine = new RulesEngine(await module, { dynamicMax: 32 });
});

const saddr: Expression = { kind: "payload", protocol: "ip", field: "saddr" };
const daddr: Expression = { kind: "payload", protocol: "ip", field: "daddr" };
const dport: Expression = { kind: "payload", protocol: "th", field: "dport" };
const drop: Statement = { kind: "verdict", verdict: { kind: "drop" } };
const accept: Statement = { kind: "verdict", verdict: { kind: "accept" } };

test(`the host and the engine agree on the hash of a key (seed ${SEED})`, async () => {
  const random = new Random(SEED);
  for (let words = 0; words <= 16; words++) {
    for (let i = 0; i < 50; i++) {
      const key = new Uint32Array(random.bytes(words * 4).buffer);
      const at = engine.place("0.0.0.0");
      new Uint32Array(engine.wasm.memory.buffer, at, words).set(key);
      expect(engine.wasm.hashKey!(at, words * 4, 0) >>> 0).toBe(hashKey(key, 0, words));
    }
  }
});

test(`a map of addresses and ports answers as a JavaScript map does (seed ${SEED})`, () => {
  const random = new Random(SEED);
  const expected = new Map<string, number>();
  const address = () => formatAddress(Uint8Array.of(10, 0, random.below(4), random.below(64)));
  while (expected.size < 300) expected.set(`${address()} ${random.below(3)}`, random.below(0xffffffff));
  const elements: Element[] = [...expected].map(([key, value]) => {
    const [text = "", port] = key.split(" ");
    return {
      key: [
        { kind: "address", address: text },
        { kind: "number", value: Number(port) },
      ],
      value: [{ kind: "number", value }],
    };
  });
  const set: NamedSet = { name: "marks", key: ["ipv4_addr", "inet_service"], value: ["mark"], flags: [], elements };
  const value: Expression = {
    kind: "map",
    key: { kind: "concat", parts: [daddr, dport] },
    map: { kind: "named", name: "marks" },
  };
  const rules: Statement[][] = [[{ kind: "mangle", target: "meta mark", value }, accept], [drop]];
  engine.load({ tables: [table([chain("forward", rules, {})], { sets: [set] })] });
  for (let i = 0; i < 1000; i++) {
    const dst = address();
    const port = random.below(3);
    engine.packet(ip({ src: "10.0.0.1", dst }, udp({ src: 1, dst: port })));
    const verdict = engine.run(4, "forward");
    const found = expected.get(`${dst} ${port}`);
    expect(verdict).toBe(found === undefined ? DROP : ACCEPT);
    if (found !== undefined) expect(engine.wasm.mark!() >>> 0).toBe(found);
  }
});

test.each([
  ["all of whose elements name an address twice", false],
  ["with an element of two addresses", true],
])("a set %s holds those elements and no others", (_, isMixed) => {
  const pair = (src: string, dst: string) => [src, dst].map((text) => ({ kind: "address", address: text }) as const);
  const elements: Element[] = [1, 2, 3].map((host) => ({ key: pair(`10.0.0.${host}`, `10.0.0.${host}`) }));
  if (isMixed) elements.push({ key: pair("10.0.0.1", "10.0.0.9") });
  const set: NamedSet = { name: "pairs", key: ["ipv4_addr", "ipv4_addr"], flags: [], elements };
  const key: Expression = { kind: "concat", parts: [saddr, daddr] };
  const lookup: Statement = { kind: "lookup", key, set: { kind: "named", name: "pairs" }, invert: false };
  const { image } = engine.load({
    tables: [table([chain("forward", [[lookup, accept], [drop]], {})], { sets: [set] })],
  });
  const held = (src: string, dst: string) => {
    engine.packet(ip({ src, dst }, udp({ src: 1, dst: 2 })));
    return engine.run(4, "forward") === ACCEPT;
  };
  expect([held("10.0.0.2", "10.0.0.2"), held("10.0.0.4", "10.0.0.4"), held("10.0.0.1", "10.0.0.2")]).toEqual([
    true,
    false,
    false,
  ]);
  expect(held("10.0.0.1", "10.0.0.9")).toBe(isMixed);
  expect(twinBytesOf(image, elements.length)).toBe(isMixed ? 0 : 4);
});

/** What the image's set with so many elements of eight bytes says of its keys. */
function twinBytesOf(image: Uint8Array, count: number): number | undefined {
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  for (let at = 0; at + Program.SET_SIZE <= image.length; at += 8) {
    const isSet =
      view.getUint8(at + Program.SET_KIND) === Program.SET_HASH && view.getUint8(at + Program.SET_KEY_BYTES) === 8;
    if (
      isSet &&
      view.getUint32(at + Program.SET_COUNT, true) === count &&
      view.getUint32(at + Program.SET_STRIDE, true) === 12
    )
      return view.getUint8(at + Program.SET_TWIN_BYTES);
  }
}

describe("a set that rules change", () => {
  const seen: NamedSet = {
    name: "seen",
    key: ["ipv4_addr"],
    flags: ["dynamic", "timeout"],
    timeoutSeconds: 10,
    size: 20,
    elements: [],
  };

  function ruleset(
    operation: "add" | "update" | "delete",
    fields: Partial<NamedSet> = {},
    timeoutSeconds?: number,
  ): Ruleset {
    const change: Statement = {
      kind: "set",
      operation,
      set: "seen",
      key: saddr,
      ...(timeoutSeconds ? { timeoutSeconds } : {}),
    };
    const isKnown: Statement = { kind: "lookup", key: saddr, set: { kind: "named", name: "seen" }, invert: false };
    const chains = [chain("forward", [[isKnown, drop]], {}), chain("input", [[change, drop]], { hook: "input" })];
    return { tables: [table(chains, { sets: [{ ...seen, ...fields }] })] };
  }

  function at(milliseconds: number, src: string, hook: "input" | "forward"): boolean {
    engine.wasm.setClock!(milliseconds);
    engine.packet(ip({ src, dst: "10.0.0.2" }, udp({ src: 1, dst: 2 })));
    return engine.run(4, hook) === DROP;
  }

  test("knows what was added until it expires", () => {
    expect(engine.load(ruleset("add")).problems).toEqual([]);
    expect(at(0, "10.0.0.1", "forward")).toBe(false);
    expect(at(1000, "10.0.0.1", "input")).toBe(true);
    expect(at(10_999, "10.0.0.1", "forward")).toBe(true);
    expect(at(10_999, "10.0.0.3", "forward")).toBe(false);
    expect(at(11_000, "10.0.0.1", "forward")).toBe(false);
  });

  test("gives an element its time anew when it is updated, not when it is added again", () => {
    engine.load(ruleset("add"));
    at(0, "10.0.0.1", "input");
    at(9000, "10.0.0.1", "input");
    expect(at(10_000, "10.0.0.1", "forward")).toBe(false);
    engine.load(ruleset("update"));
    at(20_000, "10.0.0.1", "input");
    at(29_000, "10.0.0.1", "input");
    expect(at(38_999, "10.0.0.1", "forward")).toBe(true);
    expect(at(39_000, "10.0.0.1", "forward")).toBe(false);
  });

  test("takes the statement's timeout before its own, and forgets what is deleted", () => {
    engine.load(ruleset("add", {}, 60));
    at(0, "10.0.0.1", "input");
    expect(at(59_000, "10.0.0.1", "forward")).toBe(true);
    engine.load(ruleset("delete"));
    expect(at(59_000, "10.0.0.1", "forward")).toBe(true);
    expect(at(59_000, "10.0.0.1", "input")).toBe(true);
    expect(at(59_000, "10.0.0.1", "forward")).toBe(false);
  });

  test("keeps its elements over programs that have it, and loses them with one that has not", () => {
    engine.load(ruleset("add"));
    at(0, "10.0.0.1", "input");
    engine.load(ruleset("add"));
    expect(at(1, "10.0.0.1", "forward")).toBe(true);
    engine.load({ tables: [] });
    engine.load(ruleset("add"));
    expect(at(2, "10.0.0.1", "forward")).toBe(false);
  });

  test("that is full takes no more, until something expires", () => {
    engine.load(ruleset("add", { size: 3 }));
    const full = engine.wasm.counter!(Engine.SETS_FULL);
    for (const [time, host] of [
      [0, 1],
      [100, 2],
      [200, 3],
    ] as const)
      expect(at(time, `10.0.0.${host}`, "input")).toBe(true);
    expect(at(300, "10.0.0.4", "input")).toBe(false);
    expect(engine.wasm.counter!(Engine.SETS_FULL)).toBe(full + 1);
    expect(at(400, "10.0.0.2", "input")).toBe(true);
    expect(at(10_050, "10.0.0.1", "forward")).toBe(false);
    expect(at(10_050, "10.0.0.4", "input")).toBe(true);
    expect(at(10_050, "10.0.0.4", "forward")).toBe(true);
  });

  test(`behaves like a JavaScript map of expiries (seed ${SEED})`, () => {
    const random = new Random(SEED);
    const expiries = new Map<string, number>();
    engine.load(ruleset("update", { size: 0 }));
    let time = 100_000;
    for (let i = 0; i < 3000; i++) {
      time += random.below(1000);
      const src = `10.0.0.${random.below(40)}`;
      for (const [key, expiry] of expiries) if (expiry <= time) expiries.delete(key);
      expect([i, at(time, src, "forward")]).toEqual([i, expiries.has(src)]);
      if (expiries.size < 30 || expiries.has(src)) {
        expect(at(time, src, "input")).toBe(true);
        expiries.set(src, time + 10_000);
      }
      if (random.once(500)) engine.load(ruleset("update", { size: 0 }));
    }
  });
});

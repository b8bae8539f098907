/** Random rulesets and packets: the compiled program says what the slow interpreter of the rules says. */

import { beforeAll, expect, test } from "vitest";
import { RULES_VISITED } from "../../assembly/layout/engine.ts";
import { INSTRUCTION_SIZE, OP, REGISTERS_BYTES, RUN_TEST, RUNS_END } from "../../assembly/layout/instructions.ts";
import type { Expression, Rule, Table, Verdict } from "../../src/ruleset/types.ts";
import { compileEntry, type TestEngine } from "../engine/compile.ts";
import { ACCEPT, REJECT, RulesEngine } from "../engine/rules-engine.ts";
import { ip } from "../support/packet.ts";
import { Random, SEED } from "../support/random.ts";
import { tcp, udp } from "../support/transport.ts";
import { interpret, type PlainPacket } from "./interpreter.ts";
import { RandomRules } from "./random-rules.ts";

const TABLES = 150;
const PACKETS = 40;
/** Rules of a list. */
const LISTED = 40;
const CT = { new: 1, established: 2, invalid: 4 } as const;

let module: Promise<TestEngine>;
beforeAll(() => {
  module = compileEntry("rules", true);
});

test.each(["ip", "ip6"] as const)(`random tables of family %s (seed ${SEED})`, async (family) => {
  const engine = new RulesEngine(await module);
  const random = new Random(SEED);
  const rules = new RandomRules(random, family);
  for (let i = 0; i < TABLES; i++) {
    const table = rules.table();
    const { problems, interfaces } = engine.load({ tables: [table] });
    expect(problems).toEqual([]);
    for (let j = 0; j < PACKETS; j++) {
      const packet = rules.packet();
      engine.packet(bytesOf(packet), { in: interfaces.indexOf(packet.in), mark: packet.mark, ct: CT[packet.state] });
      const verdict = engine.run(family === "ip" ? 4 : 6, "forward");
      const outcome = {
        verdict: verdict === ACCEPT ? "accept" : verdict === REJECT ? "reject" : "drop",
        mark: engine.wasm.mark!() >>> 0,
      };
      expect({ ...outcome, table: i, packet }).toEqual({ ...interpret(table, "c0", packet), table: i, packet });
    }
  }
});

test.each(["ip", "ip6"] as const)(`runs in random tables of family %s (seed ${SEED})`, async (family) => {
  const engine = new RulesEngine(await module);
  const rules = new RandomRules(new Random(SEED), family);
  let more = 0;
  for (let i = 0; i < TABLES; i++) {
    const { image } = engine.load({ tables: [rules.table()] });
    more += image.filter((byte, at) => at % INSTRUCTION_SIZE === OP && byte >= RUN_TEST && byte < RUNS_END).length;
    for (let j = 0; j < PACKETS; j++) {
      const packet = rules.packet();
      const [atOnce, oneByOne] = [0, 1].map((watched) => {
        engine.wasm.watch!(watched);
        return outcomeOf(engine, family, packet);
      });
      expect({ ...atOnce, table: i, packet }).toEqual({ ...oneByOne, table: i, packet });
    }
  }
  expect(more).toBeGreaterThan(TABLES);
});

test(`lists of addresses (seed ${SEED})`, async () => {
  const engine = new RulesEngine(await module);
  const random = new Random(SEED);
  const rules = new RandomRules(random, "ip");
  let longest = 0;
  for (let i = 0; i < TABLES; i++) {
    engine.load({ tables: [listOfAddresses(random, () => rules.packet().dst)] });
    for (let j = 0; j < PACKETS; j++) {
      const packet = rules.packet();
      const [atOnce, oneByOne] = [0, 1].map((watched) => {
        engine.wasm.watch!(watched);
        return outcomeOf(engine, "ip", packet);
      });
      expect({ ...atOnce, table: i, packet }).toEqual({ ...oneByOne, table: i, packet });
      longest = Math.max(longest, atOnce!.visited);
    }
  }
  expect(longest).toBeGreaterThan(LISTED * 2);
});

/** A table that compares an address, mostly the destination, with one after another; `known`: one that packets have. */
function listOfAddresses(random: Random, known: () => string): Table {
  const rules = Array.from({ length: LISTED }, (): Rule => {
    const left: Expression = { kind: "payload", protocol: "ip", field: random.once(8) ? "saddr" : "daddr" };
    const address = random.once(20) ? known() : `10.9.0.${random.below(256)}`;
    const right: Expression = { kind: "literal", parts: [{ kind: "address", address }] };
    const verdict: Verdict = { kind: random.pick(["accept", "drop"]) };
    return {
      statements: [
        { kind: "match", left, operator: random.once(40) ? "!=" : "==", right },
        { kind: "verdict", verdict },
      ],
    };
  });
  const base = { type: "filter", hook: "forward", priority: 0, policy: "accept" } as const;
  return { family: "ip", name: "test", sets: [], chains: [{ name: "c0", rules, base }] };
}

/** All that the rules leave behind. */
function outcomeOf(engine: RulesEngine, family: "ip" | "ip6", packet: PlainPacket) {
  const { wasm, program } = engine;
  const visited = wasm.counter!(RULES_VISITED);
  new Uint8Array(wasm.memory.buffer, wasm.registers!(), REGISTERS_BYTES).fill(0xee);
  engine.packet(bytesOf(packet), {
    in: program.interfaces.indexOf(packet.in),
    mark: packet.mark,
    ct: CT[packet.state],
  });
  const verdict = engine.run(family === "ip" ? 4 : 6, "forward");
  return {
    verdict,
    rule: verdict === ACCEPT ? undefined : wasm.rule!(),
    mark: wasm.mark!(),
    visited: wasm.counter!(RULES_VISITED) - visited,
    registers: Buffer.from(wasm.memory.buffer, wasm.registers!(), REGISTERS_BYTES).toString("hex"),
  };
}

function bytesOf({ src, dst, protocol, srcPort, dstPort }: PlainPacket): Uint8Array {
  return ip(
    { src, dst },
    protocol === "tcp" ? tcp({ src: srcPort, dst: dstPort, flags: "S" }) : udp({ src: srcPort, dst: dstPort }),
  );
}

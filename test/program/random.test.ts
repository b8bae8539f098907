/** Random rulesets and packets: the compiled program says what the slow interpreter of the rules says. */

import { beforeAll, expect, test } from "vitest";
import { compileEntry, type TestEngine } from "../engine/compile.ts";
import { ACCEPT, REJECT, RulesEngine } from "../engine/rules-engine.ts";
import { ip } from "../support/packet.ts";
import { Random, SEED } from "../support/random.ts";
import { tcp, udp } from "../support/transport.ts";
import { interpret, type PlainPacket } from "./interpreter.ts";
import { RandomRules } from "./random-rules.ts";

const TABLES = 150;
const PACKETS = 40;
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

function bytesOf({ src, dst, protocol, srcPort, dstPort }: PlainPacket): Uint8Array {
  return ip(
    { src, dst },
    protocol === "tcp" ? tcp({ src: srcPort, dst: dstPort, flags: "S" }) : udp({ src: srcPort, dst: dstPort }),
  );
}

/** What rules ask of the time, which is the packets' own, and limits that fill up again with it. */

import { describe, expect, test } from "vitest";
import { readNftJson } from "../../src/ruleset/nft-json.ts";
import { EngineNode } from "../support/engine-node.ts";
import { frame, ip } from "../support/packet.ts";
import { PLAIN_NODE } from "../support/plain-node.ts";
import { udp } from "../support/transport.ts";

const SECOND = 1_000_000_000n;
/** Tuesday, 14 November 2023, 22:13:20 UTC. */
const TUESDAY = 1_700_000_000n * SECOND;
const DAY = 86_400n * SECOND;

const meta = (key: string, right: unknown, op = "==") => ({ match: { op, left: { meta: { key } }, right } });

describe("a rule that asks for the time matches", () => {
  test.each([
    ["on its day", meta("day", "Tuesday"), TUESDAY, true],
    ["on no other day", meta("day", "Monday"), TUESDAY, false],
    ["on one of its days", meta("day", { set: ["Saturday", "Sunday"] }), TUESDAY + 4n * DAY, true],
    ["within its hours", meta("hour", { range: ["22:00", "22:30"] }), TUESDAY, true],
    ["at no other hour", meta("hour", { range: ["08:00", "17:00"] }), TUESDAY, false],
    ["before midnight, where it must not be day", meta("hour", { range: ["06:00", "22:00"] }, "!="), TUESDAY, true],
    ["within its dates", meta("time", { range: ["2023-11-14 22:13:20", "2024-01-01 00:00:00"] }), TUESDAY, true],
    ["not before its dates", meta("time", { range: ["2023-11-14 22:13:21", "2024-01-01 00:00:00"] }), TUESDAY, false],
    ["until its date", meta("time", "2023-11-15 00:00:00", "<"), TUESDAY, true],
  ])("%s", async (_, question, time, matches) => {
    const node = await nodeWith([question, { drop: null }]);
    expect(passes(node, time)).toBe(!matches);
  });
});

test("a limit fills up with the time of the packets, and no higher than its burst", async () => {
  const node = await nodeWith([{ limit: { rate: 2, per: "second", burst: 3, inv: true } }, { drop: null }]);
  const at = (seconds: number) => passes(node, TUESDAY + BigInt(Math.round(seconds * 1000)) * (SECOND / 1000n));
  expect([0, 0, 0, 0].map(at)).toEqual([true, true, true, false]);
  expect([0.499, 0.5, 0.501, 1].map(at)).toEqual([false, true, false, true]);
  expect([60, 60, 60, 60].map(at)).toEqual([true, true, true, false]);
});

test("a limit of bytes", async () => {
  const limit = { rate: 28, rate_unit: "bytes", per: "second", burst: 28, burst_unit: "bytes", inv: true };
  const node = await nodeWith([{ limit }, { drop: null }]);
  const at = (seconds: bigint) => passes(node, TUESDAY + seconds * SECOND);
  expect([0n, 0n, 0n, 1n, 1n, 3n, 3n, 3n].map(at)).toEqual([true, true, false, true, false, true, true, false]);
});

/** A node whose forward chain has this rule alone. */
async function nodeWith(expr: readonly unknown[]): Promise<EngineNode> {
  const place = { family: "inet", table: "t" };
  const chain = { ...place, name: "c", type: "filter", hook: "forward", prio: 0, policy: "accept" };
  const objects = [{ table: { family: "inet", name: "t" } }, { chain }, { rule: { ...place, chain: "c", expr } }];
  const { ruleset, problems } = readNftJson(JSON.stringify({ nftables: objects }), "rules");
  expect(problems).toEqual([]);
  return EngineNode.create({ ruleset, network: PLAIN_NODE });
}

/** Whether a datagram of 28 bytes leaves the node. */
function passes(node: EngineNode, time: bigint): boolean {
  const packet = ip({ src: "203.0.113.5", dst: "10.244.1.10" }, udp({ src: 1, dst: 2 }));
  const bytes = frame("02:00:00:00:02:01", "02:00:00:00:01:00", packet);
  return node.inject("eth0", bytes, time).sent.length > 0;
}

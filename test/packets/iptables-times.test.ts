/** Days of the month as `-m time` asks for them, against the calendar of JavaScript. */

import { expect, test } from "vitest";
import { readIptablesSave } from "../../src/ruleset/iptables-save.ts";
import { EngineNode } from "../support/engine-node.ts";
import { frame, ip } from "../support/packet.ts";
import { PLAIN_NODE } from "../support/plain-node.ts";
import { Random, SEED } from "../support/random.ts";
import { udp } from "../support/transport.ts";

const NANOSECONDS_PER_MILLISECOND = 1_000_000n;
const DAY = 86_400_000;
const SECONDS_32_BITS = 2 ** 32;
const DATAGRAM = frame(
  "02:00:00:00:02:01",
  "02:00:00:00:01:00",
  ip({ src: "203.0.113.5", dst: "10.244.1.10" }, udp({ src: 1, dst: 2 })),
);

async function nodeWith(words: string): Promise<EngineNode> {
  const text = `*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD -m time ${words} -j DROP\nCOMMIT\n`;
  const { ruleset, problems } = readIptablesSave(text, { file: "rules", family: "ip" });
  expect(problems).toEqual([]);
  return EngineNode.create({ ruleset, network: PLAIN_NODE });
}

function isDropped(node: EngineNode, milliseconds: number): boolean {
  return node.inject("eth0", DATAGRAM, BigInt(milliseconds) * NANOSECONDS_PER_MILLISECOND).sent.length === 0;
}

test(`a rule for days of the month matches on them, in every year of 32 bits (seed ${SEED})`, async () => {
  const node = await nodeWith("--monthdays 1,28,29,31");
  const random = new Random(SEED);
  const times = [
    ...Array.from({ length: 1500 }, (_, day) => Date.UTC(2023, 0, 1) + day * DAY),
    ...Array.from({ length: 2000 }, () => random.below(SECONDS_32_BITS) * 1000),
    Date.UTC(2000, 1, 29),
    Date.UTC(2100, 1, 28),
    Date.UTC(2100, 2, 1),
  ].sort((a, b) => a - b);
  for (const time of times) {
    const date = new Date(time);
    expect([date, isDropped(node, time)]).toEqual([date, [1, 28, 29, 31].includes(date.getUTCDate())]);
  }
});

test("all days but those that are named", async () => {
  const node = await nodeWith("! --monthdays 14");
  expect([13, 14, 15].map((day) => isDropped(node, Date.UTC(2023, 10, day)))).toEqual([true, false, true]);
});

test("with --contiguous the hours behind midnight belong to the day before", async () => {
  const times = [Date.UTC(2023, 10, 30, 23), Date.UTC(2023, 11, 1, 1), Date.UTC(2023, 11, 1, 23)];
  const words = "--timestart 22:00:00 --timestop 02:00:00 --monthdays 30";
  const plain = await nodeWith(words);
  expect(times.map((time) => isDropped(plain, time))).toEqual([true, false, false]);
  const contiguous = await nodeWith(`${words} --contiguous`);
  expect(times.map((time) => isDropped(contiguous, time))).toEqual([true, true, false]);
});

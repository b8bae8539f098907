/**
 * A table under attack: SYNs from many sources, and tuples that are made to collide. SLUICE_FLOOD=long floods a table of
 * 100,000 from five million sources.
 */

import { describe, expect, test } from "vitest";
import * as Layout from "../../assembly/layout/engine.ts";
import * as Index from "../../assembly/layout/index.ts";
import { REASON_TABLE_FULL, VERDICT_DROP } from "../../assembly/layout/verdict.ts";
import { buildReport } from "../../src/report/build.ts";
import { countsOf } from "../../src/report/counts.ts";
import { droppingInvalid } from "../kernel/rules.ts";
import { CLIENT, POD } from "../kernel/world.ts";
import { ip4 } from "../support/packet.ts";
import { SEED } from "../support/random.ts";
import { tcp, udp } from "../support/transport.ts";
import { Feeder } from "./feeder.ts";

const isLong = process.env.SLUICE_FLOOD === "long";
const CONNECTIONS_MAX = isLong ? 100_000 : 20_000;
const SOURCES = isLong ? 5_000_000 : 500_000;
const ESTABLISHED = 1000;
/** Flood packets between two of an established connection; and so far they are apart: all within SYN_SENT's timeout. */
const BETWEEN = Math.floor(SOURCES / ESTABLISHED);
const NANOSECONDS = 10_000n;
const POD_INTERFACE = 2;
const LONG_TIMEOUT = isLong ? 120_000 : 30_000;

const client = (n: number, flags: string, seq: number, ack: number) =>
  ip4({ src: CLIENT.ip4, dst: POD.ip4 }, tcp({ src: 10_000 + n, dst: 8080, flags, seq, ack }));
const pod = (n: number, flags: string, seq: number, ack: number) =>
  ip4({ src: POD.ip4, dst: CLIENT.ip4 }, tcp({ src: 8080, dst: 10_000 + n, flags, seq, ack }));

function establish(feeder: Feeder, count: number): void {
  for (let n = 0; n < count; n++) {
    feeder.feed(client(n, "S", 0, 0), NANOSECONDS);
    feeder.feed(pod(n, "SA", 0, 1), NANOSECONDS, POD_INTERFACE);
    feeder.feed(client(n, "A", 1, 1), NANOSECONDS);
  }
}

/** The SYN of the n-th source from 11.0.0.0 on, in place: addresses and both checksums change. */
function synFrom(packet: Uint8Array, n: number): Uint8Array {
  const view = new DataView(packet.buffer);
  const before = view.getUint32(12);
  const after = 0x0b00_0000 + n;
  for (const checksum of [10, 36]) {
    let sum = (~view.getUint16(checksum) & 0xffff) + (~before & 0xffff) + (~(before >>> 16) & 0xffff);
    sum += (after & 0xffff) + (after >>> 16);
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
    view.setUint16(checksum, ~sum & 0xffff);
  }
  view.setUint32(12, after);
  return packet;
}

describe("a SYN flood", () => {
  test("established connections live on, and the counters say who made room", { timeout: LONG_TIMEOUT }, async () => {
    const feeder = await Feeder.create(droppingInvalid(), CONNECTIONS_MAX, BigInt(SEED));
    establish(feeder, ESTABLISHED);
    expect(feeder.forwarded()).toBe(3 * ESTABLISHED);
    const syn = ip4({ src: "11.0.0.0", dst: POD.ip4 }, tcp({ src: 1000, dst: 8080, flags: "S" }));
    for (let n = 0; n < SOURCES; n++) {
      feeder.feed(synFrom(syn, n), NANOSECONDS);
      if (n % BETWEEN === 0) feeder.feed(client(n / BETWEEN, "PA", 1, 1), NANOSECONDS);
    }
    const { engine } = feeder;
    const full = engine.counter(Layout.TABLE_FULL);
    expect(feeder.forwarded()).toBe(SOURCES + ESTABLISHED - full);
    for (let n = 0; n < ESTABLISHED; n++) feeder.feed(pod(n, "A", 1, 1), NANOSECONDS, POD_INTERFACE);
    expect(feeder.forwarded()).toBe(ESTABLISHED);

    const times = { packets: 0, firstTime: 0n, lastTime: 0n, elapsedSeconds: 1, files: [] };
    const { connections, drops, warnings } = buildReport(countsOf(engine), times, []);
    const created = SOURCES + ESTABLISHED - full;
    expect(connections).toMatchObject({
      created,
      open: CONNECTIONS_MAX,
      evicted: created - CONNECTIONS_MAX,
      expired: 0,
    });
    expect(warnings).toContainEqual(
      `${connections.evicted} connections were evicted from a full table (net.netfilter.nf_conntrack_max)`,
    );
    // One in twenty is ASSURED: hardly ever are all that are looked at.
    expect(full).toBeLessThan(SOURCES / 1000);
    expect(drops["table-full"] ?? 0).toBe(full);
  });

  test("a table of nothing but established connections takes no other, and says so", async () => {
    const feeder = await Feeder.create(droppingInvalid(), ESTABLISHED, BigInt(SEED));
    establish(feeder, ESTABLISHED);
    expect(feeder.forwarded()).toBe(3 * ESTABLISHED);
    for (let n = 0; n < 10; n++) feeder.feed(client(ESTABLISHED + n, "S", 0, 0), NANOSECONDS);
    expect(feeder.forwarded()).toBe(0);
    const { engine } = feeder;
    expect(engine.counter(Layout.TABLE_FULL)).toBe(10);
    expect(engine.counter(Layout.REASONS + REASON_TABLE_FULL * 8)).toBe(10);
    expect(engine.counter(Layout.VERDICTS + VERDICT_DROP * 8)).toBe(10);
    expect(engine.counter(Layout.EVICTED)).toBe(0);
    const times = { packets: 0, firstTime: 0n, lastTime: 0n, elapsedSeconds: 1, files: [] };
    expect(buildReport(countsOf(engine), times, []).warnings).toContainEqual(
      "10 new connections found the connection table full (net.netfilter.nf_conntrack_max)",
    );
  });
});

describe("tuples that collide", () => {
  const KNOWN_SEED = 1n;
  const COUNT = 4000;

  /**
   * With src = −key0 the first product of the hash (NH, assembly/conntrack/hash.ts) is zero whatever the destination:
   * datagrams from there to anywhere have one hash.
   */
  const attack = Array.from({ length: COUNT }, (_, n) =>
    ip4({ src: addressOf(-firstKey(KNOWN_SEED)), dst: host(11, n) }, udp({ src: 1, dst: 2 })),
  );
  const random = Array.from({ length: COUNT }, (_, n) =>
    ip4({ src: host(12, n), dst: host(11, n) }, udp({ src: 1, dst: 2 })),
  );

  /** How many buckets entries had to pass by because they were full. */
  async function passedBuckets(packets: readonly Uint8Array[], seed: bigint): Promise<number> {
    const feeder = await Feeder.create(droppingInvalid(), 2 * COUNT, seed);
    for (const packet of packets) feeder.feed(packet, NANOSECONDS);
    expect(feeder.forwarded()).toBe(COUNT);
    const { engine } = feeder;
    const buckets = Math.floor((4 * COUNT) / Index.ENTRIES_PER_BUCKET) + 2;
    let passed = 0;
    for (let bucket = 0; bucket < buckets; bucket++) {
      passed += engine.memory.getUint32(engine.field(Layout.INDEX) + bucket * Index.BUCKET_SIZE + Index.OVERFLOW, true);
    }
    return passed;
  }

  test("pile up for who knows the seed", async () => {
    // Twelve to a bucket, each entry passes all that are full: a sum of 1 + 2 + … over COUNT / 12 buckets.
    expect(await passedBuckets(attack, KNOWN_SEED)).toBeGreaterThan((COUNT * COUNT) / Index.SLOTS / 4);
  });

  test.each([
    2n,
    0x1234_5678_9abc_def0n,
    BigInt(SEED) << 20n,
  ])("are like any others under the seed %d", async (seed) => {
    const [attacked, ordinary] = [await passedBuckets(attack, seed), await passedBuckets(random, seed)];
    expect(Math.abs(attacked - ordinary)).toBeLessThan(COUNT / 20);
    expect(attacked).toBeLessThan(COUNT / 10);
  });
});

const host = (network: number, n: number) => `${network}.0.${n >> 8}.${n & 255}`;

/** SplitMix64's first output, low half. */
function firstKey(seed: bigint): number {
  const mask = (1n << 64n) - 1n;
  let z = (seed + 0x9e3779b97f4a7c15n) & mask;
  z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & mask;
  z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & mask;
  return Number((z ^ (z >> 31n)) & 0xffff_ffffn);
}

/** The bytes of a word as the engine loads it: the first one is the lowest. */
function addressOf(word: number): string {
  return [0, 8, 16, 24].map((shift) => (word >>> shift) & 255).join(".");
}

/**
 * Millions of bent packets, written into the engine's memory as a capture: no trap, the memory does not grow, and every
 * packet is accounted for. SLUICE_PACKETS says how many, over all builds and nodes together; SLUICE_SEED chooses others.
 */

import { describe, expect, test } from "vitest";
import * as Capture from "../../assembly/layout/capture.ts";
import * as Layout from "../../assembly/layout/engine.ts";
import { LINKTYPE_ETHERNET } from "../../assembly/layout/protocol.ts";
import type { EngineConfiguration } from "../../src/engine/configuration.ts";
import { Engine } from "../../src/engine/instance.ts";
import { VERDICT_NAMES } from "../../src/engine/names.ts";
import { compileProgram } from "../../src/program/compile.ts";
import type { Ruleset } from "../../src/ruleset/types.ts";
import { kubeProxy, remembering, sourcePorts, translating } from "../kernel/rules.ts";
import { worldNetwork } from "../model/network.ts";
import { BUILDS, type Build, readEngine } from "../support/engine.ts";
import { Random, SEED } from "../support/random.ts";
import { sampleFrames } from "./samples.ts";

const PACKETS = Number(process.env.SLUICE_PACKETS ?? 500_000);
const NODES: readonly (readonly [name: string, ruleset: Ruleset, sizes: Partial<EngineConfiguration>])[] = [
  ["kube-proxy's rules", kubeProxy(), {}],
  ["a table that is soon full", translating(sourcePorts(40000, 40003)), { connectionsMax: 64, fragmentBytes: 4096 }],
  ["a set that is soon full", remembering(8), { dynamicMax: 16, connectionsMax: 1024 }],
];
const SAMPLES = Object.values(sampleFrames());
const LINK_BYTES = 14;
const RECORD_BYTES_MAX = 4096;
const CHUNK_BYTES = 4 << 20;
const DESCRIPTORS_MAX = 4096;
const TIMEOUT = 10_000 + PACKETS / 10;

describe.each(BUILDS)("%s engine", (build) => {
  test.each(NODES)(`bent packets, %s, SLUICE_SEED=${SEED}`, { timeout: TIMEOUT }, async (_, ruleset, sizes) => {
    const engine = await engineFor(build, ruleset, sizes);
    const random = new Random(SEED);
    const memoryBytes = engine.memory.buffer.byteLength;
    const wanted = Math.ceil(PACKETS / BUILDS.length / NODES.length);
    let fed = 0;
    for (let second = 0; fed < wanted; second++)
      fed += feed(engine, random, second, Math.min(wanted - fed, DESCRIPTORS_MAX));
    const verdicts = Object.keys(VERDICT_NAMES).map((verdict) => engine.counter(Layout.VERDICTS + Number(verdict) * 8));
    expect(engine.counter(Layout.PACKETS)).toBe(wanted);
    expect(verdicts.reduce((sum, count) => sum + count, 0)).toBe(wanted);
    expect(verdicts.filter((count) => count > 0).length).toBeGreaterThan(3);
    expect(engine.memory.buffer.byteLength).toBe(memoryBytes);
  });
});

async function engineFor(build: Build, ruleset: Ruleset, sizes: Partial<EngineConfiguration>): Promise<Engine> {
  const network = worldNetwork();
  const engine = await Engine.create(readEngine(build), {
    connectionsMax: 65_536,
    chunkBytes: CHUNK_BYTES,
    descriptorsMax: DESCRIPTORS_MAX,
    outputBytes: 4 * Layout.OUTPUT_RESERVE,
    outputFormat: Layout.OUTPUT_PCAPNG,
    followMax: 256,
    flags: Layout.ENGINE_EMIT | Layout.ENGINE_FOLLOW | Layout.ENGINE_IP6 | Layout.ENGINE_FAST_PATH,
    seed: BigInt(SEED),
    sysctls: network.sysctls,
    ...sizes,
  });
  engine.loadProgram(compileProgram({ ruleset, network }).image);
  engine.setCaptureInterface(0, {
    linkType: LINKTYPE_ETHERNET,
    nodeInterface: network.interfaces.findIndex(({ name }) => name === "eth0"),
    flags: 0,
    snaplen: 0,
    unitsPerSecond: 1_000_000n,
    offsetSeconds: 0n,
  });
  engine.setField(Layout.CAPTURE_FORMAT, 0);
  engine.setField(Layout.CAPTURE_INTERFACE_COUNT, 1);
  engine.setField(Layout.WALK_LIMIT, DESCRIPTORS_MAX);
  return engine;
}

/** A chunk of records of a pcap file, walked and processed; returns how many. */
function feed(engine: Engine, random: Random, second: number, countMax: number): number {
  const begin = engine.field(Layout.CHUNK);
  let at = begin;
  let count = 0;
  for (; count < countMax && at + RECORD_BYTES_MAX <= begin + CHUNK_BYTES; count++)
    at = writeRecord(engine, random, at, second);
  engine.exports.walk(begin, at);
  expect(engine.field(Layout.WALK_COUNT)).toBe(count);
  engine.exports.indexOutbound(0, count);
  for (let done = 0; done < count; ) {
    const processed = engine.exports.process(done, count - done) >>> 0;
    if (processed === 0 && engine.field(Layout.OUTPUT_USED) === 0) throw new Error("the engine does not go on");
    done += processed;
    engine.clearOutput();
    engine.setField(Layout.ENDED_COUNT, 0);
  }
  return count;
}

/** One of the samples with a few bytes changed, often in its headers; now and then shorter or longer. Returns its end. */
function writeRecord(engine: Engine, random: Random, at: number, second: number): number {
  const sample = random.pick(SAMPLES);
  const cut = random.once(8) ? random.below(40) : 0;
  const longer = random.once(8) ? random.below(1400) : 0;
  const bytes = Math.max(0, sample.length - cut) + longer;
  const frame = engine.bytes(at + Capture.RECORD_SIZE, bytes);
  frame.set(sample.subarray(0, bytes));
  for (let changes = random.below(5); changes >= 0; changes--) {
    const place = LINK_BYTES + random.below(random.once(2) ? 40 : bytes);
    if (place < bytes) frame[place] = random.below(256);
  }
  engine.memory.setUint32(at + Capture.RECORD_SECONDS, 1_700_000_000 + second, true);
  engine.memory.setUint32(at + Capture.RECORD_FRACTION, 0, true);
  engine.memory.setUint32(at + Capture.RECORD_FRAME_BYTES, bytes, true);
  engine.memory.setUint32(at + Capture.RECORD_WIRE_BYTES, bytes, true);
  return at + Capture.RECORD_SIZE + bytes;
}

/**
 * The short way of established connections changes nothing but the time it takes, and neither do vector instructions: the
 * same random conversations, in batches, with and without, leave the same bytes, connections and counters. SLUICE_SEED and
 * SLUICE_ROUNDS choose more.
 */

import { describe, expect, it } from "vitest";
import * as Capture from "../../assembly/layout/capture.ts";
import * as Connection from "../../assembly/layout/connection.ts";
import * as Layout from "../../assembly/layout/engine.ts";
import { LINKTYPE_ETHERNET } from "../../assembly/layout/protocol.ts";
import { Engine } from "../../src/engine/instance.ts";
import { compileProgram } from "../../src/program/compile.ts";
import type { Ruleset } from "../../src/ruleset/types.ts";
import { kubeProxy, kubeProxyDroppingInvalid, sourcePorts, translating } from "../kernel/rules.ts";
import { worldNetwork } from "../model/network.ts";
import { hex } from "../support/decode.ts";
import { type Build, readEngine } from "../support/engine.ts";
import { type CapturedFrame, enhancedPacket } from "../support/pcapng.ts";
import { Random, SEED } from "../support/random.ts";
import { Crowd } from "./fast-path-traffic.ts";

const ROUNDS = Number(process.env.SLUICE_ROUNDS ?? 3);
const BATCHES = 24;
const FRAMES_PER_BATCH = 48;
const SECOND = 1_000_000_000n;

const RULESETS: Readonly<Record<string, readonly Ruleset[]>> = {
  "kube-proxy's rules": [kubeProxy()],
  "invalid packets dropped": [kubeProxyDroppingInvalid()],
  "few ports": [translating(sourcePorts(40000, 40002))],
  "programs in turn": [kubeProxy(), kubeProxyDroppingInvalid()],
};

interface Kind {
  readonly build: Build;
  /** ENGINE_FAST_PATH, or 0. */
  readonly fastPath: number;
}

/** What is held equal. The first goes the short way. */
const PAIRS: Readonly<Record<string, readonly [Kind, Kind]>> = {
  "the short way, debug engine": withAndWithout("debug"),
  "the short way, release engine": withAndWithout("release"),
  "an engine without vector instructions": [
    { build: "scalar", fastPath: Layout.ENGINE_FAST_PATH },
    { build: "release", fastPath: Layout.ENGINE_FAST_PATH },
  ],
};

const NETWORK = worldNetwork();
const LINKS = NETWORK.interfaces.map(({ name }) => name);

for (const [title, kinds] of Object.entries(PAIRS)) {
  describe(title, () => {
    for (const [name, rulesets] of Object.entries(RULESETS)) {
      for (let round = 0; round < ROUNDS; round++) {
        const seed = SEED + round;
        it(`changes nothing: ${name}, SLUICE_SEED=${seed}`, async () => {
          const images = rulesets.map((ruleset) => compileProgram({ ruleset, network: NETWORK }).image);
          const engines = [await create(kinds[0]), await create(kinds[1])] as const;
          const random = new Random(seed);
          const crowd = new Crowd(random);
          let time = SECOND;
          for (let batch = 0; batch < BATCHES; batch++) {
            const image = images[batch % images.length]!;
            if (batch < images.length || random.once(4)) for (const engine of engines) engine.loadProgram(image);
            time += random.pick([1n, 1n, 40n, 130n]) * SECOND;
            const frames = crowd.frames(FRAMES_PER_BATCH, time);
            const [first, second] = engines.map((engine) => run(engine, frames)) as [Outcome, Outcome];
            expect(first.seen, `batch ${batch}`).toEqual(second.seen);
            crowd.hear(first.output, LINKS);
          }
          expect(engines[0].counter(Layout.FAST_PACKETS)).toBeGreaterThan(0);
          if (kinds[1].fastPath === 0) expect(engines[1].counter(Layout.FAST_PACKETS)).toBe(0);
        });
      }
    }
  });
}

interface Outcome {
  readonly output: Uint8Array;
  /** All that must be equal, as text: what differs can be read, and what is equal is soon compared. */
  readonly seen: Readonly<Record<string, string>>;
}

function withAndWithout(build: Build): [Kind, Kind] {
  return [
    { build, fastPath: Layout.ENGINE_FAST_PATH },
    { build, fastPath: 0 },
  ];
}

async function create({ build, fastPath }: Kind): Promise<Engine> {
  const engine = await Engine.create(readEngine(build), {
    connectionsMax: 256,
    chunkBytes: 1 << 18,
    outputBytes: 4 * Layout.OUTPUT_RESERVE,
    descriptorsMax: 2 * FRAMES_PER_BATCH,
    fragmentBytes: 1 << 16,
    outputFormat: Layout.OUTPUT_PCAPNG,
    flags: Layout.ENGINE_EMIT | Layout.ENGINE_IP6 | fastPath,
  });
  LINKS.forEach((_, index) => {
    engine.setCaptureInterface(index, {
      linkType: LINKTYPE_ETHERNET,
      nodeInterface: index,
      flags: 0,
      snaplen: 0,
      unitsPerSecond: SECOND,
      offsetSeconds: 0n,
    });
  });
  engine.setField(Layout.CAPTURE_INTERFACE_COUNT, LINKS.length);
  engine.setField(Layout.CAPTURE_FORMAT, Capture.CAPTURE_PCAPNG);
  engine.setField(Layout.WALK_LIMIT, engine.configuration.descriptorsMax);
  return engine;
}

function run(engine: Engine, frames: readonly CapturedFrame[]): Outcome {
  const begin = engine.field(Layout.CHUNK);
  let at = begin;
  for (const captured of frames) {
    const block = enhancedPacket(LINKS, captured);
    engine.bytes(at, block.length).set(block);
    at += block.length;
  }
  engine.exports.walk(begin, at);
  const count = engine.field(Layout.WALK_COUNT);
  expect(count).toBe(frames.length);
  expect(engine.exports.process(0, count)).toBe(count);
  const output = engine.output().slice();
  engine.clearOutput();
  const descriptors = engine.bytes(engine.descriptor(0), engine.descriptor(count) - engine.descriptor(0));
  const seen = {
    output: hex(output),
    descriptors: hex(descriptors),
    connections: records(engine).map(hex).join("\n"),
    counters: counters(engine).join(),
  };
  return { output, seen };
}

/** The records of all connections, without what only the short way keeps there. */
function records(engine: Engine): Uint8Array[] {
  const first = engine.field(Layout.CONNECTIONS);
  const all = Array.from({ length: engine.configuration.connectionsMax }, (_, index) =>
    engine.bytes(first + index * Connection.SIZE, Connection.SIZE).slice(),
  );
  const open = all.filter((record) => (record[Connection.STATUS]! & Connection.STATUS_CONFIRMED) !== 0);
  for (const record of open) {
    record.fill(0, Connection.GENERATION, Connection.FAST + 1);
    for (const half of [0, Connection.REPLY])
      record.fill(0, half + Connection.ADJACENCY, half + Connection.ADJACENCY + 2);
  }
  return open;
}

/** All counters but those that tell the two ways apart. */
function counters(engine: Engine): number[] {
  const offsets = Array.from({ length: (Layout.SIZE - Layout.COUNTERS) / 8 }, (_, i) => Layout.COUNTERS + i * 8);
  return offsets
    .filter((offset) => offset !== Layout.FAST_PACKETS && offset !== Layout.RULES_VISITED)
    .map((offset) => engine.counter(offset));
}

/** Two engines that take the same frames: nothing but the time may be different. */

import { expect } from "vitest";
import * as Capture from "../../assembly/layout/capture.ts";
import * as Connection from "../../assembly/layout/connection.ts";
import * as Layout from "../../assembly/layout/engine.ts";
import { LINKTYPE_ETHERNET } from "../../assembly/layout/protocol.ts";
import { Engine } from "../../src/engine/instance.ts";
import { worldNetwork } from "../model/network.ts";
import { hex } from "../support/decode.ts";
import { type Build, readEngine } from "../support/engine.ts";
import { type CapturedFrame, enhancedPacket } from "../support/pcapng.ts";

export const NETWORK = worldNetwork();
export const LINKS = NETWORK.interfaces.map(({ name }) => name);

const FRAMES_MAX = 96;
const SECOND = 1_000_000_000n;

type Sysctls = Readonly<Record<string, string>>;

interface Kind {
  readonly build: Build;
  /** ENGINE_FAST_PATH, or 0. */
  readonly fastPath: number;
}

/** What is held equal. The first goes the short way. */
export const PAIRS: Readonly<Record<string, readonly [Kind, Kind]>> = {
  "the short way, debug engine": withAndWithout("debug"),
  "the short way, release engine": withAndWithout("release"),
  "an engine without vector instructions": [
    { build: "scalar", fastPath: Layout.ENGINE_FAST_PATH },
    { build: "release", fastPath: Layout.ENGINE_FAST_PATH },
  ],
};

export class EnginePair {
  readonly #first: Engine;
  readonly #second: Engine;
  readonly #kinds: readonly [Kind, Kind];

  private constructor(first: Engine, second: Engine, kinds: readonly [Kind, Kind]) {
    this.#first = first;
    this.#second = second;
    this.#kinds = kinds;
  }

  static async create(kinds: readonly [Kind, Kind], sysctls: Sysctls = {}): Promise<EnginePair> {
    return new EnginePair(await create(kinds[0], sysctls), await create(kinds[1], sysctls), kinds);
  }

  loadProgram(image: Uint8Array): void {
    for (const engine of [this.#first, this.#second]) engine.loadProgram(image);
  }

  /** Takes frames as one batch, and expects the same of both. Returns what leaves. */
  run(frames: readonly CapturedFrame[], name: string): Uint8Array {
    const [first, second] = [run(this.#first, frames), run(this.#second, frames)];
    expect(first.seen, name).toEqual(second.seen);
    return first.output;
  }

  /** How many packets have gone the short way in the first; in the second none has, unless it may. */
  shortPackets(): number {
    if (this.#kinds[1].fastPath === 0) expect(this.#second.counter(Layout.FAST_PACKETS)).toBe(0);
    return this.#first.counter(Layout.FAST_PACKETS);
  }
}

function withAndWithout(build: Build): [Kind, Kind] {
  return [
    { build, fastPath: Layout.ENGINE_FAST_PATH },
    { build, fastPath: 0 },
  ];
}

interface Outcome {
  readonly output: Uint8Array;
  /** All that must be equal, as text: what differs can be read, and what is equal is soon compared. */
  readonly seen: Readonly<Record<string, string>>;
}

async function create({ build, fastPath }: Kind, sysctls: Sysctls): Promise<Engine> {
  const engine = await Engine.create(readEngine(build), {
    connectionsMax: 256,
    chunkBytes: 1 << 18,
    outputBytes: 4 * Layout.OUTPUT_RESERVE,
    descriptorsMax: FRAMES_MAX,
    fragmentBytes: 1 << 16,
    outputFormat: Layout.OUTPUT_PCAPNG,
    flags: Layout.ENGINE_EMIT | Layout.ENGINE_IP6 | fastPath,
    sysctls,
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

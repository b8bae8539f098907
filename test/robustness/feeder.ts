/** Feeds an engine with many packets at once, as a capture's walker would: millions of them in seconds. */

import * as Descriptor from "../../assembly/layout/descriptor.ts";
import * as Layout from "../../assembly/layout/engine.ts";
import { LINKTYPE_RAW } from "../../assembly/layout/protocol.ts";
import { VERDICT_FORWARD } from "../../assembly/layout/verdict.ts";
import { Engine } from "../../src/engine/instance.ts";
import { engineWasm } from "../../src/engine/wasm-node.ts";
import { compileProgram } from "../../src/program/compile.ts";
import type { Ruleset } from "../../src/ruleset/types.ts";
import { worldNetwork } from "../model/network.ts";
import { HAS_FAST_PATH, INDEX_FROM } from "../support/variant.ts";

/** Bytes between two packets: no packet here is longer. */
const STRIDE = 64;
const BATCH = 4096;

export class Feeder {
  readonly engine: Engine;
  /** Nanoseconds since 1970; goes on with each packet. */
  time = 1_700_000_000_000_000_000n;
  readonly #input: number;
  #waiting = 0;
  /** Packets of the batches since the last call of forwarded(). */
  #forwarded = 0;

  private constructor(engine: Engine, input: number) {
    this.engine = engine;
    this.#input = input;
  }

  static async create(ruleset: Ruleset, connectionsMax: number, seed: bigint): Promise<Feeder> {
    const network = worldNetwork();
    const engine = await Engine.create(engineWasm(), {
      connectionsMax,
      chunkBytes: BATCH * STRIDE,
      descriptorsMax: BATCH,
      outputBytes: 2 * Layout.OUTPUT_RESERVE,
      flags: HAS_FAST_PATH ? Layout.ENGINE_FAST_PATH : 0,
      seed,
      sysctls: network.sysctls,
    });
    engine.loadProgram(compileProgram({ ruleset, network, indexFrom: INDEX_FROM }).image);
    return new Feeder(
      engine,
      network.interfaces.findIndex(({ name }) => name === "eth0"),
    );
  }

  /** A packet comes in on eth0, `nanoseconds` after the one before. */
  feed(packet: Uint8Array, nanoseconds: bigint, input = this.#input): void {
    const { engine } = this;
    this.time += nanoseconds;
    const at = engine.field(Layout.CHUNK) + this.#waiting * STRIDE;
    engine.bytes(at, packet.length).set(packet);
    const { memory } = engine;
    const descriptor = engine.descriptor(this.#waiting);
    engine.bytes(descriptor, Descriptor.SIZE).fill(0);
    memory.setBigUint64(descriptor + Descriptor.TIME, this.time, true);
    memory.setUint32(descriptor + Descriptor.FRAME, at, true);
    memory.setUint32(descriptor + Descriptor.FRAME_BYTES, packet.length, true);
    memory.setUint32(descriptor + Descriptor.WIRE_BYTES, packet.length, true);
    memory.setUint16(descriptor + Descriptor.IN_INTERFACE, input, true);
    memory.setUint16(descriptor + Descriptor.LINK_TYPE, LINKTYPE_RAW, true);
    this.#waiting += 1;
    if (this.#waiting === BATCH) this.flush();
  }

  /** Processes what has been fed. */
  flush(): void {
    const processed = this.engine.exports.process(0, this.#waiting) >>> 0;
    if (processed !== this.#waiting) throw new Error(`${processed} of ${this.#waiting} packets were processed`);
    for (let index = 0; index < this.#waiting; index++) {
      const verdict = this.engine.memory.getUint8(this.engine.descriptor(index) + Descriptor.VERDICT);
      if (verdict === VERDICT_FORWARD) this.#forwarded += 1;
    }
    this.#waiting = 0;
  }

  /** How many packets went on since the last call. */
  forwarded(): number {
    this.flush();
    const count = this.#forwarded;
    this.#forwarded = 0;
    return count;
  }
}

/** The capture part of the engine alone, behind what CaptureReader wants of an engine. */

import * as Capture from "../../assembly/layout/capture.ts";
import * as Descriptor from "../../assembly/layout/descriptor.ts";
import * as Engine from "../../assembly/layout/engine.ts";
import type { CaptureReader } from "../../src/capture/reader.ts";
import type { WalkingEngine } from "../../src/capture/types.ts";
import type { CaptureInterfaceDescription } from "../../src/engine/instance.ts";
import { compileEntry, type TestEngine } from "../engine/compile.ts";

export interface CaptureEngineOptions {
  readonly chunkBytes?: number;
  readonly descriptors?: number;
  readonly outputFormat?: number;
}

/** A packet as its descriptor has it. */
export interface Seen {
  readonly time: bigint;
  readonly frame: Uint8Array;
  readonly wireBytes: number;
  readonly interface: number;
  readonly linkBytes: number;
  readonly linkType: number;
  readonly flags: number;
}

const compiled = compileEntry("capture");

/** One engine per test file, set up anew whenever a test asks for one: its memory is carved again. */
export class CaptureEngine implements WalkingEngine {
  readonly exports: WalkingEngine["exports"];
  readonly #wasm: TestEngine;
  readonly #base: number;

  static async create(options: CaptureEngineOptions = {}): Promise<CaptureEngine> {
    return new CaptureEngine(await compiled, options);
  }

  private constructor(wasm: TestEngine, options: CaptureEngineOptions) {
    this.#wasm = wasm;
    this.#base = wasm.engineAddress!();
    this.exports = { walk: (begin, end) => wasm.walk!(begin, end) };
    this.setField(Engine.CHUNK_BYTES, options.chunkBytes ?? 1 << 20);
    this.setField(Engine.DESCRIPTORS_MAX, options.descriptors ?? 4096);
    this.setField(Engine.OUTPUT_BYTES, 1 << 20);
    this.setField(Engine.OUTPUT_FORMAT, options.outputFormat ?? Engine.OUTPUT_PCAPNG);
    this.setField(Engine.FLAGS, Engine.ENGINE_EMIT);
    wasm.init!();
  }

  field(offset: number): number {
    return this.#view().getUint32(this.#base + offset, true);
  }

  setField(offset: number, value: number): void {
    this.#view().setUint32(this.#base + offset, value, true);
  }

  bytes(address: number, length: number): Uint8Array {
    return new Uint8Array(this.#wasm.memory.buffer, address, length);
  }

  setCaptureInterface(index: number, description: CaptureInterfaceDescription): void {
    const view = this.#view();
    const at = this.field(Engine.CAPTURE_INTERFACES) + index * Capture.INTERFACE_SIZE;
    view.setUint16(at + Capture.INTERFACE_LINK_TYPE, description.linkType, true);
    view.setUint16(at + Capture.INTERFACE_NODE, description.nodeInterface, true);
    view.setUint16(at + Capture.INTERFACE_FLAGS, description.flags, true);
    view.setUint32(at + Capture.INTERFACE_SNAPLEN, description.snaplen, true);
    view.setBigUint64(at + Capture.INTERFACE_UNITS, description.unitsPerSecond, true);
    view.setBigInt64(at + Capture.INTERFACE_OFFSET, description.offsetSeconds, true);
  }

  seen(index: number): Seen {
    const view = this.#view();
    const at = this.field(Engine.DESCRIPTORS) + index * Descriptor.SIZE;
    const frame = view.getUint32(at + Descriptor.FRAME, true);
    return {
      time: view.getBigUint64(at + Descriptor.TIME, true),
      frame: this.bytes(frame, view.getUint32(at + Descriptor.FRAME_BYTES, true)).slice(),
      wireBytes: view.getUint32(at + Descriptor.WIRE_BYTES, true),
      interface: view.getUint16(at + Descriptor.CAPTURE_INTERFACE, true),
      linkBytes: view.getUint16(at + Descriptor.LINK_BYTES, true),
      linkType: view.getUint16(at + Descriptor.LINK_TYPE, true),
      flags: view.getUint16(at + Descriptor.FLAGS, true),
    };
  }

  /** Emits described packets untouched, as ORIGIN_* says they came, and returns what that wrote. */
  emit(first: number, count: number, origin = 0): Uint8Array {
    this.setField(Engine.OUTPUT_USED, 0);
    this.#wasm.emitAll!(first, count, origin);
    return this.bytes(this.field(Engine.OUTPUT), this.field(Engine.OUTPUT_USED)).slice();
  }

  /** Puts bytes somewhere in the engine's memory; returns where. */
  place(bytes: Uint8Array): number {
    const at = this.#wasm.buffer!(bytes.length);
    this.bytes(at, bytes.length).set(bytes);
    return at;
  }

  /** Emits one described packet by way of an adjacency on an interface of a program. */
  emitOn(index: number, origin: number, program: number, outInterface: number, adjacency: number): Uint8Array {
    this.setField(Engine.OUTPUT_USED, 0);
    this.#wasm.emitOn!(index, origin, program, outInterface, adjacency);
    return this.bytes(this.field(Engine.OUTPUT), this.field(Engine.OUTPUT_USED)).slice();
  }

  #view(): DataView {
    return new DataView(this.#wasm.memory.buffer);
  }
}

/** Everything that a reader gives: its packets, and the problem's message if there is one. */
export async function readAll(
  engine: CaptureEngine,
  reader: CaptureReader,
): Promise<{ packets: Seen[]; problem?: string }> {
  const packets: Seen[] = [];
  while (true) {
    const batch = await reader.nextBatch();
    if (batch.kind === "end") return { packets };
    if (batch.kind === "problem") return { packets, problem: batch.problem.message };
    for (let index = batch.first; index < batch.first + batch.count; index++) packets.push(engine.seen(index));
  }
}

/** fragment/ alone: raw IP packets in, raw IP packets out. */

import * as Engine from "../../assembly/layout/engine.ts";
import * as State from "../../assembly/layout/state.ts";
import { uint16 } from "../support/bytes.ts";
import { internetChecksum } from "../support/checksum.ts";
import { readPcapng } from "../support/pcapng.ts";
import { compileEntry, type TestEngine } from "./compile.ts";

const FRAGMENT_HEADER = 44;
const REPEATED_HEADERS: readonly number[] = [0, 43, 60];

export interface Outcome {
  readonly reason: number;
  readonly sent: Uint8Array[];
}

const compiled = compileEntry("fragment");

/** One engine that is set up anew for every test: its tables are carved again, the old ones forgotten. */
export class FragmentEngine {
  readonly #wasm: TestEngine;
  readonly #base: number;
  readonly #packet: number;
  #sentId: Uint8Array | undefined;

  static async create(): Promise<FragmentEngine> {
    return new FragmentEngine(await compiled);
  }

  private constructor(wasm: TestEngine) {
    this.#wasm = wasm;
    this.#base = wasm.engineAddress!();
    this.setField(Engine.OUTPUT_BYTES, 256 << 10);
    this.setField(Engine.FRAGMENT_BYTES, 128 << 10);
    this.setField(Engine.OUTPUT_FORMAT, Engine.OUTPUT_PCAPNG);
    this.setField(Engine.FLAGS, Engine.ENGINE_EMIT);
    this.setField(Engine.TIMEOUT + State.TIMEOUT_FRAGMENT * 4, 30);
    this.setField(Engine.TIMEOUT + State.TIMEOUT_FRAGMENT6 * 4, 60);
    this.clock = 0;
    this.#packet = wasm.init!();
  }

  get clock(): number {
    return this.#view().getUint32(this.#base + Engine.CLOCK, true);
  }

  set clock(milliseconds: number) {
    this.setField(Engine.CLOCK, milliseconds);
  }

  setField(offset: number, value: number): void {
    this.#view().setUint32(this.#base + offset, value, true);
  }

  /** A packet comes from ORIGIN_* `origin`. */
  pass(packet: Uint8Array, origin = 0): Outcome {
    const reason = this.#run(packet, (at) => this.#wasm.pass!(at, packet.length, origin));
    return { reason, sent: this.#sent() };
  }

  /** A packet leaves over a link of that MTU. */
  split(packet: Uint8Array, mtu: number): Uint8Array[] {
    this.#run(packet, (at) => this.#wasm.split!(at, packet.length, mtu));
    return this.#sent();
  }

  /** What the last pass() has put together. */
  whole(): Uint8Array {
    return new Uint8Array(this.#wasm.memory.buffer, this.#wasm.wholeAddress!(), this.#wasm.wholeBytes!()).slice();
  }

  /** IPv6 fragments as they leave: with the identification that was drawn for them. */
  withId(packets: readonly Uint8Array[]): Uint8Array[] {
    return packets.map((packet) => {
      const at = identificationOf(packet);
      if (at === undefined || this.#sentId === undefined) return packet;
      const changed = packet.slice();
      changed.set(this.#sentId, at);
      return changed;
    });
  }

  #run(packet: Uint8Array, call: (at: number) => number): number {
    this.setField(Engine.OUTPUT_USED, 0);
    new Uint8Array(this.#wasm.memory.buffer).set(packet, this.#packet);
    return call(this.#packet);
  }

  #sent(): Uint8Array[] {
    const view = this.#view();
    const output = view.getUint32(this.#base + Engine.OUTPUT, true);
    const bytes = new Uint8Array(view.buffer, output, view.getUint32(this.#base + Engine.OUTPUT_USED, true)).slice();
    const sent = readPcapng(bytes, ["out"]).map(({ frame }) => frame);
    const at = sent[0] === undefined ? undefined : identificationOf(sent[0]);
    this.#sentId = at === undefined ? undefined : sent[0]!.subarray(at, at + 4);
    return sent;
  }

  #view(): DataView {
    return new DataView(this.#wasm.memory.buffer);
  }
}

/** Puts an IPv4 header's checksum right; an IPv6 header has none. */
export function fixChecksum(packet: Uint8Array): Uint8Array {
  if (packet[0]! >> 4 !== 4) return packet;
  packet.set([0, 0], 10);
  packet.set(uint16(internetChecksum(packet.subarray(0, (packet[0]! & 15) * 4))), 10);
  return packet;
}

/** The packet with a zero where an IPv6 fragment has its identification: the kernel draws it. */
export function withoutId(packet: Uint8Array): Uint8Array {
  const at = identificationOf(packet);
  return at === undefined ? packet : packet.slice().fill(0, at, at + 4);
}

function identificationOf(packet: Uint8Array): number | undefined {
  if (packet[0]! >> 4 !== 6) return undefined;
  let protocol = packet[6]!;
  let at = 40;
  while (REPEATED_HEADERS.includes(protocol)) {
    protocol = packet[at]!;
    at += (packet[at + 1]! + 1) * 8;
  }
  return protocol === FRAGMENT_HEADER ? at + 4 : undefined;
}

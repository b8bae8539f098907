/** An engine under test: one IP packet in, its verdict and what leaves out. No link headers, no capture files. */

import { readFile } from "node:fs/promises";
import * as Descriptor from "../../assembly/layout/descriptor.ts";
import * as Layout from "../../assembly/layout/engine.ts";
import { LINKTYPE_RAW } from "../../assembly/layout/protocol.ts";
import { Engine } from "../../src/engine/instance.ts";
import { CT_NAMES, REASON_NAMES, VERDICT_NAMES } from "../../src/engine/names.ts";
import type { NodeNetwork } from "../../src/network/types.ts";
import type { CompileCache } from "../../src/program/cache.ts";
import { compileProgram } from "../../src/program/compile.ts";
import { SetIds } from "../../src/program/set-ids.ts";
import type { Program } from "../../src/program/types.ts";
import type { Ruleset } from "../../src/ruleset/types.ts";
import { readPcapng } from "./pcapng.ts";
import { HAS_FAST_PATH, INDEX_FROM, IS_SCALAR } from "./variant.ts";

export type Build = "debug" | "release" | "scalar";
export const BUILDS: readonly Build[] = IS_SCALAR ? ["scalar"] : ["debug", "release", "scalar"];

export interface Passed {
  readonly verdict: string;
  readonly reason: string;
  readonly ct: string;
  /** The packet itself as the engine left it. */
  readonly packet: Uint8Array;
  /** What left the node, in order: the packet, its pieces, answers. */
  readonly sent: readonly { readonly link: string; readonly packet: Uint8Array }[];
}

export interface TestNodeOptions {
  readonly build: Build;
  readonly ruleset: Ruleset;
  readonly network: NodeNetwork;
  readonly fastPath?: boolean;
  readonly connectionsMax?: number;
  readonly seed?: bigint;
  /** As in ProgramInput. */
  readonly indexFrom?: number | undefined;
  /** Then the next programs are updates of the first. */
  readonly cache?: CompileCache;
}

const WASM: Readonly<Record<Build, string>> = {
  debug: "engine.debug.wasm",
  release: IS_SCALAR ? "engine.scalar.wasm" : "engine.wasm",
  scalar: "engine.scalar.wasm",
};
const SECOND = 1_000_000_000n;

export class TestNode {
  readonly engine: Engine;
  readonly #links: readonly string[];
  readonly #network: NodeNetwork;
  readonly #setIds = new SetIds();
  readonly #cache: CompileCache | undefined;
  readonly #indexFrom: number | undefined;
  program: Program;
  #time = SECOND;

  private constructor(engine: Engine, { network, ruleset, cache, indexFrom = INDEX_FROM }: TestNodeOptions) {
    this.engine = engine;
    this.#network = network;
    this.#cache = cache;
    this.#indexFrom = indexFrom;
    this.program = this.load(ruleset);
    this.#links = network.interfaces.map(({ name }) => name);
  }

  static async create(options: TestNodeOptions): Promise<TestNode> {
    const { build, network, fastPath = HAS_FAST_PATH, connectionsMax = 1024, seed = 1n } = options;
    const flags = Layout.ENGINE_EMIT | Layout.ENGINE_IP6;
    const engine = await Engine.create(readEngine(build), {
      connectionsMax,
      chunkBytes: 1 << 17,
      outputBytes: 4 * Layout.OUTPUT_RESERVE,
      descriptorsMax: 16,
      outputFormat: Layout.OUTPUT_PCAPNG,
      flags: fastPath ? flags | Layout.ENGINE_FAST_PATH : flags,
      seed,
      sysctls: network.sysctls,
    });
    return new TestNode(engine, options);
  }

  /** Swaps the rules; connections and what the rules remember live on. */
  load(ruleset: Ruleset): Program {
    const cache = this.#cache;
    const input = { ruleset, network: this.#network, setIds: this.#setIds, indexFrom: this.#indexFrom };
    this.program = compileProgram(cache === undefined ? input : { ...input, cache });
    this.engine.loadProgram(this.program.image, cache === undefined ? undefined : this.program.version);
    return this.program;
  }

  /** Lets time pass until the next packet. */
  wait(nanoseconds: bigint): void {
    this.#time += nanoseconds;
  }

  /** A packet that arrives on a link. */
  receive(link: string, packet: Uint8Array): Passed {
    return this.#process(packet, 0, this.#links.indexOf(link));
  }

  /** A packet that one of the node's own processes sends. */
  send(packet: Uint8Array): Passed {
    return this.#process(packet, Descriptor.FLAG_FROM_HOST, Descriptor.NO_INTERFACE);
  }

  /** Bytes that arrive without being an IP packet. */
  receiveOther(bytes: Uint8Array): Passed {
    return this.#process(bytes, Descriptor.FLAG_NOT_IP, Descriptor.NO_INTERFACE);
  }

  #process(packet: Uint8Array, flags: number, inInterface: number): Passed {
    const { engine } = this;
    const chunk = engine.field(Layout.CHUNK);
    const at = engine.descriptor(0);
    engine.bytes(chunk, packet.length).set(packet);
    engine.bytes(at, Descriptor.SIZE).fill(0);
    const { memory } = engine;
    this.#time += SECOND / 1000n;
    memory.setBigUint64(at + Descriptor.TIME, this.#time, true);
    memory.setUint32(at + Descriptor.FRAME, chunk, true);
    memory.setUint32(at + Descriptor.FRAME_BYTES, packet.length, true);
    memory.setUint32(at + Descriptor.WIRE_BYTES, packet.length, true);
    memory.setUint16(at + Descriptor.IN_INTERFACE, inInterface, true);
    memory.setUint16(at + Descriptor.FLAGS, flags, true);
    memory.setUint16(at + Descriptor.LINK_TYPE, LINKTYPE_RAW, true);
    if (engine.exports.process(0, 1) !== 1) throw new Error("the engine did not take the packet");
    return this.#outcome(at, chunk);
  }

  #outcome(at: number, chunk: number): Passed {
    const { engine } = this;
    const { memory } = engine;
    const sent = readPcapng(engine.output(), this.#links).map(({ link, frame }) => ({ link, packet: ipOf(frame) }));
    engine.clearOutput();
    return {
      verdict: VERDICT_NAMES[memory.getUint8(at + Descriptor.VERDICT)] ?? "",
      reason: REASON_NAMES[memory.getUint8(at + Descriptor.REASON)] ?? "",
      ct: CT_NAMES[memory.getUint8(at + Descriptor.CT)] ?? "",
      packet: engine.bytes(chunk, memory.getUint32(at + Descriptor.PACKET_BYTES, true)).slice(),
      sent,
    };
  }
}

/** Interfaces with link addresses are written as Ethernet, all others as raw IP. */
function ipOf(frame: Uint8Array): Uint8Array {
  const first = frame[0]! >> 4;
  const isIp = (first === 4 && frame.length === ((frame[2]! << 8) | frame[3]!)) || first === 6;
  return (isIp ? frame : frame.subarray(14)).slice();
}

/** The Wasm of a build. */
export function readEngine(build: Build): Promise<Uint8Array<ArrayBuffer>> {
  return readFile(new URL(`../../build/${WASM[build]}`, import.meta.url));
}

/** A node that is an engine, spoken to as KernelNode is: a frame in, the frames that leave because of it out. */

import * as Capture from "../../assembly/layout/capture.ts";
import * as Descriptor from "../../assembly/layout/descriptor.ts";
import * as Layout from "../../assembly/layout/engine.ts";
import { LINKTYPE_ETHERNET } from "../../assembly/layout/protocol.ts";
import type { EngineConfiguration } from "../../src/engine/configuration.ts";
import { Engine } from "../../src/engine/instance.ts";
import { restoreConnections } from "../../src/engine/restore.ts";
import { engineWasm } from "../../src/engine/wasm-node.ts";
import type { NodeNetwork } from "../../src/network/types.ts";
import { compileProgram } from "../../src/program/compile.ts";
import type { Program } from "../../src/program/types.ts";
import type { Ruleset } from "../../src/ruleset/types.ts";
import type { Sent } from "./kernel-node.ts";
import { enhancedPacket, readPcapng } from "./pcapng.ts";
import { HAS_FAST_PATH, INDEX_FROM } from "./variant.ts";

export interface Outcome {
  readonly sent: readonly Sent[];
  readonly verdict: number;
  readonly reason: number;
  readonly ct: number;
}

export interface EngineNodeOptions {
  readonly ruleset: Ruleset;
  readonly network: NodeNetwork;
  readonly seed?: bigint;
  /** ENGINE_* that differ from the default: on, and off. */
  readonly fastPath?: boolean;
  /** Other sizes of the engine's tables. */
  readonly sizes?: Partial<EngineConfiguration>;
}

const NANOSECONDS_PER_SECOND = 1_000_000_000n;
/** How much earlier than its packet a frame may have left to be taken for it; so early, no later packet takes it. */
const SHOWN_EARLIER = 999_999n;

export class EngineNode {
  readonly engine: Engine;
  readonly program: Program;
  readonly #links: readonly string[];

  private constructor(engine: Engine, program: Program, links: readonly string[]) {
    this.engine = engine;
    this.program = program;
    this.#links = links;
  }

  static async create({
    ruleset,
    network,
    seed = 1n,
    fastPath = HAS_FAST_PATH,
    sizes,
  }: EngineNodeOptions): Promise<EngineNode> {
    const flags = Layout.ENGINE_EMIT | Layout.ENGINE_FOLLOW | Layout.ENGINE_IP6;
    const engine = await Engine.create(engineWasm(), {
      connectionsMax: 4096,
      chunkBytes: 1 << 20,
      outputBytes: 4 * Layout.OUTPUT_RESERVE,
      descriptorsMax: 256,
      followMax: 256,
      outputFormat: Layout.OUTPUT_PCAPNG,
      flags: fastPath ? flags | Layout.ENGINE_FAST_PATH : flags,
      seed,
      sysctls: network.sysctls,
      ...sizes,
    });
    const program = compileProgram({ ruleset, network, indexFrom: INDEX_FROM });
    const problem = program.problems.find(({ severity }) => severity !== "warning");
    if (problem !== undefined) throw new Error(`a rule that cannot be compiled: ${JSON.stringify(problem)}`);
    engine.loadProgram(program.image);
    restoreConnections(engine, network.connections ?? []);
    const links = network.interfaces.map((device) => device.name);
    for (const index of links.keys()) describeInterface(engine, index);
    engine.setField(Layout.CAPTURE_INTERFACE_COUNT, links.length);
    engine.setField(Layout.CAPTURE_FORMAT, Capture.CAPTURE_PCAPNG);
    engine.setField(Layout.WALK_LIMIT, engine.configuration.descriptorsMax);
    return new EngineNode(engine, program, links);
  }

  /** Processes a frame. Where the rules leave a choice, the engine takes the one that `shown` frames show. */
  inject(link: string, frame: Uint8Array, time: bigint, shown: readonly Sent[] = []): Outcome {
    const { engine } = this;
    const blocks = [
      { link, frame, time, outbound: false },
      ...shown.map((sent) => ({ ...sent, time: time - SHOWN_EARLIER, outbound: true })),
    ];
    const count = this.#walk(blocks.map((block) => enhancedPacket(this.#links, block)));
    engine.exports.indexOutbound(0, count);
    if (engine.exports.process(0, 1) !== 1) throw new Error("the engine did not take the frame");
    const at = engine.descriptor(0);
    const { memory } = engine;
    const outcome: Outcome = {
      sent: readPcapng(engine.output(), this.#links).map((sent) => ({ link: sent.link, frame: sent.frame })),
      verdict: memory.getUint8(at + Descriptor.VERDICT),
      reason: memory.getUint8(at + Descriptor.REASON),
      ct: memory.getUint8(at + Descriptor.CT),
    };
    engine.clearOutput();
    return outcome;
  }

  /** Puts blocks into the chunk and has them walked; returns how many descriptors that filled. */
  #walk(blocks: readonly Uint8Array[]): number {
    const { engine } = this;
    let at = engine.field(Layout.CHUNK);
    const begin = at;
    for (const block of blocks) {
      engine.bytes(at, block.length).set(block);
      at += block.length;
    }
    engine.exports.walk(begin, at);
    return engine.field(Layout.WALK_COUNT);
  }
}

/** An Ethernet interface of the capture that is the node's interface of the same number. */
function describeInterface(engine: Engine, index: number): void {
  engine.setCaptureInterface(index, {
    linkType: LINKTYPE_ETHERNET,
    nodeInterface: index,
    flags: 0,
    snaplen: 0,
    unitsPerSecond: NANOSECONDS_PER_SECOND,
    offsetSeconds: 0n,
  });
}

/**
 * What a packet costs under the rules of so many Services: the engine's own time, and how much of the rules it walks.
 * Times differ from run to run; the walk does not.
 */

import * as Layout from "../../assembly/layout/engine.ts";
import { Engine } from "../engine/instance.ts";
import type { EngineSource } from "../engine/load.ts";
import { Random } from "../traffic/random.ts";
import { clientOf, openConversations, TIME } from "./conversations.ts";
import { ACK, DATA_BYTES, PACKET_BYTES, PacketWriter, SLICE, SYN } from "./packets.ts";

/** Nanoseconds a packet, one figure a round; instructions of rules that a packet meets, on average over all rounds. */
export interface Cost {
  readonly nanoseconds: readonly number[];
  readonly instructions: number;
}

export interface MeasureOptions {
  readonly engine: EngineSource;
  readonly image: Uint8Array;
  readonly services: number;
  readonly connections: number;
  readonly rounds: number;
}

/** SYNs that each open a connection; every round meets an empty table. */
export async function measureFirstPackets(options: MeasureOptions): Promise<Cost> {
  const { services, connections, rounds } = options;
  const nanoseconds: number[] = [];
  let instructions = 0;
  for (let round = 0; round < rounds; round++) {
    const engine = await engineFor(options);
    const writer = new PacketWriter(engine, TIME);
    for (let n = 0; n < connections; n++) writer.add(clientOf(spread(n, connections, services), services), SYN, 1, 0);
    nanoseconds.push(writer.process() / connections);
    if (engine.field(Layout.OPEN) !== connections) throw new Error("not every SYN opened a connection");
    instructions += engine.counter(Layout.RULES_VISITED);
  }
  return { nanoseconds, instructions: instructions / (rounds * connections) };
}

/** Packets with data of connections that are established, in both directions and in random order. */
export async function measureEstablished(options: MeasureOptions): Promise<Cost> {
  const { services, connections, rounds } = options;
  const engine = await engineFor(options);
  const conversations = openConversations(engine, connections, services, connections);
  const visitedBefore = engine.counter(Layout.RULES_VISITED);
  const sent = conversations.map(() => [2, 2] as [client: number, server: number]);
  const random = new Random(7);
  const nanoseconds: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const writer = new PacketWriter(engine, TIME);
    for (let n = 0; n < connections; n++) {
      const which = random.below(connections);
      const numbers = sent[which]!;
      const { client, server } = conversations[which]!;
      const side = random.below(2) as 0 | 1;
      writer.add(side === 0 ? client : server, ACK, numbers[side], numbers[side === 0 ? 1 : 0]);
      numbers[side] += DATA_BYTES;
    }
    nanoseconds.push(writer.process() / connections);
  }
  const visited = engine.counter(Layout.RULES_VISITED) - visitedBefore;
  return { nanoseconds, instructions: visited / (rounds * connections) };
}

/** Few connections meet Services from the first to the last, not the first ones only. */
function spread(n: number, connections: number, services: number): number {
  return connections >= services ? n : n + Math.floor((n * (services - connections)) / connections);
}

async function engineFor({ engine: source, image, connections }: MeasureOptions): Promise<Engine> {
  const engine = await Engine.create(source, {
    connectionsMax: Math.max(1024, Math.ceil(connections * 1.05)),
    chunkBytes: connections * PACKET_BYTES,
    descriptorsMax: SLICE,
    flags: Layout.ENGINE_FAST_PATH,
  });
  engine.loadProgram(image);
  return engine;
}

/** First packets of connections: SYNs that each create a connection, choose an endpoint and are translated. */

import * as Layout from "../assembly/layout/engine.ts";
import { clientOf, TIME } from "../src/scale/conversations.ts";
import { PacketWriter, SYN } from "../src/scale/packets.ts";
import { createEngine } from "./established.ts";

const CONNECTIONS = 1 << 16;
const ROUNDS = 8;

/** Connections opened per second, one figure a round; every round meets an empty table. */
export async function benchmarkFirstPackets(services: number): Promise<number[]> {
  const rates: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const engine = await createEngine(CONNECTIONS, { services });
    const writer = new PacketWriter(engine, TIME);
    for (let n = 0; n < CONNECTIONS; n++) writer.add(clientOf(n, services), SYN, 1, 0);
    rates.push((CONNECTIONS / writer.process()) * 1e9);
    if (engine.field(Layout.OPEN) !== CONNECTIONS) throw new Error("not every SYN opened a connection");
  }
  return rates;
}

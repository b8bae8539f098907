/** First packets of connections: SYNs that each create a connection, choose an endpoint and are translated. */

import * as Layout from "../assembly/layout/engine.ts";
import { clientOf, TIME } from "../src/scale/conversations.ts";
import { PacketWriter, SYN } from "../src/scale/packets.ts";
import type { ScaleMode } from "../src/scale/scale.ts";
import { createEngine, imageOf } from "./established.ts";

const CONNECTIONS = 1 << 16;
/** Where rules are walked one by one, fewer tell as much. */
const CONNECTIONS_WALKED = 1 << 12;
const ROUNDS = 8;

/** Connections opened per second, one figure a round; every round meets an empty table. */
export async function benchmarkFirstPackets(services: number, mode: ScaleMode): Promise<number[]> {
  const image = imageOf(services, mode);
  const connections = mode === "iptables" ? CONNECTIONS_WALKED : CONNECTIONS;
  const rates: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const engine = await createEngine(connections, { image });
    const writer = new PacketWriter(engine, TIME);
    for (let n = 0; n < connections; n++) writer.add(clientOf(n, services), SYN, 1, 0);
    rates.push((connections / writer.process()) * 1e9);
    if (engine.field(Layout.OPEN) !== connections) throw new Error("not every SYN opened a connection");
  }
  return rates;
}

/** First packets of connections: SYNs that each create a connection, choose an endpoint and are translated. */

import * as Layout from "../assembly/layout/engine.ts";
import { clientOf, TIME } from "../src/scale/conversations.ts";
import { PacketWriter, SYN } from "../src/scale/packets.ts";
import type { ScaleMode } from "../src/scale/scale.ts";
import { createEngine, imageOf } from "./established.ts";
import type { Figure } from "./figures.ts";
import { measured, YARDSTICK } from "./yardstick.ts";

const CONNECTIONS = 1 << 16;
/** Where rules are walked one by one, fewer tell as much. */
const CONNECTIONS_WALKED = 1 << 12;
const ROUNDS = 8;

export interface FirstPackets {
  readonly services: number;
  readonly mode: ScaleMode;
}

/** Every round meets an empty table. */
export async function benchmarkFirstPackets({ services, mode }: FirstPackets): Promise<Figure> {
  const image = imageOf(services, mode);
  const connections = mode === "iptables" ? CONNECTIONS_WALKED : CONNECTIONS;
  const { results, yardstick } = await measured(ROUNDS, () => round(image, services, connections));
  return {
    name: `a first packet, ${services} Services, ${mode}`,
    unit: "ns",
    values: results,
    references: { [YARDSTICK]: yardstick },
  };
}

async function round(image: Uint8Array, services: number, connections: number): Promise<number> {
  const engine = await createEngine(connections, { image });
  const writer = new PacketWriter(engine, TIME);
  for (let n = 0; n < connections; n++) writer.add(clientOf(n, services), SYN, 1, 0);
  const nanoseconds = writer.process();
  if (engine.field(Layout.OPEN) !== connections) throw new Error("not every SYN opened a connection");
  return nanoseconds / connections;
}

/** What a connection takes of memory, records, index and all other tables together: counted, not added up. */

import { expect, test } from "vitest";
import * as Layout from "../../assembly/layout/engine.ts";
import { Engine } from "../../src/engine/instance.ts";
import { engineWasm } from "../../src/engine/wasm-node.ts";

const CONNECTIONS = 1 << 18;

test.each([
  ["IPv4", 0, 160],
  ["IPv6", Layout.ENGINE_IP6, 256],
])("a connection of an engine for %s takes a bounded room", async (_, flags, bytesMax) => {
  const fewer = await carved(CONNECTIONS, flags);
  const more = await carved(2 * CONNECTIONS, flags);
  expect((more - fewer) / CONNECTIONS).toBeLessThanOrEqual(bytesMax);
});

/** Bytes that an engine for so many connections has taken, of which nothing else depends on their number. */
async function carved(connectionsMax: number, flags: number): Promise<number> {
  const engine = await Engine.create(engineWasm(), { connectionsMax, flags });
  return engine.memory.buffer.byteLength;
}

/** The engine for replays on several threads: what assembly/index.ts exports, and what one of several needs besides. */

import * as Engine from "../layout/engine";
import { engine } from "../memory/engine";
import { initClasses } from "./classes";
import { initSelection } from "./select";
import { initServers } from "./servers";

export * from "../index";
export { checkEnded, checkOpen, mostOpen } from "./check";
export { obstacles } from "./obstacles";
export { indexOutput, interleave } from "./output";
export { ordinalOf, select } from "./select";
export { addServers } from "./servers";

/**
 * Makes this engine the `index`-th of `count` shards, which are told of `servers` servers. Between init() and the first
 * program. False: what that needs does not fit into memory.
 */
export function share(count: u32, index: u32, servers: u32): bool {
  initClasses(count, index);
  if (!initServers(servers) || !initSelection()) return false;
  store<u32>(engine, load<u32>(engine, Engine.FLAGS) | Engine.ENGINE_SHARD, Engine.FLAGS);
  store<u32>(engine, <u32>memory.size() << 16, Engine.MEMORY_END);
  return true;
}

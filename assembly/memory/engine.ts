/** The engine's visible structure (layout/engine.ts) and the few accessors that everybody needs. */

import * as Engine from "../layout/engine";

/** Address of the structure. Static, so that every field is at a constant address. */
export const engine: usize = memory.data(1408, 64);

export function hasFlag(flag: u32): bool {
  return (load<u32>(engine, Engine.FLAGS) & flag) != 0;
}

/** Packets of established connections may go the short way: it is wanted, and nobody wants to see what they meet. */
export function isShortWayOpen(): bool {
  return (load<u32>(engine, Engine.FLAGS) & (Engine.ENGINE_FAST_PATH | Engine.ENGINE_TRACE)) == Engine.ENGINE_FAST_PATH;
}

/** Milliseconds on the engine's clock: packet time, from the first packet on. */
export function clock(): u32 {
  return load<u32>(engine, Engine.CLOCK);
}

/** Seconds of a timeout, as milliseconds. `which` is TIMEOUT_* of layout/state.ts. */
export function timeoutMilliseconds(which: u32): u32 {
  return load<u32>(engine + (<usize>which << 2), Engine.TIMEOUT) * 1000;
}

/** Adds one to a counter of layout/engine.ts. */
export function count(counter: u32): void {
  const at = engine + counter;
  store<u64>(at, load<u64>(at) + 1);
}

/** Adds to a counter of layout/engine.ts. */
export function countMany(counter: u32, by: u64): void {
  const at = engine + counter;
  store<u64>(at, load<u64>(at) + by);
}

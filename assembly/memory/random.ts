/** The engine's random generator: xoshiro128**-class quality is not needed, reproducibility is. SplitMix64, seeded by the host. */

import * as Engine from "../layout/engine";
import { engine } from "./engine";

let state: u64 = 0;

/** Starts the sequence that belongs to the seed. */
export function seedRandom(): void {
  state = load<u64>(engine, Engine.SEED);
}

/** The next 32 random bits. */
export function random(): u32 {
  state += 0x9e3779b97f4a7c15;
  let z = state;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return <u32>((z ^ (z >> 31)) >> 32);
}

/** A number below `limit`, evenly spread as reciprocal_scale() spreads it. `limit` 0 gives 0. */
export function randomBelow(limit: u32): u32 {
  return <u32>((<u64>random() * limit) >> 32);
}

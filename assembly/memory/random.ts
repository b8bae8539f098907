/**
 * The engine's random generator: xoshiro128**-class quality is not needed, reproducibility is. SplitMix64, seeded by the
 * host and the packet at hand: what a packet draws depends on its place in the captures, not on what others have drawn.
 */

import * as Engine from "../layout/engine";
import { engine } from "./engine";

/** 2^64 divided by the golden ratio: from one draw to the next. */
const STEP: u64 = 0x9e3779b97f4a7c15;
/** From one packet to the next: odd, and so unlike STEP that no packet's sequence meets a near one's. */
const PACKET_STEP: u64 = 0xd1342543de82ef95;

let state: u64 = 0;

/** Starts the sequence that belongs to the seed, for what is drawn before the first packet. */
export function seedRandom(): void {
  state = load<u64>(engine, Engine.SEED);
}

/** Starts the sequence that belongs to a packet, by how many were fed in before it. */
export function seedPacket(fed: u32): void {
  state = load<u64>(engine, Engine.SEED) + (<u64>fed + 1) * PACKET_STEP;
}

/** The next 32 random bits. */
export function random(): u32 {
  state += STEP;
  let z = state;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return <u32>((z ^ (z >> 31)) >> 32);
}

/** A number below `limit`, evenly spread as reciprocal_scale() spreads it. `limit` 0 gives 0. */
export function randomBelow(limit: u32): u32 {
  return <u32>((<u64>random() * limit) >> 32);
}

/** Rates and quotas (nft_limit.c, nft_quota.c). Their state is the rule's own, a named object's, or an element's. */

import * as Engine from "../layout/engine";
import * as Instructions from "../layout/instructions";
import { isTrying } from "../follow/trial";
import { engine } from "../memory/engine";
import { Packet } from "../packet";
import { currentElement } from "./dynamic";

/** The state of a limit: when it was asked last, nanoseconds since 1970, and nanoseconds that are saved up. */
const LAST: usize = 0;
const TOKENS: usize = 8;

/**
 * A bucket of time: a packet costs the time in which one may pass, and takes it if there is enough. What is over the
 * limit takes nothing. Time that seems to go back saves nothing up.
 */
export function limit(packet: Packet, at: usize): bool {
  const state = stateOf(at);
  const form = formOf(at);
  const options: u32 = load<u8>(at, Instructions.OPTIONS);
  const full = load<u64>(form, Instructions.LIMIT_FULL);
  const last = load<u64>(state, LAST);
  const tokens = packet.time < last ? load<u64>(state, TOKENS) : saved(load<u64>(state, TOKENS), packet.time - last, full);
  const units: u64 = (options & Instructions.LIMIT_BYTES) != 0 ? packet.bytes : 1;
  const cost = (load<u64>(form, Instructions.LIMIT_PERIOD) * units) / load<u64>(form, Instructions.LIMIT_RATE);
  const isWithin = tokens >= cost;
  if (!isTrying()) {
    store<u64>(state, max<u64>(packet.time, last), LAST);
    store<u64>(state, isWithin ? tokens - cost : tokens, TOKENS);
  }
  return isWithin != ((options & Instructions.STATE_OVER) != 0);
}

/** Whether the bytes that have passed, this packet's included, are within the quota. */
export function quota(packet: Packet, at: usize): bool {
  const used = stateOf(at);
  const total = load<u64>(used) + packet.bytes;
  if (!isTrying()) store<u64>(used, total);
  const isOver = total > load<u64>(formOf(at));
  return isOver == ((<u32>load<u8>(at, Instructions.OPTIONS) & Instructions.STATE_OVER) != 0);
}

/** Address of what the statement keeps: in the program, or in the element that was found last. */
export function stateOf(at: usize): usize {
  const offset: usize = load<u32>(at, Instructions.X);
  const isOfElement = (<u32>load<u8>(at, Instructions.OPTIONS) & Instructions.STATE_OF_ELEMENT) != 0;
  return offset + (isOfElement ? currentElement() : <usize>load<u32>(engine, Engine.PROGRAM));
}

/** Address of what does not change: the rate, the quota. */
function formOf(at: usize): usize {
  return load<u32>(engine, Engine.PROGRAM) + load<u32>(at, Instructions.Y);
}

function saved(tokens: u64, elapsed: u64, full: u64): u64 {
  return elapsed >= full ? full : min<u64>(tokens + elapsed, full);
}

/**
 * The table's time: milliseconds since the first packet, in 32 bits, compared as signed differences. That is right only
 * while no deadline is more than 2^31 ms (24.8 days) away, so timeouts are limited to that and old deadlines are renewed
 * before they could seem to lie in the future; a jump of the clock by any length ends exactly those whose time it passed.
 */

import * as Connection from "../layout/connection";
import * as Engine from "../layout/engine";
import * as State from "../layout/state";
import { clock, engine } from "../memory/engine";
import { recordAt, recordCount } from "./records";

const NANOSECONDS_PER_MILLISECOND: u64 = 1_000_000;
/** Deadlines are renewed at least this often, in milliseconds of packet time. */
const RENEWAL: u64 = 1 << 30;

/** Milliseconds since EPOCH that do not wrap, and when deadlines were last renewed. */
let now: u64 = 0;
let renewed: u64 = 0;
/** The packet time, in nanoseconds, at which the next millisecond begins: before it there is nothing to do. */
const nextTick: usize = memory.data(8, 8);

/** Starts at zero and limits the configured timeouts. */
export function initClock(): void {
  now = 0;
  renewed = 0;
  store<u64>(nextTick, 0);
  store<u32>(engine, 0, Engine.CLOCK);
  for (let which: usize = 0; which < State.TIMEOUTS; which++) {
    const at = engine + (which << 2);
    const seconds = min(load<u32>(at, Engine.TIMEOUT), State.TIMEOUT_SECONDS_MAX);
    store<u32>(at, seconds, Engine.TIMEOUT);
  }
}

/** Advances the clock to a packet's time, nanoseconds since 1970; the first packet's is the epoch. It never goes back. */
export function advanceClock(time: u64): void {
  if (!isTick(time)) return;
  let epoch = load<u64>(engine, Engine.EPOCH);
  if (epoch == 0) {
    epoch = time;
    store<u64>(engine, epoch, Engine.EPOCH);
  }
  const next = (time - epoch) / NANOSECONDS_PER_MILLISECOND;
  store<u64>(nextTick, epoch + (next + 1) * NANOSECONDS_PER_MILLISECOND);
  if (next <= now) return;
  if (next - renewed >= RENEWAL) renewDeadlines(next);
  now = next;
  store<u32>(engine, <u32>next, Engine.CLOCK);
}

/** A new millisecond has begun, or nothing is known of the time yet. */
export function isTick(time: u64): bool {
  return time >= load<u64>(nextTick);
}

/** Moves the deadlines that lie before `next` to `next`. */
function renewDeadlines(next: u64): void {
  const passed = <i64>(next - now);
  const old = clock();
  const records = recordCount();
  for (let index: u32 = 0; index < records; index++) {
    const connection = recordAt(index);
    if ((load<u16>(connection, Connection.STATUS) & Connection.STATUS_CONFIRMED) == 0) continue;
    const left = <i64><i32>(load<u32>(connection, Connection.EXPIRES_AT) - old);
    if (left <= passed) store<u32>(connection, <u32>next, Connection.EXPIRES_AT);
  }
  renewed = next;
}

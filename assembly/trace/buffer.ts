/** Where records of traced packets are put, one after the other; what finds no room is counted and lost. */

import * as Engine from "../layout/engine";
import * as Trace from "../layout/trace";
import { carve } from "../memory/arena";
import { count, engine, hasFlag } from "../memory/engine";
import { Packet, depthOf } from "../packet";

/** Carves the buffer, if the host wants one. False: there is no memory. */
export function initTrace(): bool {
  const bytes = load<u32>(engine, Engine.TRACE_BYTES);
  const address = bytes == 0 ? 0 : carve(bytes, true);
  store<u32>(engine, <u32>address, Engine.TRACE);
  return bytes == 0 || address != 0;
}

/** Whether what packets meet is to be recorded. */
export function isTracing(): bool {
  return hasFlag(Engine.ENGINE_TRACE);
}

/** A record of `bytes` bytes whose header is filled in; 0: there is no room. `at`: an address in the program, or 0. */
export function record(packet: Packet, kind: u32, bytes: u32, outcome: u32, at: usize, value: u32): usize {
  const used = load<u32>(engine, Engine.TRACE_USED);
  if (<u64>used + bytes > <u64>load<u32>(engine, Engine.TRACE_BYTES)) {
    count(Engine.TRACE_LOST);
    return 0;
  }
  store<u32>(engine, used + bytes, Engine.TRACE_USED);
  const place: usize = load<u32>(engine, Engine.TRACE) + used;
  store<u8>(place, <u8>kind, Trace.KIND);
  store<u8>(place, <u8>depthOf(packet), Trace.DEPTH);
  store<u8>(place, <u8>packet.hook, Trace.HOOK);
  store<u8>(place, <u8>outcome, Trace.OUTCOME);
  store<u32>(place, bytes, Trace.BYTES);
  store<u32>(place, at == 0 ? 0 : <u32>(at - load<u32>(engine, Engine.PROGRAM)), Trace.AT);
  store<u32>(place, value, Trace.VALUE);
  return place;
}

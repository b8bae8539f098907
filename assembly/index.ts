/** Everything that the host can call. Addresses and lengths are bytes of `memory`; layout/ says what stands where. */

import * as Capture from "./layout/capture";
import * as Descriptor from "./layout/descriptor";
import * as Engine from "./layout/engine";
import { initAnswers } from "./answer/header";
import { advanceClock } from "./conntrack/clock";
import { initTable, sweep as sweepTable } from "./conntrack/table";
import { initFollow } from "./follow/ring";
import { initFragments } from "./fragment/collect";
import { carve } from "./memory/arena";
import { engine as structure } from "./memory/engine";
import { seedRandom } from "./memory/random";
import { initSources } from "./nat/sources";
import { initSets } from "./rules/dynamic";
import { initConnectionNotes } from "./rules/connections";
import { initRecent } from "./rules/recent-entries";
import { initTrace } from "./trace/buffer";

export { process } from "./batch";
export { walk } from "./capture/walk";
export { deleteConnection, endAll } from "./conntrack/table";
export { indexOutbound } from "./follow/outbound";
export { restoreConnection } from "./pipeline/restore";
export { activateProgram as activate, stageProgram as stage } from "./rules/program";

/** What init() returns: which region did not fit into memory. */
const INIT_DONE: u32 = 0;
const INIT_BUFFERS: u32 = 1;
const INIT_CONNECTIONS: u32 = 2;
const INIT_FRAGMENTS: u32 = 3;
const INIT_SETS: u32 = 4;
const INIT_ANSWERS: u32 = 5;
const INIT_FOLLOW: u32 = 6;
const INIT_TRACE: u32 = 7;

/** Address of the engine's structure (layout/engine.ts). */
export function engine(): usize {
  return structure;
}

/** Carves all memory as the structure asks for. 0, or the number of the region that did not fit. To be called once. */
export function init(): u32 {
  seedRandom();
  if (!initBuffers()) return INIT_BUFFERS;
  if (!initTable() || !initSources()) return INIT_CONNECTIONS;
  if (!initFragments()) return INIT_FRAGMENTS;
  if (!initSets() || !initRecent() || !initConnectionNotes()) return INIT_SETS;
  if (!initAnswers()) return INIT_ANSWERS;
  if (!initFollow()) return INIT_FOLLOW;
  if (!initTrace()) return INIT_TRACE;
  store<u32>(structure, <u32>memory.size() << 16, Engine.MEMORY_END);
  return INIT_DONE;
}

/** Advances the clock to `time`, nanoseconds since 1970, and ends the connections whose time is over by then. */
export function sweep(time: u64): void {
  advanceClock(time);
  sweepTable(load<u32>(structure, Engine.CONNECTIONS_MAX));
}

/** The regions that the host and the engine share, each at the address that the structure tells. */
function initBuffers(): bool {
  return (
    initBuffer(Engine.CHUNK, load<u32>(structure, Engine.CHUNK_BYTES)) &&
    initBuffer(Engine.DESCRIPTORS, load<u32>(structure, Engine.DESCRIPTORS_MAX) << Descriptor.SIZE_LOG2) &&
    initBuffer(Engine.OUTPUT, load<u32>(structure, Engine.OUTPUT_BYTES)) &&
    initBuffer(Engine.CAPTURE_INTERFACES, Capture.INTERFACES_MAX * Capture.INTERFACE_SIZE)
  );
}

function initBuffer(field: u32, bytes: u32): bool {
  const address = carve(bytes, true);
  store<u32>(structure + field, <u32>address);
  return address != 0;
}

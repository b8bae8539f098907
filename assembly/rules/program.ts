/** The program in memory: a double buffer that the host writes, and the swap between two packets. */

import * as Engine from "../layout/engine";
import * as Program from "../layout/program";
import { carve } from "../memory/arena";
import { engine } from "../memory/engine";
import { adoptSets } from "./dynamic";
import { adoptRecent } from "./recent";

/** The two halves: address and capacity. */
const HALF_CAPACITY: usize = 4;
const HALF_SIZE: usize = 8;
const halves: usize = memory.data(HALF_SIZE * 2, 8);

let spare: usize = halves;
let stagedBytes: u32 = 0;

/**
 * Where the host may put an image of `bytes` bytes; the active program stays as it is meanwhile. 0: no memory. A half
 * that has become too small is left behind for one of at least twice its size, so what is lost stays below what is used.
 */
export function stageProgram(bytes: u32): usize {
  const half = spare;
  const capacity = load<u32>(half, HALF_CAPACITY);
  if (bytes > capacity) {
    const wanted = max<u64>(bytes, <u64>capacity * 2);
    const address = carve(wanted, true);
    if (address == 0) return 0;
    store<u32>(half, <u32>address);
    store<u32>(half, <u32>min<u64>(wanted, u32.MAX_VALUE), HALF_CAPACITY);
  }
  stagedBytes = bytes;
  return load<u32>(half);
}

/**
 * Makes the staged image the active program. Connections live on, and so do the elements of dynamic sets and lists that
 * it has, too. 0: what was staged is no image, and the old program stays.
 */
export function activateProgram(): u32 {
  const program: usize = load<u32>(spare);
  if (!isImage(program, stagedBytes)) return 0;
  stagedBytes = 0;
  const before = activeProgram();
  adoptRecent(before, program);
  store<u32>(engine, <u32>program, Engine.PROGRAM);
  store<u32>(engine, load<u32>(engine, Engine.GENERATION) + 1, Engine.GENERATION);
  spare = spare == halves ? halves + HALF_SIZE : halves;
  adoptSets(before, program);
  return 1;
}

/** Address of the active program; 0 before the first. */
export function activeProgram(): usize {
  return load<u32>(engine, Engine.PROGRAM);
}

/** Whether the bytes are an image, whole, whose tables begin inside it. What they say is the compiler's business. */
function isImage(program: usize, bytes: u32): bool {
  if (bytes < Program.HEADER_BYTES) return false;
  if (load<u32>(program, Program.MAGIC) != Program.MAGIC_VALUE) return false;
  if (load<u32>(program, Program.BYTES) != bytes) return false;
  for (let field = Program.HOOKS; field < Program.INTERFACE_COUNT; field += 4) {
    if (load<u32>(program + field) >= bytes) return false;
  }
  return isTable(program, Program.INTERFACES, Program.INTERFACE_COUNT, Program.INTERFACE_SIZE)
    && isTable(program, Program.ADJACENCIES, Program.ADJACENCY_COUNT, Program.ADJACENCY_SIZE)
    && isTable(program, Program.DYNAMIC_SETS, Program.DYNAMIC_SET_COUNT, 4)
    && isTable(program, Program.RECENT_LISTS, Program.RECENT_LIST_COUNT, Program.LIST_SIZE)
    && isTable(program, Program.NEIGHBOURS4, 0, Program.SET_SIZE)
    && isTable(program, Program.NEIGHBOURS6, 0, Program.SET_SIZE)
    && isTable(program, Program.SOCKETS, 0, Program.SET_SIZE);
}

/** Whether the table that the header names lies in the image. `countField` 0: it has one entry. */
function isTable(program: usize, field: u32, countField: u32, entryBytes: u32): bool {
  const entries: u64 = countField == 0 ? 1 : load<u32>(program + countField);
  return <u64>load<u32>(program + field) + entries * entryBytes <= load<u32>(program, Program.BYTES);
}

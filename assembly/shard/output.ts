/** What shards write, put together again in the order of the captures. */

import * as Descriptor from "../layout/descriptor";
import * as Engine from "../layout/engine";
import * as Shard from "../layout/shard";
import { engine } from "../memory/engine";
import { copyBytes } from "../memory/words";
import { ordinalOf } from "./select";

/** Writes an entry for each of the descriptors whose packet caused output. Returns the address behind the last entry. */
export function indexOutput(first: u32, count: u32, to: usize): usize {
  const begin: usize = load<u32>(engine, Engine.DESCRIPTORS) + (<usize>first << Descriptor.SIZE_LOG2);
  const end = begin + (<usize>count << Descriptor.SIZE_LOG2);
  for (let descriptor = begin; descriptor < end; descriptor += Descriptor.SIZE) {
    const outputEnd = load<u32>(descriptor, Descriptor.OUTPUT_END);
    if (outputEnd == load<u32>(descriptor, Descriptor.OUTPUT_BEGIN)) continue;
    store<u32>(to, ordinalOf(first + <u32>((descriptor - begin) >> Descriptor.SIZE_LOG2)), Shard.OUTPUT_ORDINAL);
    store<u32>(to, outputEnd, Shard.OUTPUT_END);
    to += Shard.OUTPUT_ENTRY_SIZE;
  }
  return to;
}

/**
 * Copies the output of `count` parts, of packets before the ordinal `limit`, in the order of their ordinals, and moves
 * the parts on. Returns the address behind the last byte. The parts lie one after the other; nothing else is touched.
 */
export function interleave(parts: usize, count: u32, limit: u32, to: usize): usize {
  const end = parts + <usize>count * Shard.PART_SIZE;
  while (true) {
    let next: usize = 0;
    let least = limit;
    for (let part = parts; part < end; part += Shard.PART_SIZE) {
      const entry: usize = load<u32>(part, Shard.PART_ENTRY);
      if (entry == load<u32>(part, Shard.PART_ENTRIES_END)) continue;
      const ordinal = load<u32>(entry, Shard.OUTPUT_ORDINAL);
      if (ordinal >= least) continue;
      least = ordinal;
      next = part;
    }
    if (next == 0) return to;
    to = copyEntry(next, to);
  }
}

/** Every record has a header of sixteen bytes at least. */
function copyEntry(part: usize, to: usize): usize {
  const entry: usize = load<u32>(part, Shard.PART_ENTRY);
  const records: usize = load<u32>(part, Shard.PART_RECORDS);
  const end: usize = load<u32>(part, Shard.PART_BASE) + load<u32>(entry, Shard.OUTPUT_END);
  copyBytes(to, records, end - records);
  store<u32>(part, <u32>end, Shard.PART_RECORDS);
  store<u32>(part, <u32>entry + Shard.OUTPUT_ENTRY_SIZE, Shard.PART_ENTRY);
  return to + end - records;
}

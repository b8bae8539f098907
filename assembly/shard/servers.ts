/**
 * Where servers listen: a hash table of addresses and ports with linear probing. Few ends that are no server's have a
 * port that is one's, so ports are asked first.
 */

import * as Shard from "../layout/shard";
import { carve } from "../memory/arena";

/** A slot: u32 address, u16 port, u8 protocol, u8 rank; 0: free. */
const SLOT_SIZE_LOG2: u32 = 3;
const PROTOCOL_SHIFT: u32 = 16;
const RANK_SHIFT: u64 = 56;
const END_MASK: u64 = (1 << RANK_SHIFT) - 1;
/** There are twice as many slots as servers at least, and so many. */
const SLOTS_LOG2_MIN: u32 = 10;
const SPREAD: u64 = 0x9fb21c651e98df25;

/** A bit for every port. */
const ports: usize = memory.data(8192, 64);
let slots: usize = 0;
let slotsLog2: u32 = 0;

/** Carves a table for so many servers. False: it does not fit into memory. */
export function initServers(count: u32): bool {
  slotsLog2 = SLOTS_LOG2_MIN;
  while (<u64>1 << slotsLog2 < <u64>count << 1) slotsLog2++;
  slots = carve((<u64>1 << slotsLog2) << SLOT_SIZE_LOG2, true);
  return slots != 0;
}

/** Adds servers, as layout/shard.ts describes them. The first that listens somewhere counts. */
export function addServers(at: usize, count: u32): void {
  for (let left = count; left != 0; left--, at += Shard.SERVER_SIZE) {
    const isIp4 = load<u8>(at, Shard.SERVER_FAMILY) == 4;
    const address = isIp4 ? load<u32>(at) : foldAddress(load<u64>(at), load<u64>(at, 8));
    const port: u32 = load<u16>(at, Shard.SERVER_PORT);
    const end = endOf(address, port, load<u8>(at, Shard.SERVER_PROTOCOL));
    const bit = ports + (port >> 3);
    store<u8>(bit, load<u8>(bit) | (<u8>1 << <u8>(port & 7)));
    const slot = slotOf(end);
    if (load<u64>(slot) == 0) store<u64>(slot, end | (<u64>load<u8>(at, Shard.SERVER_RANK) << RANK_SHIFT));
  }
}

/** 1: somebody listens at this port of some address. */
export function isServerPort(port: u32): u32 {
  return ((<u32>load<u8>(ports + (port >> 3))) >> (port & 7)) & 1;
}

/** RANK_* of who is there. The address is folded, the port in network order. */
export function rankOf(address: u32, port: u32, protocol: u32): u32 {
  return <u32>(load<u64>(slotOf(endOf(address, port, protocol))) >> RANK_SHIFT);
}

/** Sixteen bytes as four; an IPv4 address stays what it is. Few IPv6 addresses share one. */
export function foldAddress(low: u64, high: u64): u32 {
  return <u32>(low ^ (low >> 32) ^ ((high ^ (high >> 32)) * SPREAD));
}

function endOf(address: u32, port: u32, protocol: u32): u64 {
  return <u64>address | (<u64>(port | (protocol << PROTOCOL_SHIFT)) << 32);
}

/** Where an end stands, or the free slot where it would. */
function slotOf(end: u64): usize {
  const spread = (end ^ (end >> 29)) * SPREAD;
  const mask = (<usize>1 << slotsLog2) - 1;
  let index = <usize>(spread >> (64 - slotsLog2));
  while (true) {
    const slot = slots + (index << SLOT_SIZE_LOG2);
    const held = load<u64>(slot);
    if (held == 0 || (held & END_MASK) == end) return slot;
    index = (index + 1) & mask;
  }
}

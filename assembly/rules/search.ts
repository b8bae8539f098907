/** Bytes that are looked for in the whole packet (xt_string, skb_find_text()). */

import * as Engine from "../layout/engine";
import * as Instructions from "../layout/instructions";
import { engine } from "../memory/engine";
import { Packet } from "../packet";

/** Whether the packet, from its IP header on, has the instruction's bytes where it looks for them. */
export function search(packet: Packet, at: usize): bool {
  const pattern: usize = load<u32>(engine, Engine.PROGRAM) + load<u32>(at, Instructions.Y);
  const length: u32 = load<u8>(at, Instructions.LENGTH);
  const from: u32 = load<u16>(at, Instructions.X);
  const to = min<u32>(load<u16>(at, Instructions.X + 2), packet.bytes);
  const options: u32 = load<u8>(at, Instructions.OPTIONS);
  const ignoresCase = (options & Instructions.SEARCH_IGNORE_CASE) != 0;
  const isFound = to >= from + length && find(packet.address + from, packet.address + to - length, pattern, length, ignoresCase);
  return isFound != ((options & Instructions.SEARCH_INVERT) != 0);
}

/** Looks at every place from the first to the last. */
function find(first: usize, last: usize, pattern: usize, length: u32, ignoresCase: bool): bool {
  for (let place = first; place <= last; place++) {
    if (ignoresCase ? isAlike(place, pattern, length) : memory.compare(place, pattern, length) == 0) return true;
  }
  return false;
}

function isAlike(place: usize, pattern: usize, length: u32): bool {
  for (let i: usize = 0; i < length; i++) if (upper(load<u8>(place + i)) != upper(load<u8>(pattern + i))) return false;
  return true;
}

/** toupper() of the kernel, whose letters are those of Latin-1: sharp s and the division sign's neighbours among them (lib/ctype.c). */
function upper(byte: u32): u32 {
  const isLower = (byte >= 0x61 && byte <= 0x7a) || (byte >= 0xdf && byte != 0xf7);
  return isLower ? byte - 0x20 : byte;
}

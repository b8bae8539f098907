/** How a reassembled datagram was cut: what emitFragments() follows. There is one at a time, the packet's at hand. */

import { carve } from "../memory/arena";

/** A datagram of 65535 bytes in pieces of eight. */
const PIECES_MAX: u32 = 8192;

@final @unmanaged
export class Geometry {
  count: u32;
  /** The longest fragment had DF: the pieces of a packet that has to be cut anew get it, too (IPSKB_FRAG_PMTU). */
  dontFragment: bool;
  /** Shortest headers of the pieces behind the first one, an IPv6 fragment header included; 0: there are none. */
  headerBytesMin: u32;
  /** IPv6: offset of the next-header field that named the fragment header. */
  nameField: u32;
}

let geometry: usize = 0;

export function initGeometry(): bool {
  geometry = carve(offsetof<Geometry>() + (PIECES_MAX << 2));
  return geometry != 0;
}

/** The geometry, with no piece yet. */
export function clearedGeometry(): Geometry {
  const cleared = changetype<Geometry>(geometry);
  cleared.count = 0;
  return cleared;
}

/** Adds a piece: `end` is the offset in the reassembled packet where it ends. */
export function addPiece(geometry: Geometry, end: u32): void {
  assert(geometry.count < PIECES_MAX, "more pieces than a datagram has room for");
  store<u32>(addressOf(geometry, geometry.count), end);
  geometry.count++;
}

/** Pieces become one up to `end`, if it is behind the first one's end: the kernel has made so much contiguous. */
export function joinPieces(geometry: Geometry, end: u32): void {
  let joined: u32 = 0;
  while (joined < geometry.count && pieceEnd(geometry, joined) <= end) joined++;
  if (joined == 0) return;
  store<u32>(addressOf(geometry, joined - 1), end);
  const rest = geometry.count - joined + 1;
  memory.copy(addressOf(geometry, 0), addressOf(geometry, joined - 1), <usize>rest << 2);
  geometry.count = rest;
}

export function pieceEnd(geometry: Geometry, index: u32): u32 {
  assert(index < geometry.count, "no such piece");
  return load<u32>(addressOf(geometry, index));
}

function addressOf(geometry: Geometry, index: u32): usize {
  return changetype<usize>(geometry) + offsetof<Geometry>() + (<usize>index << 2);
}

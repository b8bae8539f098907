/** A packet in pieces: in order or not, missing, twice, overlapping, with lengths that are no multiple of eight. */

import { evenPieces, fragments, type Piece } from "../../../support/fragments.ts";
import type { Random } from "../../../support/random.ts";

const IP4_HEADER_BYTES = 20;
const IP6_HEADER_BYTES = 40;

/** Fragments of a packet; itself when it is no whole packet without options or extension headers. */
export function inFragments(packet: Uint8Array, random: Random, id: number): Uint8Array[] {
  const headerBytes = packet[0] === 0x45 ? IP4_HEADER_BYTES : packet[0]! >> 4 === 6 ? IP6_HEADER_BYTES : 0;
  const bytes = packet.length - headerBytes;
  if (headerBytes === 0 || bytes < 8) return [packet];
  const size = 8 * (1 + random.below(Math.ceil(bytes / 8)));
  let pieces: Piece[] = evenPieces(bytes, Math.max(size, 8 * Math.ceil(bytes / 8 / 24)));
  if (random.once(4)) pieces = random.pick(MISHAPS)(pieces, random);
  if (random.once(3)) pieces = shuffled(pieces, random);
  return fragments(packet, pieces, id);
}

const MISHAPS: readonly ((pieces: Piece[], random: Random) => Piece[])[] = [
  /** One is missing. */
  (pieces, random) => pieces.toSpliced(random.below(pieces.length), 1),
  /** One comes twice. */
  (pieces, random) => [...pieces, random.pick(pieces)],
  /** One overlaps others. */
  (pieces, random) => {
    const { offset, bytes } = random.pick(pieces);
    return [...pieces, { offset: Math.max(0, offset + 8 * (random.below(5) - 2)), bytes: bytes + 8 * random.below(3) }];
  },
  /** One has an odd length. */
  (pieces, random) => {
    const index = random.below(pieces.length);
    return pieces.with(index, { ...pieces[index]!, bytes: Math.max(1, pieces[index]!.bytes - 1 - random.below(7)) });
  },
  /** One is empty. */
  (pieces, random) => [...pieces, { offset: random.pick(pieces).offset, bytes: 0 }],
];

export function shuffled<T>(items: readonly T[], random: Random): T[] {
  const rest = [...items];
  return items.map(() => rest.splice(random.below(rest.length), 1)[0]!);
}

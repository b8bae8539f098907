/**
 * Room in an image: blocks that are given back are handed out again. Sizes go in steps, so that what grows a little may
 * stay where it is, and a block that was given back soon fits again.
 */

/** Offsets are multiples of it. */
const GRAIN_LOG2 = 4;
/** So many steps from a power of two to the next: at most an eighth of a block is no use. */
const STEPS_LOG2 = 3;

export class Blocks {
  /** Where the blocks end. */
  end: number;
  /** Bytes of blocks that were given back. */
  freeBytes = 0;
  readonly #free = new Map<number, number[]>();

  constructor(start: number) {
    this.end = roomFor(start);
  }

  /** Offset of a block of roomFor() so many bytes. */
  take(bytes: number): number {
    const room = roomFor(bytes);
    const known = this.#free.get(room)?.pop();
    if (known !== undefined) {
      this.freeBytes -= room;
      return known;
    }
    this.end += room;
    return this.end - room;
  }

  /** `room`: what roomFor() said of it. */
  giveBack(offset: number, room: number): void {
    this.freeBytes += room;
    const offsets = this.#free.get(room);
    if (offsets === undefined) this.#free.set(room, [offset]);
    else offsets.push(offset);
  }
}

/** Bytes of the block that so many bytes get. */
export function roomFor(bytes: number): number {
  const stepLog2 = Math.max(GRAIN_LOG2, 31 - Math.clz32(Math.max(bytes - 1, 1)) - STEPS_LOG2);
  const step = 2 ** stepLog2;
  return Math.ceil(bytes / step) * step;
}

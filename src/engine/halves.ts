/**
 * The two halves of an engine's memory for programs: which images they hold. Where a half holds an earlier state of an
 * image, only what has changed since is copied.
 */

import type { ImageVersion } from "../program/image-versions.ts";
import type { Engine } from "./instance.ts";

/** Ranges that are so near to each other are copied as one. */
const GAP_BYTES_MAX = 1 << 10;

/** The engine got less memory than its configuration asks for. */
export class EngineMemoryError extends Error {
  override readonly name = "EngineMemoryError";
}

export class ProgramHalves {
  /** By addresses. */
  readonly #held = new Map<number, ImageVersion>();

  /** Puts the image into the half that does not run. */
  stage(engine: Engine, image: Uint8Array, version: ImageVersion | undefined): void {
    const address = engine.exports.stage(image.byteLength) >>> 0;
    if (address === 0) throw new EngineMemoryError(`no room for a program of ${image.byteLength} bytes`);
    const held = this.#held.get(address);
    this.#held.delete(address);
    const bytes = engine.bytes(address, image.byteLength);
    const isLater = version !== undefined && version.history === held?.history;
    const changed = isLater ? version.changedSince(held.number) : undefined;
    if (changed === undefined) bytes.set(image);
    else for (const [begin, end] of joined(changed)) bytes.set(image.subarray(begin, end), begin);
    if (version !== undefined) this.#held.set(address, version);
  }
}

/** Ranges, given as begin, end, begin, end …, in order and without those that touch each other. */
function joined(ranges: readonly number[]): [begin: number, end: number][] {
  const sorted = Array.from({ length: ranges.length / 2 }, (_, i) => [ranges[i * 2]!, ranges[i * 2 + 1]!] as const);
  sorted.sort(([a], [b]) => a - b);
  const result: [begin: number, end: number][] = [];
  for (const [begin, end] of sorted) {
    const last = result.at(-1);
    if (last !== undefined && begin <= last[1] + GAP_BYTES_MAX) last[1] = Math.max(last[1], end);
    else result.push([begin, end]);
  }
  return result;
}

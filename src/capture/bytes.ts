/** A capture that is already in memory: a file that a browser's user has dropped, or a test's. */

import type { CaptureSource } from "./types.ts";

export function bytesSource(name: string, bytes: Uint8Array): CaptureSource {
  let at = 0;
  return {
    name,
    read(into) {
      const part = bytes.subarray(at, at + into.length);
      into.set(part);
      at += part.length;
      return part.length;
    },
    close() {},
  };
}

/** A Node stream as a source that is asked for bytes. What arrived before an error is given out before it. */

import type { Readable } from "node:stream";
import { CaptureReadError, type CaptureSource } from "./types.ts";

/** More than this waits in the stream, not here. */
const QUEUED_BYTES_MAX = 4 << 20;

export function streamSource(name: string, stream: Readable): CaptureSource {
  const queue: Uint8Array[] = [];
  let queuedBytes = 0;
  let failure: CaptureReadError | undefined;
  let isOver = false;
  let wake = () => {};
  stream.on("data", (piece: Uint8Array) => {
    queue.push(piece);
    queuedBytes += piece.length;
    if (queuedBytes >= QUEUED_BYTES_MAX) stream.pause();
    wake();
  });
  stream.on("end", () => {
    isOver = true;
    wake();
  });
  stream.on("error", (error: Error) => {
    failure = new CaptureReadError(error.message);
    wake();
  });
  return {
    name,
    async read(into) {
      while (queue.length === 0 && !isOver && failure === undefined) {
        stream.resume();
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      if (queue.length === 0 && failure !== undefined) throw failure;
      const bytes = take(queue, into);
      queuedBytes -= bytes;
      return bytes;
    },
    close() {
      stream.destroy();
    },
  };
}

/** Moves queued bytes, as many as there are and fit. */
function take(queue: Uint8Array[], into: Uint8Array): number {
  let at = 0;
  while (queue.length > 0 && at < into.length) {
    const piece = queue[0]!;
    const part = piece.subarray(0, into.length - at);
    into.set(part, at);
    at += part.length;
    if (part.length === piece.length) queue.shift();
    else queue[0] = piece.subarray(part.length);
  }
  return at;
}

/** Files and standard output as places to write to, a chunk at a time. */

import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import { error, ProblemError } from "./messages.ts";
import { reasonOf } from "./options.ts";

export interface Sink {
  /** Settles once the bytes may be overwritten. */
  readonly write: (data: Uint8Array | string) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** "-" is standard output, which stays open. */
export async function openSink(path: string): Promise<Sink> {
  const isStdout = path === "-";
  const stream = isStdout ? process.stdout : createWriteStream(path);
  if (!isStdout) await opened(stream as ReturnType<typeof createWriteStream>, path);
  return {
    write: (data) =>
      new Promise((resolve, reject) => {
        stream.write(data, (cause) => (cause ? reject(cause) : resolve()));
      }),
    close: async () => {
      if (isStdout) return;
      stream.end();
      await finished(stream);
    },
  };
}

function opened(stream: ReturnType<typeof createWriteStream>, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.once("open", () => resolve());
    stream.once("error", (cause) => reject(new ProblemError([error(`${path}: ${reasonOf(cause)}`)])));
  });
}

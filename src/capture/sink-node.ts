/** Where captures are written: a file, or standard output. */

import { closeSync, openSync, write } from "node:fs";
import type { Writable } from "node:stream";
import { promisify } from "node:util";
import { STANDARD_INPUT } from "./file-node.ts";
import type { CaptureSink } from "./types.ts";

/** "-" is standard output. Throws what the file system says when the file cannot be made. */
export function openSink(path: string): CaptureSink {
  return path === STANDARD_INPUT ? streamSink(process.stdout) : fileSink(path);
}

const writeFile = promisify(write);

/** Writes on another thread, so that whoever waits for one write can work on what comes next. */
function fileSink(path: string): CaptureSink {
  const descriptor = openSync(path, "w");
  return {
    async write(bytes) {
      for (let at = 0; at < bytes.length; ) at += (await writeFile(descriptor, bytes, at)).bytesWritten;
    },
    async close() {
      closeSync(descriptor);
    },
  };
}

/** A stream keeps what it is given until it is written, so the promise waits for that. */
function streamSink(stream: Writable): CaptureSink {
  return {
    write: (bytes) =>
      new Promise((resolve, reject) => {
        stream.write(bytes, (error) => (error ? reject(error) : resolve()));
      }),
    async close() {},
  };
}

/** The files that commands write. What the file system says against it ends the command, by the file's name. */

import { closeSync, openSync, writeFileSync, writeSync } from "node:fs";
import { openSink } from "../capture/sink-node.ts";
import type { CaptureSink } from "../capture/types.ts";
import { error, ProblemError } from "./messages.ts";
import { reasonOf } from "./options.ts";

/** Written line by line, in pieces of some size. */
export interface TextFile {
  readonly write: (text: string) => void;
  readonly close: () => void;
}

/** Characters that wait for the next write. */
const WAITING_MAX = 1 << 16;

export function openTextFile(path: string): TextFile {
  const descriptor = named(path, () => openSync(path, "w"));
  let waiting = "";
  const flush = () => {
    // One call may write less than all: on a disk that is full, the next one says so.
    for (let rest = Buffer.from(waiting); rest.length > 0; ) {
      rest = rest.subarray(named(path, () => writeSync(descriptor, rest)));
    }
    waiting = "";
  };
  return {
    write(text) {
      waiting += text;
      if (waiting.length >= WAITING_MAX) flush();
    },
    close() {
      flush();
      closeSync(descriptor);
    },
  };
}

export function writeTextFile(path: string, text: string): void {
  named(path, () => writeFileSync(path, text));
}

/** "-" is standard output. */
export function openCaptureFile(path: string): CaptureSink {
  const sink = named(path, () => openSink(path));
  return {
    write: (bytes) =>
      sink.write(bytes).catch((cause: unknown) => {
        throw problem(path, cause);
      }),
    close: () => sink.close(),
  };
}

function named<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (cause) {
    throw problem(path, cause);
  }
}

function problem(path: string, cause: unknown): ProblemError {
  return new ProblemError([error(`${path}: ${reasonOf(cause)}`)]);
}

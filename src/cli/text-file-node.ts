/** A text file that is written line by line, in pieces of some size. */

import { closeSync, openSync, writeSync } from "node:fs";
import { error, ProblemError } from "./messages.ts";
import { reasonOf } from "./options.ts";

export interface TextFile {
  readonly write: (text: string) => void;
  readonly close: () => void;
}

/** Characters that wait for the next write. */
const WAITING_MAX = 1 << 16;

export function textFile(path: string): TextFile {
  const descriptor = open(path);
  let waiting = "";
  const flush = () => {
    writeSync(descriptor, waiting);
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

function open(path: string): number {
  try {
    return openSync(path, "w");
  } catch (cause) {
    throw new ProblemError([error(`${path}: ${reasonOf(cause)}`)]);
  }
}

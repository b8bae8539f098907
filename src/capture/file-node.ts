/** Captures from files and standard input, packed with gzip or not. */

import { closeSync, openSync, read, readSync } from "node:fs";
import { promisify } from "node:util";
import { createGunzip, type Gunzip } from "node:zlib";
import type { Problem } from "../manifest/types.ts";
import { streamSource } from "./stream-node.ts";
import { CaptureReadError, type CaptureSource } from "./types.ts";

/** Standard input's name on the command line. */
export const STANDARD_INPUT = "-";

const GZIP_MAGIC = [0x1f, 0x8b];
/** As much as an engine takes at once: while it works on that, the other thread unpacks as much again. */
const PACKED_BYTES = 2 << 20;

/**
 * Opens a capture. Whether it is packed is seen from its first bytes, not from its name. `reads`: on which thread a file
 * is read.
 */
export async function openCapture(path: string, reads: "other" | "own" = "other"): Promise<CaptureSource | Problem> {
  try {
    const raw = path === STANDARD_INPUT ? streamSource(path, process.stdin) : fileSource(path, reads === "own");
    return await unpacked(raw);
  } catch (error) {
    if (!isSystemError(error) && !(error instanceof CaptureReadError)) throw error;
    return { severity: "error", message: `${path}: ${error.message}` };
  }
}

const readFile = promisify(read);

/** A file, read where it is wanted, straight into the engine's memory, and on another thread unless that has no core. */
function fileSource(path: string, onOwnThread: boolean): CaptureSource {
  const descriptor = openSync(path, "r");
  let reading: Promise<unknown> = Promise.resolve();
  return {
    name: path,
    async read(into) {
      try {
        if (onOwnThread) return readSync(descriptor, into, 0, into.length, null);
        const result = readFile(descriptor, into, 0, into.length, null);
        reading = result.catch(() => {});
        return (await result).bytesRead;
      } catch (error) {
        throw isSystemError(error) ? new CaptureReadError(error.message) : error;
      }
    },
    async close() {
      await reading;
      closeSync(descriptor);
    },
  };
}

async function unpacked(raw: CaptureSource): Promise<CaptureSource> {
  const begun = await peek(raw, GZIP_MAGIC.length);
  if (!GZIP_MAGIC.every((byte, index) => begun.first[index] === byte)) return begun.source;
  const unpacker = createGunzip({ chunkSize: PACKED_BYTES });
  const source = streamSource(raw.name, unpacker);
  feed(unpacker, begun.source).catch((error) => unpacker.destroy(error));
  return {
    ...source,
    async close() {
      await source.close();
      await raw.close();
    },
  };
}

/** The first bytes of a source, and a source that still begins with them. */
async function peek(raw: CaptureSource, bytes: number): Promise<{ first: Uint8Array; source: CaptureSource }> {
  const first = new Uint8Array(bytes);
  let have = 0;
  while (have < bytes) {
    const more = await raw.read(first.subarray(have));
    if (more === 0) break;
    have += more;
  }
  let given = 0;
  const read = (into: Uint8Array) => {
    if (given === have) return raw.read(into);
    const part = first.subarray(given, Math.min(have, given + into.length));
    into.set(part);
    given += part.length;
    return part.length;
  };
  return { first: first.subarray(0, have), source: { name: raw.name, read, close: () => raw.close() } };
}

/** Each piece is unpacked before the next is read, so that all that can be unpacked has been when the end turns out missing. */
async function feed(unpacker: Gunzip, source: CaptureSource): Promise<void> {
  while (!unpacker.destroyed) {
    const piece = new Uint8Array(PACKED_BYTES);
    const bytes = await source.read(piece);
    if (bytes === 0) {
      unpacker.end();
      return;
    }
    await new Promise<void>((resolve) => unpacker.write(piece.subarray(0, bytes), () => resolve()));
  }
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "code" in error && "syscall" in error;
}

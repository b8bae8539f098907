/** Where Node finds the engine's Wasm: the build folder stands beside src/ and, in the package, beside dist/src/. */

import { readFile } from "node:fs/promises";

export function engineWasm(): Promise<Uint8Array<ArrayBuffer>> {
  return readFile(new URL("../../build/engine.wasm", import.meta.url));
}

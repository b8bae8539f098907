/** Where Node finds the engine's Wasm: the build folder stands beside src/ and, in the package, beside dist/src/. */

import { readFile } from "node:fs/promises";

let module: Promise<WebAssembly.Module> | undefined;

/** Compiled once, on other threads: whoever asks early can read manifests meanwhile. */
export function engineWasm(): Promise<WebAssembly.Module> {
  module ??= readFile(new URL("../../build/engine.wasm", import.meta.url)).then((bytes) => WebAssembly.compile(bytes));
  return module;
}

/** Where Node finds the engine's Wasm: the build folder stands beside src/ and, in the package, beside dist/src/. */

import { readFile } from "node:fs/promises";
import { hasSimd } from "./simd.ts";

let module: Promise<WebAssembly.Module> | undefined;

/** Compiled once, on other threads: whoever asks early can read manifests meanwhile. */
export function engineWasm(): Promise<WebAssembly.Module> {
  module ??= readFile(new URL(`../../build/${fileName()}`, import.meta.url)).then((bytes) =>
    WebAssembly.compile(bytes),
  );
  return module;
}

/** SLUICE_ENGINE=scalar does without vector instructions on hosts that have them as well, so that tests can compare. */
function fileName(): string {
  return hasSimd() && process.env.SLUICE_ENGINE !== "scalar" ? "engine.wasm" : "engine.scalar.wasm";
}

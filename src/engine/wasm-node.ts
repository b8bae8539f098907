/** Where Node finds the engine's Wasm: the build folder stands beside src/ and, in the package, beside dist/src/. */

import { readFile } from "node:fs/promises";
import { hasSimd } from "./simd.ts";

let engine: Promise<WebAssembly.Module> | undefined;

/** Compiled once, on other threads: whoever asks early can read manifests meanwhile. */
export function engineWasm(): Promise<WebAssembly.Module> {
  engine ??= compiled(mayUseSimd() ? "engine.wasm" : "engine.scalar.wasm");
  return engine;
}

/** The engine that can be one of several which share captures: there is none without vector instructions. */
export function shardWasm(): Promise<WebAssembly.Module> {
  return compiled("engine.shard.wasm");
}

/** SLUICE_ENGINE=scalar does without vector instructions on hosts that have them as well, so that tests can compare. */
export function mayUseSimd(): boolean {
  return hasSimd() && process.env.SLUICE_ENGINE !== "scalar";
}

/** Whoever waits for the module learns of a failure, however late that is. */
function compiled(name: string): Promise<WebAssembly.Module> {
  const module = readFile(new URL(`../../build/${name}`, import.meta.url)).then((bytes) => WebAssembly.compile(bytes));
  module.catch(() => {});
  return module;
}

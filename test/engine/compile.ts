/** Compiles a test entry of this folder to WebAssembly, as the engine is compiled, and instantiates it. */

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import asc from "assemblyscript/asc";
import { IS_SCALAR } from "../support/variant.ts";

export type TestEngine = Readonly<Record<string, (...args: (number | bigint)[]) => number>> & {
  readonly memory: WebAssembly.Memory;
};

const compiled = new Map<string, Promise<WebAssembly.Module>>();

/** A fresh instance of test/engine/<name>.entry.ts; `debug` turns off the optimizer. Each is compiled once. */
export async function compileEntry(name: string, debug = false): Promise<TestEngine> {
  const key = `${name} ${debug}`;
  if (!compiled.has(key)) compiled.set(key, compile(name, debug));
  const instance = await WebAssembly.instantiate(await compiled.get(key)!, { env: { abort } });
  return instance.exports as unknown as TestEngine;
}

async function compile(name: string, debug: boolean): Promise<WebAssembly.Module> {
  const folder = await mkdtemp(join(tmpdir(), "engine-"));
  try {
    const outFile = join(folder, "entry.wasm");
    const common = [
      "--config",
      "none",
      "--runtime",
      "./assembly/memory/runtime",
      ...(IS_SCALAR ? [] : ["--enable", "simd"]),
      "--outFile",
      outFile,
    ];
    const kind = debug ? ["--debug"] : ["-O3", "--converge", "--use", "abort="];
    const { error, stderr } = await asc.main([`test/engine/${name}.entry.ts`, ...common, ...kind]);
    if (error) throw new Error(`${error.message}\n${stderr.toString()}`);
    return await WebAssembly.compile(await readFile(outFile));
  } finally {
    await rm(folder, { recursive: true });
  }
}

function abort(): never {
  throw new Error("the engine asserted");
}

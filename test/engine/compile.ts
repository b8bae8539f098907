/** Compiles a test entry of this folder to WebAssembly, as the engine is compiled, and instantiates it. */

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import asc from "assemblyscript/asc";

export type TestEngine = Readonly<Record<string, (...args: (number | bigint)[]) => number>> & {
  readonly memory: WebAssembly.Memory;
};

/** The exports of test/engine/<name>.entry.ts; `debug` keeps the asserts' messages and turns off the optimizer. */
export async function compileEntry(name: string, debug = false): Promise<TestEngine> {
  const folder = await mkdtemp(join(tmpdir(), "engine-"));
  try {
    const outFile = join(folder, "entry.wasm");
    const { error, stderr } = await asc.main([
      `test/engine/${name}.entry.ts`,
      "--config",
      "none",
      "--runtime",
      "./assembly/memory/runtime",
      "--enable",
      "simd",
      "--enable",
      "bulk-memory",
      "--outFile",
      outFile,
      ...(debug ? ["--debug"] : ["-O3", "--use", "abort="]),
    ]);
    if (error) throw new Error(`${error.message}\n${stderr.toString()}`);
    const abort = (): never => {
      throw new Error("the engine asserted");
    };
    const { instance } = await WebAssembly.instantiate(await readFile(outFile), { env: { abort } });
    return instance.exports as unknown as TestEngine;
  } finally {
    await rm(folder, { recursive: true });
  }
}

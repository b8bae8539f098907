/** The command line as a process: bundled once for a test file, beside the engine that the build has made. */

import { type ChildProcess, spawn } from "node:child_process";
import { rm } from "node:fs/promises";
import { build } from "esbuild";
import { inVariant, withoutWorkers } from "../support/variant.ts";

export interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A bundle there finds build/engine.wasm two folders up, as src/engine/ does. */
const FOLDER = `build/cli-test-${process.pid}`;

export async function bundleCli(): Promise<void> {
  await build({
    entryPoints: ["src/cli/main.ts", "src/replay/shard-worker-node.ts"],
    outdir: FOLDER,
    entryNames: "[name]",
    bundle: true,
    platform: "node",
    format: "esm",
    packages: "external",
    logLevel: "error",
  });
}

export async function removeCli(): Promise<void> {
  await rm(FOLDER, { recursive: true, force: true });
}

/** Runs `sluice …args` to its end; `input` is its standard input. */
export function sluice(args: readonly string[], input?: Uint8Array | string): Promise<Result> {
  const child = startSluice(args);
  child.stdin?.end(input);
  return ended(child);
}

export function startSluice(args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [`${FOLDER}/main.js`, ...inVariant(args)], { env: { ...process.env, NO_COLOR: "1" } });
}

export function ended(child: ChildProcess): Promise<Result> {
  let stdout = "";
  let stderr = "";
  child.stdout?.on("data", (piece: Buffer) => {
    stdout += piece.toString("latin1");
  });
  child.stderr?.on("data", (piece: Buffer) => {
    stderr += piece.toString();
  });
  return new Promise((resolve) =>
    child.on("close", (code) => resolve({ code, stdout, stderr: withoutWorkers(stderr) })),
  );
}

/** The same job in C, where there is a compiler: the bound that the engine is measured against. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const SOURCE = fileURLToPath(new URL("../../../bench/reference/established.c", import.meta.url));
const OPTIONS = ["-O3", "-march=native"];

export interface NativeReference {
  /** One round with so many connections: nanoseconds per packet. */
  readonly round: (connections: number) => number;
  readonly remove: () => void;
}

/** Compiles established.c; undefined: there is no C compiler. */
export function compileReference(): NativeReference | undefined {
  const directory = mkdtempSync(join(tmpdir(), "sluice-bench-"));
  const program = join(directory, "established");
  const remove = () => rmSync(directory, { recursive: true });
  if (spawnSync("cc", [...OPTIONS, "-o", program, SOURCE]).status !== 0) {
    remove();
    return undefined;
  }
  const round = (connections: number) => {
    const { status, stdout, stderr } = spawnSync(program, [String(connections), "1"], { encoding: "utf8" });
    if (status !== 0) throw new Error(`the reference in C failed: ${stderr}`);
    return Number(stdout);
  };
  return { round, remove };
}

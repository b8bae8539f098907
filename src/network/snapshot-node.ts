/** Reads a snapshot directory. Every file is optional; the directory itself is not. */

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Problem } from "../manifest/types.ts";
import { networkFrom, SNAPSHOT_FILES, type SnapshotFile } from "./snapshot.ts";
import type { NodeNetwork } from "./types.ts";

export async function readSnapshot(
  directory: string,
  fallback: NodeNetwork,
): Promise<{ readonly network: NodeNetwork; readonly problems: readonly Problem[] }> {
  const nameOf = (file: SnapshotFile) => join(directory, file);
  let present: readonly string[];
  try {
    present = await readdir(directory);
  } catch {
    const message = `${directory}: no such directory`;
    const remedy = "--snapshot wants a directory with link.json, addr.json, route.json, …";
    return { network: fallback, problems: [{ severity: "error", message, remedy }] };
  }
  const texts: { [file in SnapshotFile]?: string } = {};
  for (const file of Object.keys(SNAPSHOT_FILES) as SnapshotFile[]) {
    if (present.includes(file)) texts[file] = await readFile(nameOf(file), "utf8");
  }
  const read = networkFrom(texts, fallback, nameOf);
  if (Object.keys(texts).length > 0) return read;
  const problem: Problem = {
    severity: "warning",
    message: `${directory}: has none of the files of a snapshot`,
    remedy: `expected one of ${Object.keys(SNAPSHOT_FILES).join(", ")}`,
  };
  return { network: read.network, problems: [...read.problems, problem] };
}

/** Manifests from files, directories and standard input, as kubectl's -f takes them. */

import { readdir, readFile, stat } from "node:fs/promises";
import { extname, join } from "node:path";
import { text as readAll } from "node:stream/consumers";
import { type ManifestText, parseManifestTexts } from "./parse.ts";
import type { Manifests, Problem } from "./types.ts";

const EXTENSIONS = [".json", ".yaml", ".yml"];
const STDIN = "-";

/** Reads every path; a directory stands for its own .json, .yaml and .yml files by name, not for those in directories below. */
export async function loadManifestFiles(paths: readonly string[], before?: Manifests): Promise<Manifests> {
  const texts: ManifestText[] = [];
  const problems: Problem[] = [];
  for (const path of paths) {
    try {
      texts.push(...(await readPath(path, problems)));
    } catch (cause) {
      problems.push({ severity: "error", message: reasonOf(path, cause) });
    }
  }
  const manifests = parseManifestTexts(texts, before);
  return { ...manifests, problems: [...problems, ...manifests.problems] };
}

async function readPath(path: string, problems: Problem[]): Promise<ManifestText[]> {
  if (path === STDIN) return [{ text: await readAll(process.stdin), fileName: "<stdin>" }];
  if (!(await stat(path)).isDirectory()) return [{ text: await readFile(path, "utf8"), fileName: path }];
  const names = (await readdir(path)).filter((name) => EXTENSIONS.includes(extname(name))).sort();
  if (names.length === 0) {
    const message = `error reading [${path}]: recognized file extensions are [${EXTENSIONS.join(" ")}]`;
    problems.push({ severity: "error", message });
  }
  const files = names.map((name) => join(path, name));
  return Promise.all(files.map(async (fileName) => ({ text: await readFile(fileName, "utf8"), fileName })));
}

function reasonOf(path: string, cause: unknown): string {
  const { code } = cause as NodeJS.ErrnoException;
  if (code === "ENOENT") return `the path "${path}" does not exist`;
  if (code === "EACCES") return `the path "${path}" cannot be read: permission denied`;
  return `the path "${path}" cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`;
}

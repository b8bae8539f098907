/** The package as npm packs it, installed in an empty project: what somebody gets who writes `npm install sluice`. */

import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Project {
  readonly directory: string;
  /** Paths in the tarball, without "package/". */
  readonly files: readonly { readonly path: string; readonly size: number }[];
  readonly tarball: string;
}

/** Packs what the last build has made and installs it; dependencies come from the npm registry or its cache. */
export async function installPacked(): Promise<Project> {
  if (!existsSync("dist/src/index.js")) throw new Error("dist/ is missing: run npm run build");
  const directory = await mkdtemp(join(tmpdir(), "sluice-package-"));
  const packed = npm(process.cwd(), ["pack", "--ignore-scripts", "--json", "--pack-destination", directory]);
  const [{ filename, files }] = JSON.parse(packed) as [{ filename: string; files: Project["files"] }];
  const tarball = join(directory, filename);
  const project = { name: "empty", version: "1.0.0", private: true, type: "module" };
  await writeFile(join(directory, "package.json"), JSON.stringify(project));
  npm(directory, ["install", "--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts", tarball]);
  return { directory, files, tarball };
}

export async function removeProject({ directory }: Project): Promise<void> {
  await rm(directory, { recursive: true, force: true });
}

/** Runs a program with its files in the project; returns what it prints. */
export function run(project: Project, command: string, args: readonly string[]): string {
  return execFileSync(command, args, { cwd: project.directory, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

function npm(directory: string, args: readonly string[]): string {
  return execFileSync("npm", args, { cwd: directory, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
}

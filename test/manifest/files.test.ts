/** Files and directories, as kubectl's -f takes them. */

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadManifestFiles } from "../../src/manifest/files-node.ts";

let directory: string;

function service(name: string): string {
  return `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}}\nspec: {ports: [{port: 80}]}\n`;
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "sluice-files-"));
  await mkdir(join(directory, "below"));
  await mkdir(join(directory, "empty"));
  await writeFile(join(directory, "b.yml"), service("b"));
  await writeFile(join(directory, "a.yaml"), service("a"));
  await writeFile(
    join(directory, "c.json"),
    '{"apiVersion":"v1","kind":"Service","metadata":{"name":"c"},"spec":{"ports":[{"port":80}]}}',
  );
  await writeFile(join(directory, "notes.txt"), service("notes"));
  await writeFile(join(directory, "below", "d.yaml"), service("d"));
});

afterAll(() => rm(directory, { recursive: true }));

async function names(...paths: readonly string[]): Promise<unknown[]> {
  return (await loadManifestFiles(paths)).services.map(({ object }) => object.metadata?.name);
}

describe("loadManifestFiles", () => {
  it("reads the manifests of a directory by name, not those below it", async () => {
    expect(await names(directory)).toEqual(["a", "b", "c"]);
  });

  it("reads a file whatever its name, in the order given", async () => {
    expect(await names(join(directory, "notes.txt"), join(directory, "below"))).toEqual(["notes", "d"]);
  });

  it("tells what cannot be read, and reads the rest", async () => {
    const missing = join(directory, "missing.yaml");
    const { services, problems } = await loadManifestFiles([
      missing,
      join(directory, "a.yaml"),
      join(directory, "empty"),
    ]);
    expect(services).toHaveLength(1);
    expect(problems.map(({ message }) => message)).toEqual([
      `the path "${missing}" does not exist`,
      `error reading [${join(directory, "empty")}]: recognized file extensions are [.json .yaml .yml]`,
    ]);
  });
});

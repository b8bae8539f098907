/** The package from the outside: installed in an empty project, in Node and in a browser's page. */

import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { describeBrowser, titleOf } from "./browser.ts";
import { installPacked, type Project, removeProject, run } from "./packed.ts";
import { NODE_PROGRAM, PAGE_PROGRAM, PLAIN_PAGE_PROGRAM, PRINTED, TYPED_PROGRAM } from "./programs.ts";

/** The command line brings its packages along, 0.8 MB of these; the engine's builds are 0.3 MB. */
const PACKED_BYTES_MAX = 2_700_000;
/** Pages load one of the first two before anything happens; without vector instructions some code is longer. */
const ENGINES = [
  ["engine.wasm", 100_000],
  ["engine.scalar.wasm", 105_000],
  ["engine.shard.wasm", 103_000],
] as const;

/** Wasm's vector instructions need SSE4.1 in V8 on x86-64; elsewhere the option changes nothing. */
const WITHOUT_SIMD = "--no-enable-sse4-1";

let project: Project;

beforeAll(async () => {
  project = await installPacked();
}, 240_000);

afterAll(() => removeProject(project));

describe("the tarball", () => {
  test("holds what runs and its types, and nothing else", () => {
    const expected =
      /^(package\.json|LICENSE|README\.md|bin\/sluice\.js|dist\/build\/engine(\.scalar|\.shard)?\.wasm|dist\/bundle\/cli\/[\w-]+\.js|dist\/src\/.+\.(js|d\.ts)|dist\/assembly\/layout\/[\w-]+\.js)$/;
    expect(project.files.map(({ path }) => path).filter((path) => !expected.test(path))).toEqual([]);
    const paths = project.files.map(({ path }) => path);
    for (const [name] of ENGINES) expect(paths).toContain(`dist/build/${name}`);
  });

  test("is small", () => {
    expect(project.files.reduce((sum, { size }) => sum + size, 0)).toBeLessThan(PACKED_BYTES_MAX);
    for (const [name, bytesMax] of ENGINES)
      expect(project.files.find(({ path }) => path.endsWith(name))?.size, name).toBeLessThan(bytesMax);
  });

  test("passes publint", async () => {
    const { publint } = await import("publint");
    const { messages } = await publint({ pkgDir: join(project.directory, "node_modules/sluice"), pack: false });
    expect(messages).toEqual([]);
  });
});

describe("in Node", () => {
  test("a short program gets a packet translated", async () => {
    await writeFile(join(project.directory, "program.mjs"), NODE_PROGRAM);
    expect(run(project, process.execPath, ["program.mjs"]).trim()).toBe(PRINTED);
  });

  test("where there are no vector instructions as well", () => {
    expect(run(project, process.execPath, [WITHOUT_SIMD, "program.mjs"]).trim()).toBe(PRINTED);
  });

  test("the command runs", async () => {
    const { version } = JSON.parse(await readFile("package.json", "utf8")) as { version: string };
    expect(run(project, "node_modules/.bin/sluice", ["--version"])).toContain(version);
  });

  test("a strict TypeScript program finds its types", async () => {
    await writeFile(join(project.directory, "typed.ts"), TYPED_PROGRAM);
    const options = ["--strict", "--noEmit", "--target", "es2023", "--module", "nodenext", "--skipLibCheck", "false"];
    const types = ["--types", "node", "--typeRoots", resolve("node_modules/@types")];
    const tsc = resolve("node_modules/typescript/bin/tsc");
    const checked = () => run(project, process.execPath, [tsc, ...options, ...types, "typed.ts"]);
    expect(toldBy(checked)).toBe("");
  });
});

describeBrowser("in a page", () => {
  test("bundled by esbuild, a short program gets a packet translated", async () => {
    const directory = await bundle("bundled", PAGE_PROGRAM);
    expect(await titleOf(directory)).toBe(PRINTED);
  });

  test("the Wasm is found where it lies beside the code", async () => {
    const directory = await bundle("plain/dist/src", PLAIN_PAGE_PROGRAM);
    await mkdir(join(project.directory, "plain/build"), { recursive: true });
    const wasm = join(project.directory, "node_modules/sluice/dist/build/engine.wasm");
    await cp(wasm, join(project.directory, "plain/build/engine.wasm"));
    expect(await titleOf(join(directory, "../.."), "dist/src/index.html")).toBe(PRINTED);
  });
});

/** A page with the program, bundled into a folder of the project. */
async function bundle(name: string, program: string): Promise<string> {
  const outdir = join(project.directory, name);
  const { metafile, outputFiles } = await build({
    stdin: { contents: program, resolveDir: project.directory },
    outdir,
    bundle: true,
    platform: "browser",
    format: "esm",
    loader: { ".wasm": "file" },
    publicPath: "./",
    metafile: true,
    logLevel: "silent",
    write: false,
  });
  expect(Object.keys(metafile.inputs).filter((path) => path.includes("-node."))).toEqual([]);
  await mkdir(outdir, { recursive: true });
  for (const { path, contents } of outputFiles) await writeFile(path, contents);
  const script = outputFiles.find(({ path }) => path.endsWith(".js"))!.path.slice(outdir.length + 1);
  await writeFile(join(outdir, "index.html"), `<!doctype html><script type="module" src="${script}"></script>`);
  return outdir;
}

/** What a failing program prints; nothing where it does not fail. */
function toldBy(program: () => string): string {
  try {
    return program();
  } catch (cause) {
    const { stdout, stderr } = cause as { stdout?: string; stderr?: string };
    return `${stdout ?? ""}${stderr ?? ""}${stdout === undefined ? String(cause) : ""}`;
  }
}

/**
 * The command line as a few files, one for each command and what several share: a command starts in half the time that
 * Node takes to find and load hundreds of modules. They stand as deep in dist/ as their sources do, because those find
 * the engine's Wasm from there.
 */

import { rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { build, transform } from "esbuild";

/**
 * Gives short names to what modules have for themselves, and leaves what they export its own: traces of the stack show
 * those. To shorten all names and to give functions theirs back (keepNames) is work at every start.
 */
const shortNamesWithin = {
  name: "short names within modules",
  setup({ onLoad }) {
    onLoad({ filter: /\.m?js$/ }, async ({ path }) => {
      const { code } = await transform(await readFile(path, "utf8"), { minifyIdentifiers: true, target: "node20" });
      return { contents: code };
    });
  },
};

rmSync("dist/bundle/cli", { recursive: true, force: true });
await build({
  entryPoints: { sluice: "dist/src/cli/main.js", "shard-worker-node": "dist/src/replay/shard-worker-node.js" },
  outdir: "dist/bundle/cli",
  bundle: true,
  splitting: true,
  // Only plots need these, and they are large.
  external: ["@observablehq/plot", "linkedom"],
  plugins: [shortNamesWithin],
  minifyWhitespace: true,
  minifySyntax: true,
  platform: "node",
  format: "esm",
  target: "node20",
  // Packages in CommonJS ask for Node's modules with require().
  banner: {
    js: 'import { createRequire } from "node:module";\nconst require = createRequire(import.meta.url);',
  },
  logLevel: "warning",
});

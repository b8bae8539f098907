/**
 * The command line as one file: a command starts in half the time that Node takes to find and load hundreds of modules.
 * It
 * stands as deep in dist/ as its sources do, because they find the engine's Wasm from there.
 */

import { build } from "esbuild";

await build({
  entryPoints: ["dist/src/cli/main.js"],
  outfile: "dist/bundle/cli/sluice.js",
  bundle: true,
  // Only plots need these, and they are large.
  external: ["@observablehq/plot", "linkedom"],
  minify: true,
  // Traces of the stack still name functions.
  keepNames: true,
  platform: "node",
  format: "esm",
  target: "node20",
  // Packages in CommonJS ask for Node's modules with require().
  banner: {
    js: 'import { createRequire } from "node:module";\nconst require = createRequire(import.meta.url);',
  },
  logLevel: "warning",
});

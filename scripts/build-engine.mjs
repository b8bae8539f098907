/**
 * The engine's builds, side by side: with vector instructions for debugging and for use, without for hosts that have none,
 * and with what it takes to share a capture with others. asc optimizes for speed; wasm-opt then inlines more than asc does.
 */

import { spawn } from "node:child_process";

const FEATURES = ["bulk-memory", "sign-ext", "nontrapping-float-to-int", "mutable-globals"];
/** Of slow ways, and inlined they would be most of the engine. wasm-opt knows them by the names that asc leaves for it. */
const NOT_INLINED = [
  "assembly/packet/readDescriptor",
  "assembly/rules/sets/findValue",
  "assembly/conntrack/hash/hashOfConnection",
  "assembly/segment/seal/sealIp",
  "assembly/follow/*",
  "assembly/pipeline/extensions/*",
];
const OPTIMISATIONS = [
  ...NOT_INLINED.map((name) => `--no-inline=${name}`),
  "-O3",
  "--one-caller-inline-max-function-size=200",
  "--flexible-inline-max-function-size=120",
  "--always-inline-max-function-size=60",
];

const ENGINE = "assembly/index.ts";
const SHARD = "assembly/shard/index.ts";

await Promise.all([
  compile(ENGINE, "debug"),
  optimised(ENGINE, "release", "engine", "simd"),
  optimised(ENGINE, "scalar", "engine.scalar"),
  optimised(SHARD, "shard", "engine.shard", "simd"),
]);

async function optimised(entry, target, name, ...features) {
  await compile(entry, target);
  const file = `build/${name}.wasm`;
  const enabled = [...FEATURES, ...features].map((feature) => `--enable-${feature}`);
  await run("wasm-opt", [file, "-o", file, ...OPTIMISATIONS, ...enabled, "--strip-debug"]);
}

function compile(entry, target) {
  return run("asc", [entry, "--target", target]);
}

/** Runs a command of a package; npm's scripts find those. */
async function run(command, args) {
  const child = spawn(command, args, { stdio: "inherit", shell: process.platform === "win32" });
  const status = await new Promise((resolve, reject) => child.on("error", reject).on("close", resolve));
  if (status !== 0) process.exit(1);
}

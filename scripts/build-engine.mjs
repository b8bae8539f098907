/**
 * The engine's builds, side by side: with vector instructions for debugging and for use, without for hosts that have none,
 * and with what it takes to share a capture with others. asc inlines little, so that wasm-opt still finds the functions that
 * it is to leave where they are; of the others it inlines more than asc would.
 */

import { spawn } from "node:child_process";

const FEATURES = ["bulk-memory", "sign-ext", "nontrapping-float-to-int", "mutable-globals"];
/**
 * What few packets meet, and what is large and called from many places: inlined, it would be most of the engine. wasm-opt
 * knows functions by the names that asc leaves for them.
 */
const NOT_INLINED = [
  "answer/*",
  "conntrack/extensions/*",
  "conntrack/hash/hashOfConnection",
  "conntrack/sctp*",
  "conntrack/tuple/*",
  "conntrack/zones/*",
  "follow/*",
  "fragment/*",
  "memory/arena/*",
  "nat/range/*",
  "nat/transport/*",
  "packet/readDescriptor",
  "pipeline/extensions/*",
  "pipeline/options/*",
  "rules/dynamic/*",
  "rules/recent*",
  "rules/sets/findValue",
  "rules/store*",
  "segment/*",
  "trace/*",
];
const OPTIMISATIONS = [
  ...NOT_INLINED.map((name) => `--no-inline=assembly/${name}`),
  "-O3",
  // asc puts nothing below 1024: sums that are addresses become offsets of loads.
  "--low-memory-unused",
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

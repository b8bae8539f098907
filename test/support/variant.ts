/**
 * The variants that tests run in. The environment chooses one, for whole runs; tests that compare variants with each other
 * choose themselves.
 */

/** SLUICE_ENGINE=scalar: the engine without vector instructions, as src/engine/wasm-node.ts gives it too. */
export const IS_SCALAR = process.env.SLUICE_ENGINE === "scalar";

/** SLUICE_FAST_PATH=off: packets of established connections pass the hooks as all others do. */
export const HAS_FAST_PATH = process.env.SLUICE_FAST_PATH !== "off";

/** For what compares rules that are walked as they are written with others: no run of rules is as long. */
export const AS_WRITTEN = Number.POSITIVE_INFINITY;

/** SLUICE_INDEX=on: so many rules that differ in one value are looked up in an index, not walked. */
export const INDEX_FROM = process.env.SLUICE_INDEX === "on" ? 2 : undefined;

/** SLUICE_INDEX=off: nor do replays and commands, which have an index for long runs of rules by themselves. */
const optimise = process.env.SLUICE_INDEX !== "off";

/** For a replay that a test asks the library for. */
export const REPLAY_WAYS = { fastPath: HAS_FAST_PATH, optimise };

/** SLUICE_WORKERS=N: so many workers share what `sluice replay` reads, wherever that can be shared. */
const WORKERS = process.env.SLUICE_WORKERS;

/** The arguments of a command, in the variant that was chosen. */
export function inVariant([command, ...args]: readonly string[]): string[] {
  if (command === undefined) return [];
  const options: string[] = [];
  if (command === "replay" || command === "audit") {
    if (!HAS_FAST_PATH) options.push("--no-fast-path");
    if (!optimise) options.push("--no-optimise");
  }
  if (command === "replay" && WORKERS !== undefined && !args.includes("--workers")) options.push("--workers", WORKERS);
  return [command, ...options, ...args];
}

/** What a command said, without the line that names why one worker did it after all. */
export function withoutWorkers(stderr: string): string {
  return WORKERS === undefined
    ? stderr
    : stderr.replace(new RegExp(`^one worker instead of ${WORKERS}: .*\n`, "m"), "");
}

/**
 * The variants that the engine's tests run in. The environment chooses one, for whole runs; tests that compare variants
 * with each other choose themselves.
 */

/** SLUICE_ENGINE=scalar: the engine without vector instructions, as src/engine/wasm-node.ts gives it too. */
export const IS_SCALAR = process.env.SLUICE_ENGINE === "scalar";

/** SLUICE_FAST_PATH=off: packets of established connections pass the hooks as all others do. */
export const HAS_FAST_PATH = process.env.SLUICE_FAST_PATH !== "off";

/** SLUICE_INDEX=on: so many rules that differ in one value are looked up in an index, not walked. */
export const INDEX_FROM = process.env.SLUICE_INDEX === "on" ? 2 : undefined;

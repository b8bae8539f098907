/** The package's main entry in browsers and their workers: the engine's Wasm is fetched from beside the code. */

import { engineWasm } from "./engine/wasm-browser.ts";
import { library } from "./library/entry.ts";
import type { Node as NodeInstance } from "./library/node.ts";

export * from "./library/public.ts";
export type Node = NodeInstance;
export const { Node, replay } = library(engineWasm);

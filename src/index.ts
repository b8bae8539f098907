/** The package's main entry where Node runs it: the engine's Wasm is read from the package. */

import { engineWasm } from "./engine/wasm-node.ts";
import { library } from "./library/entry.ts";
import type { Node as NodeInstance } from "./library/node.ts";

export * from "./library/public.ts";
export type Node = NodeInstance;
export const { Node, replay } = library(engineWasm);

/** What every entry of the package has in common; only where the engine's Wasm comes from differs. */

import type { EngineSource } from "../engine/load.ts";
import type { ReplayResult } from "../replay/replay.ts";
import { Node, type NodeOptions } from "./node.ts";
import { type ReplayOptions, replay } from "./replay.ts";

export interface Library {
  readonly Node: { readonly create: (options: NodeOptions) => Promise<Node> };
  readonly replay: (options: ReplayOptions) => Promise<ReplayResult>;
}

/** `engineWasm` is asked only where the caller brings no Wasm of its own. */
export function library(engineWasm: () => Promise<EngineSource>): Library {
  const withEngine = <T extends NodeOptions>(options: T) => ({ ...options, engine: options.engine ?? engineWasm() });
  return {
    Node: { create: (options) => Node.create(withEngine(options)) },
    replay: (options) => replay(withEngine(options)),
  };
}

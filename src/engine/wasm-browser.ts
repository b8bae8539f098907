/** Where a browser finds the engine's Wasm. Bundlers know this form of URL and bring the files along. */

import { hasSimd } from "./simd.ts";

export function engineWasm(): Promise<Response> {
  return fetch(
    hasSimd()
      ? new URL("../../build/engine.wasm", import.meta.url)
      : new URL("../../build/engine.scalar.wasm", import.meta.url),
  );
}

/** Where a browser finds the engine's Wasm. Bundlers know this form of URL and bring the file along. */

export function engineWasm(): Promise<Response> {
  return fetch(new URL("../../build/engine.wasm", import.meta.url));
}

/** Whether this host can run the engine's vector instructions; where it cannot, engine.scalar.wasm does the same without. */

/** The smallest module with one: a function without arguments whose result is `i8x16.splat(0)`. */
const MODULE = new Uint8Array([
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00], // magic and version
  ...[0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7b], // types: () => v128
  ...[0x03, 0x02, 0x01, 0x00], // functions: one of that type
  ...[0x0a, 0x08, 0x01, 0x06, 0x00, 0x41, 0x00, 0xfd, 0x0f, 0x0b], // code: i32.const 0, i8x16.splat
]);

export function hasSimd(): boolean {
  return WebAssembly.validate(MODULE);
}

/** Turns the engine's Wasm bytes into its exports. The only place that knows @assemblyscript/loader. */

import { instantiate, instantiateSync } from "@assemblyscript/loader";

/** What assembly/index.ts exports. Addresses and offsets are bytes in `memory`. */
export interface EngineExports extends Record<string, unknown> {
  readonly memory: WebAssembly.Memory;
  /** Address of the structure of assembly/layout/engine.ts. */
  readonly engine: () => number;
  /** Carves all memory. 0, or the number of the region that does not fit. */
  readonly init: () => number;
  /** Room for a program of so many bytes. 0: there is not enough memory. */
  readonly stage: (bytes: number) => number;
  /** Swaps the staged program in. 0: it is none, and the old one stays. */
  readonly activate: () => number;
  /** Fills descriptors from a part of the chunk; returns where it stopped. */
  readonly walk: (begin: number, end: number) => number;
  /** Processes descriptors; returns how many before the output or the ended connections filled up. */
  readonly process: (first: number, count: number) => number;
  /** Advances the clock to nanoseconds since 1970 and ends the connections whose time is over by then. */
  readonly sweep: (time: bigint) => void;
  /** Ends the connection with an index of the table; 0: there is none. */
  readonly deleteConnection: (index: number) => number;
  /** Enters a connection whose record stands at an address; 0: a tuple of it is taken, or the table is full. */
  readonly restoreConnection: (address: number) => number;
  /** Moves open connections to the ended ones; 0: the queue is full, call again. */
  readonly endAll: () => number;
  /** Remembers outbound frames among the descriptors, so that choices can follow them. */
  readonly indexOutbound: (first: number, count: number) => void;
}

/** Wasm as an environment has it at hand. */
export type EngineSource = BufferSource | WebAssembly.Module | Response;

/** A bug in the engine: an assertion of its own did not hold. */
export class EngineError extends Error {
  override readonly name = "EngineError";
}

export async function loadEngine(source: EngineSource | Promise<EngineSource>): Promise<EngineExports> {
  let memory: WebAssembly.Memory | undefined;
  const abort = (message: number, file: number, line: number, column: number) => {
    throw new EngineError(`${text(memory, file)}:${line}:${column}: ${text(memory, message)}`);
  };
  const imports = { env: { abort } };
  const wasm = await source;
  // The other way asks for the class of responses, and Node then loads all that it needs for HTTP.
  const { exports } =
    wasm instanceof WebAssembly.Module
      ? instantiateSync<EngineExports>(wasm, imports)
      : await instantiate<EngineExports>(wasm, imports);
  memory = exports.memory;
  return exports;
}

/** AssemblyScript keeps a string as UTF-16, its length in bytes in the four bytes before it. */
function text(memory: WebAssembly.Memory | undefined, address: number): string {
  if (memory === undefined || address === 0) return "engine";
  const bytes = new DataView(memory.buffer).getUint32(address - 4, true);
  return new TextDecoder("utf-16le").decode(new Uint8Array(memory.buffer, address, bytes));
}

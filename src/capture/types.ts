/** Captures on the host's side: where bytes come from and go to, and what the files say about their interfaces. */

import type { CaptureInterfaceDescription } from "../engine/instance.ts";
import type { Problem } from "../manifest/types.ts";

/** Bytes of a capture in order. */
export interface CaptureSource {
  /** For messages: a path, or "-". */
  readonly name: string;
  /** Fills `into` from its start, at least one byte of it; 0: the end. Throws a CaptureReadError when bytes are damaged. */
  read(into: Uint8Array): number | Promise<number>;
  close(): void | Promise<void>;
}

/** Where a capture that is written goes. */
export interface CaptureSink {
  /** The bytes are used up when the promise is fulfilled. */
  write(bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/** The source broke while it was read: an I/O error, or compressed bytes that end early. */
export class CaptureReadError extends Error {
  override readonly name = "CaptureReadError";
}

/** An interface as a capture's headers describe it. */
export interface CaptureInterface {
  /** if_name; pcap files have no names. */
  readonly name?: string;
  readonly description?: string;
  /** The capture filter in words, where it is given as a string. */
  readonly filter?: string;
  readonly linkType: number;
  /** 0: no limit. */
  readonly snaplen: number;
  readonly unitsPerSecond: bigint;
  readonly offsetSeconds: bigint;
}

/** What the reader needs of an engine: its memory, its fields and walk(). src/engine/instance.ts has it all. */
export interface WalkingEngine {
  readonly exports: { readonly walk: (begin: number, end: number) => number };
  field(offset: number): number;
  setField(offset: number, value: number): void;
  bytes(address: number, length: number): Uint8Array;
  setCaptureInterface(index: number, description: CaptureInterfaceDescription): void;
}

/** Descriptors that have been filled, or the end, or why there is nothing more to be had. */
export type Batch =
  | { readonly kind: "packets"; readonly first: number; readonly count: number }
  | { readonly kind: "end" }
  | { readonly kind: "problem"; readonly problem: Problem };

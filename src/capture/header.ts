/** The headers of capture files: the pcap file header, and the two pcapng blocks that are not packets but matter. */

import * as Capture from "../../assembly/layout/capture.ts";
import type { CaptureInterface } from "./types.ts";

/** CAPTURE_* of layout/capture.ts and the header's length; of a pcap file also its only interface. */
export interface FileHeader {
  readonly format: number;
  readonly bytes: number;
  readonly interface?: CaptureInterface;
}

/** What cannot be read, and what to do about it. */
export interface Refusal {
  readonly message: string;
  readonly remedy?: string;
}

/** More bytes are needed than are there. */
export const INCOMPLETE = Symbol("incomplete");
export type Parsed<T> = T | Refusal | typeof INCOMPLETE;

export function isRefusal<T extends object>(parsed: T | Refusal): parsed is Refusal {
  return "message" in parsed;
}

const PCAP_HEADER_BYTES = 24;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const SECTION_BYTES_MIN = 28;
const INTERFACE_BYTES_MIN = 20;
const MICROSECONDS = 1_000_000n;
const NANOSECONDS = 1_000_000_000n;

/** Magic numbers as a little-endian machine reads them from a little-endian file. */
const PCAP_MAGICS: Readonly<Record<number, { readonly units: bigint; readonly flags: number }>> = {
  2712847316: { units: MICROSECONDS, flags: 0 },
  2712812621: { units: NANOSECONDS, flags: 0 },
  2712849716: { units: MICROSECONDS, flags: Capture.CAPTURE_MODIFIED_PCAP },
};
const PCAP_VERSION_MAJOR = 2;
/** From this one on a record's two lengths stand in a fixed order (libpcap's sf-pcap.c). */
const PCAP_VERSION_MINOR = 4;
/** The rest of the field says how many bytes of checksum follow each frame. They lie behind the IP packet: not needed. */
const LINK_TYPE_MASK = 0xffff;
const CONVERT = "convert it: editcap -F pcapng FILE NEW";

/** Recognises a file by its first bytes. */
export function readFileHeader(bytes: Uint8Array): Parsed<FileHeader> {
  if (bytes.length < 4) return INCOMPLETE;
  const view = viewOf(bytes);
  if (view.getUint32(0, true) === Capture.SECTION_HEADER) return readSection(bytes);
  for (const littleEndian of [true, false]) {
    const known = PCAP_MAGICS[view.getUint32(0, littleEndian)];
    if (known !== undefined) return readPcapHeader(bytes, littleEndian, known);
  }
  return { message: "this is no capture: it begins like neither a pcap nor a pcapng file", remedy: CONVERT };
}

function readPcapHeader(
  bytes: Uint8Array,
  littleEndian: boolean,
  { units, flags }: { units: bigint; flags: number },
): Parsed<FileHeader> {
  if (bytes.length < PCAP_HEADER_BYTES) return INCOMPLETE;
  const view = viewOf(bytes);
  const major = view.getUint16(4, littleEndian);
  const minor = view.getUint16(6, littleEndian);
  if (major !== PCAP_VERSION_MAJOR) {
    return { message: `pcap version ${major}.${minor} is not one that is read here`, remedy: CONVERT };
  }
  const age = minor < PCAP_VERSION_MINOR ? Capture.CAPTURE_OLD_PCAP : 0;
  return {
    format: Capture.CAPTURE_PCAP | flags | age | (littleEndian ? 0 : Capture.CAPTURE_SWAPPED),
    bytes: PCAP_HEADER_BYTES,
    interface: {
      linkType: view.getUint32(20, littleEndian) & LINK_TYPE_MASK,
      snaplen: view.getUint32(16, littleEndian),
      unitsPerSecond: units,
      offsetSeconds: 0n,
    },
  };
}

/** A section header block: it sets the byte order of all that follows, and interfaces are counted anew. */
export function readSection(bytes: Uint8Array): Parsed<FileHeader> {
  if (bytes.length < SECTION_BYTES_MIN) return INCOMPLETE;
  const view = viewOf(bytes);
  const littleEndian = view.getUint32(8, true) === BYTE_ORDER_MAGIC;
  if (!littleEndian && view.getUint32(8, false) !== BYTE_ORDER_MAGIC) {
    return { message: "a section header without byte-order magic" };
  }
  const length = view.getUint32(Capture.BLOCK_BYTES, littleEndian);
  if (length < SECTION_BYTES_MIN || length > Capture.BLOCK_BYTES_MAX || length % 4 !== 0) {
    return { message: `a section header block of ${length} bytes` };
  }
  const major = view.getUint16(12, littleEndian);
  if (major !== 1) return { message: `pcapng version ${major} is not one that is read here` };
  if (bytes.length < length) return INCOMPLETE;
  if (view.getUint32(length - 4, littleEndian) !== length) {
    return { message: "a section header block whose two lengths differ" };
  }
  return { format: Capture.CAPTURE_PCAPNG | (littleEndian ? 0 : Capture.CAPTURE_SWAPPED), bytes: length };
}

/** An interface description block that is there as a whole. */
export function readInterface(block: Uint8Array, littleEndian: boolean): CaptureInterface | Refusal {
  if (block.length < INTERFACE_BYTES_MIN) return { message: `an interface description block of ${block.length} bytes` };
  const view = viewOf(block);
  const options = readOptions(block.subarray(16, block.length - 4), littleEndian);
  const unitsPerSecond = unitsOf(options.get(OPTION_TIME_RESOLUTION));
  if (unitsPerSecond === undefined) return { message: "an interface whose time units are finer than any clock's" };
  const name = textOf(options.get(OPTION_NAME));
  const description = textOf(options.get(OPTION_DESCRIPTION));
  const filter = filterOf(options.get(OPTION_FILTER));
  return {
    linkType: view.getUint16(8, littleEndian),
    snaplen: view.getUint32(12, littleEndian),
    unitsPerSecond,
    offsetSeconds: offsetOf(options.get(OPTION_TIME_OFFSET), littleEndian),
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
    ...(filter === undefined ? {} : { filter }),
  };
}

const OPTION_NAME = 2;
const OPTION_DESCRIPTION = 3;
const OPTION_TIME_RESOLUTION = 9;
const OPTION_FILTER = 11;
const OPTION_TIME_OFFSET = 14;
/** if_filter's first byte: what follows is the filter in words. */
const FILTER_STRING = 0;
/** Beyond these powers a second does not fit 64 bits. */
const DECIMAL_POWER_MAX = 19;
const BINARY_POWER_MAX = 63;
const BINARY = 0x80;

/** Options by code, the first of each. Options that run over the end are left out, with all behind them. */
function readOptions(bytes: Uint8Array, littleEndian: boolean): ReadonlyMap<number, Uint8Array> {
  const options = new Map<number, Uint8Array>();
  const view = viewOf(bytes);
  for (let at = 0; at + Capture.OPTION_VALUE <= bytes.length; ) {
    const code = view.getUint16(at + Capture.OPTION_CODE, littleEndian);
    const length = view.getUint16(at + Capture.OPTION_BYTES, littleEndian);
    const value = at + Capture.OPTION_VALUE;
    if (code === Capture.OPTION_END || value + length > bytes.length) break;
    if (!options.has(code)) options.set(code, bytes.subarray(value, value + length));
    at = value + length + ((4 - (length % 4)) % 4);
  }
  return options;
}

/** if_tsresol: the highest bit tells powers of two from powers of ten; absent: microseconds. */
function unitsOf(value: Uint8Array | undefined): bigint | undefined {
  if (value === undefined || value.length !== 1) return MICROSECONDS;
  const power = value[0]! & ~BINARY;
  if (value[0]! & BINARY) return power <= BINARY_POWER_MAX ? 1n << BigInt(power) : undefined;
  return power <= DECIMAL_POWER_MAX ? 10n ** BigInt(power) : undefined;
}

function offsetOf(value: Uint8Array | undefined, littleEndian: boolean): bigint {
  return value === undefined || value.length !== 8 ? 0n : viewOf(value).getBigInt64(0, littleEndian);
}

function textOf(value: Uint8Array | undefined): string | undefined {
  return value === undefined ? undefined : new TextDecoder().decode(value).replace(/\0+$/, "");
}

function filterOf(value: Uint8Array | undefined): string | undefined {
  return value?.[0] === FILTER_STRING ? textOf(value.subarray(1)) : undefined;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** What stands in front of the engine's output to make it a capture file. All numbers are little-endian. */

import * as Capture from "../../assembly/layout/capture.ts";

export interface OutputInterface {
  readonly name: string;
  readonly linkType: number;
}

const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const PCAP_NANOSECOND_MAGIC = 0xa1b23c4d;
const SECTION_BYTES_UNKNOWN = 0xffffffff;
const OPTION_APPLICATION = 4;
const OPTION_NAME = 2;
const OPTION_TIME_RESOLUTION = 9;
const NANOSECONDS_POWER = 9;
const DIRECTION_INBOUND = 1;
const APPLICATION = "sluice";

/** A section header and a description of each interface, in the order of their numbers. Times are nanoseconds. */
export function pcapngHeader(interfaces: readonly OutputInterface[]): Uint8Array<ArrayBuffer> {
  return concat([sectionHeader(), ...interfaces.map(interfaceBlock)]);
}

/** The header of a nanosecond pcap file. */
export function pcapHeader(linkType: number): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(24));
  view.setUint32(0, PCAP_NANOSECOND_MAGIC, true);
  view.setUint16(4, 2, true);
  view.setUint16(6, 4, true);
  view.setUint32(16, Capture.FRAME_BYTES_MAX, true);
  view.setUint32(20, linkType, true);
  return new Uint8Array(view.buffer);
}

function sectionHeader(): Uint8Array {
  const body = new DataView(new ArrayBuffer(16));
  body.setUint32(0, BYTE_ORDER_MAGIC, true);
  body.setUint16(4, 1, true);
  body.setUint32(8, SECTION_BYTES_UNKNOWN, true);
  body.setUint32(12, SECTION_BYTES_UNKNOWN, true);
  return block(Capture.SECTION_HEADER, [
    new Uint8Array(body.buffer),
    option(OPTION_APPLICATION, encode(APPLICATION)),
    END,
  ]);
}

/** The description of one more interface: its number is that of those before it. */
export function interfaceBlock({ name, linkType }: OutputInterface): Uint8Array {
  const body = new DataView(new ArrayBuffer(8));
  body.setUint16(0, linkType, true);
  body.setUint32(4, Capture.FRAME_BYTES_MAX, true);
  const options = [
    option(OPTION_NAME, encode(name)),
    option(OPTION_TIME_RESOLUTION, Uint8Array.of(NANOSECONDS_POWER)),
    END,
  ];
  return block(Capture.INTERFACE_DESCRIPTION, [new Uint8Array(body.buffer), ...options]);
}

/** A frame as a capture of the interface shows it, coming in, going out, or nobody says which. */
export interface CapturedFrame {
  /** The interface's number. */
  readonly interface: number;
  /** Nanoseconds since 1970. */
  readonly time: bigint;
  readonly direction?: "in" | "out";
  readonly frame: Uint8Array;
}

export function packetBlock({ interface: number, time, direction, frame }: CapturedFrame): Uint8Array {
  const head = new DataView(new ArrayBuffer(Capture.PACKET_FRAME - Capture.BLOCK_BODY));
  head.setUint32(Capture.PACKET_INTERFACE - Capture.BLOCK_BODY, number, true);
  head.setUint32(Capture.PACKET_TIME_HIGH - Capture.BLOCK_BODY, Number(time >> 32n), true);
  head.setUint32(Capture.PACKET_TIME_LOW - Capture.BLOCK_BODY, Number(time & 0xffffffffn), true);
  head.setUint32(Capture.PACKET_FRAME_BYTES - Capture.BLOCK_BODY, frame.length, true);
  head.setUint32(Capture.PACKET_WIRE_BYTES - Capture.BLOCK_BODY, frame.length, true);
  const padding = new Uint8Array(-frame.length & 3);
  const flags = direction === "out" ? Capture.DIRECTION_OUTBOUND : DIRECTION_INBOUND;
  const options = direction ? [option(Capture.OPTION_PACKET_FLAGS, Uint8Array.of(flags, 0, 0, 0)), END] : [];
  return block(Capture.ENHANCED_PACKET, [new Uint8Array(head.buffer), frame, padding, ...options]);
}

/** The end of a list of options. */
const END = new Uint8Array(4);

function option(code: number, value: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4 + Math.ceil(value.length / 4) * 4);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, code, true);
  view.setUint16(2, value.length, true);
  bytes.set(value, 4);
  return bytes;
}

function block(type: number, body: readonly Uint8Array[]): Uint8Array {
  const length = body.reduce((sum, part) => sum + part.length, Capture.BLOCK_BYTES_MIN);
  const head = new DataView(new ArrayBuffer(8));
  head.setUint32(0, type, true);
  head.setUint32(4, length, true);
  return concat([new Uint8Array(head.buffer), ...body, new Uint8Array(head.buffer, 4)]);
}

function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

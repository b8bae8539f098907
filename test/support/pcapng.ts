/** pcapng as far as tests need it: one section, Ethernet interfaces with names, enhanced packets with a direction. */

import { concat, text } from "./bytes.ts";

export interface CapturedFrame {
  /** The interface's name. */
  readonly link: string;
  /** Nanoseconds since 1970. */
  readonly time: bigint;
  readonly outbound: boolean;
  readonly frame: Uint8Array;
}

const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE = 1;
const ENHANCED_PACKET = 6;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const ETHERNET = 1;
const OPTION_NAME = 2;
const OPTION_RESOLUTION = 9;
const OPTION_FLAGS = 2;
const NANOSECONDS = 9;
const INBOUND = 1;
const OUTBOUND = 2;

/** The file that holds these frames, in this order, on these interfaces. */
export function writePcapng(links: readonly string[], frames: readonly CapturedFrame[]): Uint8Array {
  const section = concat(word(BYTE_ORDER_MAGIC), [1, 0, 0, 0], word(0xffffffff), word(0xffffffff));
  const interfaces = links.map((name) =>
    block(
      INTERFACE,
      concat(
        [ETHERNET, 0, 0, 0],
        word(0),
        option(OPTION_NAME, text(name)),
        option(OPTION_RESOLUTION, [NANOSECONDS]),
        word(0),
      ),
    ),
  );
  const packets = frames.map((captured) => enhancedPacket(links, captured));
  return concat(block(SECTION_HEADER, section), ...interfaces, ...packets);
}

/** The block that holds one frame. */
export function enhancedPacket(links: readonly string[], captured: CapturedFrame): Uint8Array {
  return block(ENHANCED_PACKET, packetBody(links, captured));
}

/**
 * The frames of a little-endian file with nanosecond interfaces, as writePcapng() writes it. Of blocks without the
 * file's head, as the engine writes them, `links` are the interfaces.
 */
export function readPcapng(file: Uint8Array, links: readonly string[] = []): CapturedFrame[] {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const names = [...links];
  const frames: CapturedFrame[] = [];
  for (let at = 0; at < file.length; at += view.getUint32(at + 4, true)) {
    const type = view.getUint32(at, true);
    if (type === INTERFACE) names.push(interfaceName(file.subarray(at + 16), names.length));
    if (type === ENHANCED_PACKET) frames.push(readPacket(view, file, at, names));
  }
  return frames;
}

function packetBody(links: readonly string[], { link, time, outbound, frame }: CapturedFrame): Uint8Array {
  const padding = new Uint8Array(-frame.length & 3);
  return concat(
    word(links.indexOf(link)),
    word(Number(time >> 32n)),
    word(Number(time & 0xffffffffn)),
    word(frame.length),
    word(frame.length),
    frame,
    padding,
    option(OPTION_FLAGS, word(outbound ? OUTBOUND : INBOUND)),
    word(0),
  );
}

function readPacket(view: DataView, file: Uint8Array, at: number, names: readonly string[]): CapturedFrame {
  const frameBytes = view.getUint32(at + 20, true);
  const time = (BigInt(view.getUint32(at + 12, true)) << 32n) | BigInt(view.getUint32(at + 16, true));
  const frame = file.slice(at + 28, at + 28 + frameBytes);
  return { link: names[view.getUint32(at + 8, true)]!, time, outbound: true, frame };
}

/** The name among an interface's options; its number when it has none. */
function interfaceName(options: Uint8Array, number: number): string {
  const view = new DataView(options.buffer, options.byteOffset, options.length);
  for (let at = 0; at + 4 <= options.length; ) {
    const [code, bytes] = [view.getUint16(at, true), view.getUint16(at + 2, true)];
    if (code === 0) break;
    if (code === OPTION_NAME) return new TextDecoder().decode(options.subarray(at + 4, at + 4 + bytes));
    at += 4 + ((bytes + 3) & ~3);
  }
  return String(number);
}

function block(type: number, body: Uint8Array): Uint8Array {
  const total = word(body.length + 12);
  return concat(word(type), total, body, total);
}

function option(code: number, value: ArrayLike<number>): Uint8Array {
  return concat([code, 0, value.length, 0], value, new Uint8Array(-value.length & 3));
}

function word(value: number): Uint8Array {
  return Uint8Array.of(value, value >> 8, value >> 16, value >> 24);
}

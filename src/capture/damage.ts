/** Says in words what is wrong with a capture, and where. */

import * as Capture from "../../assembly/layout/capture.ts";
import type { Problem } from "../manifest/types.ts";
import type { Refusal } from "./header.ts";

/** A problem with its place in the file. `cutAt`: everything before that offset is a whole capture. */
export function problemAt(name: string, offset: number, { message, remedy }: Refusal, cutAt?: number): Problem {
  const advice =
    remedy ??
    (cutAt === undefined
      ? undefined
      : `what stands before it has been read; to keep only that: head -c ${cutAt} FILE > NEW`);
  return {
    severity: "error",
    message: `${name}: at byte ${offset}: ${message}`,
    ...(advice === undefined ? {} : { remedy: advice }),
  };
}

/** Why the engine's walker stopped at a record with WALK_ERROR: the record's first bytes tell. */
export function explainDamage(bytes: Uint8Array, format: number): Refusal {
  const littleEndian = !(format & Capture.CAPTURE_SWAPPED);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const word = (at: number) => view.getUint32(at, littleEndian);
  if (!(format & Capture.CAPTURE_PCAPNG)) {
    return {
      message: `a record of ${word(Capture.RECORD_FRAME_BYTES)} bytes, where ${Capture.FRAME_BYTES_MAX} is the most`,
    };
  }
  const type = word(Capture.BLOCK_TYPE);
  const length = word(Capture.BLOCK_BYTES);
  const block = `a block of type ${type}`;
  if (length < Capture.BLOCK_BYTES_MIN || length % 4 !== 0 || length > Capture.BLOCK_BYTES_MAX) {
    return { message: `${block} with the impossible length ${length}` };
  }
  const trailer = word(length - 4);
  if (trailer !== length) return { message: `${block} whose two lengths differ: ${length} and ${trailer}` };
  return explainPacket(block, type, length, word, (at) => view.getUint16(at, littleEndian));
}

function explainPacket(
  block: string,
  type: number,
  length: number,
  word: (at: number) => number,
  half: (at: number) => number,
): Refusal {
  if (type === Capture.SIMPLE_PACKET)
    return { message: `${block} of ${length} bytes that its interface and packet do not agree with` };
  if (length < Capture.PACKET_BYTES_MIN) return { message: `${block} of only ${length} bytes` };
  const frameBytes = word(Capture.PACKET_FRAME_BYTES);
  if (frameBytes > length - Capture.PACKET_BYTES_MIN)
    return { message: `${block} of ${length} bytes with a frame of ${frameBytes}` };
  if (frameBytes > Capture.FRAME_BYTES_MAX) {
    return { message: `${block} with a frame of ${frameBytes} bytes, where ${Capture.FRAME_BYTES_MAX} is the most` };
  }
  const index = type === Capture.OLD_PACKET ? half(Capture.PACKET_INTERFACE) : word(Capture.PACKET_INTERFACE);
  return { message: `${block} from interface ${index}, which the section does not describe` };
}

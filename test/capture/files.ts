/** Capture files byte by byte, in either byte order, right or wrong as a test wants them. */

import { concat } from "../support/bytes.ts";

export interface Order {
  readonly little: boolean;
}

/** Numbers in a byte order. */
export function words({ little }: Order, ...values: number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * 4));
  for (const [index, value] of values.entries()) view.setUint32(index * 4, value, little);
  return new Uint8Array(view.buffer);
}

export function halves({ little }: Order, ...values: number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * 2));
  for (const [index, value] of values.entries()) view.setUint16(index * 2, value, little);
  return new Uint8Array(view.buffer);
}

export const MICROSECOND_MAGIC = 0xa1b2c3d4;
export const NANOSECOND_MAGIC = 0xa1b23c4d;
export const MODIFIED_MAGIC = 0xa1b2cd34;

export interface PcapRecord {
  readonly seconds: number;
  readonly fraction: number;
  readonly frame: Uint8Array;
  readonly wireBytes?: number;
}

export interface PcapFields extends Order {
  readonly magic?: number;
  readonly minor?: number;
  readonly linkType?: number;
}

export function pcapFile(fields: PcapFields, records: readonly PcapRecord[]): Uint8Array {
  const header = [
    words(fields, fields.magic ?? MICROSECOND_MAGIC),
    halves(fields, 2, fields.minor ?? 4),
    words(fields, 0, 0, 65535, fields.linkType ?? 1),
  ];
  return concat(...header, ...records.map((record) => pcapRecord(fields, record)));
}

function pcapRecord(
  fields: PcapFields,
  { seconds, fraction, frame, wireBytes = frame.length }: PcapRecord,
): Uint8Array {
  const lengths = (fields.minor ?? 4) < 3 ? [wireBytes, frame.length] : [frame.length, wireBytes];
  const extra = fields.magic === MODIFIED_MAGIC ? new Uint8Array(8) : [];
  return concat(words(fields, seconds, fraction, ...lengths), extra, frame);
}

/** Any pcapng block around a body that is padded to four bytes. */
export function block(order: Order, type: number, ...body: ArrayLike<number>[]): Uint8Array {
  const inside = padded(concat(...body));
  const length = words(order, inside.length + 12);
  return concat(words(order, type), length, inside, length);
}

export function option(order: Order, code: number, value: ArrayLike<number>): Uint8Array {
  return concat(halves(order, code, value.length), padded(concat(value)));
}

export function section(order: Order): Uint8Array {
  return block(order, 0x0a0d0d0a, words(order, 0x1a2b3c4d), halves(order, 1, 0), words(order, 0xffffffff, 0xffffffff));
}

export function description(order: Order, linkType: number, snaplen = 0, ...options: Uint8Array[]): Uint8Array {
  return block(order, 1, halves(order, linkType, 0), words(order, snaplen), ...options);
}

export interface EnhancedFields {
  readonly interface?: number;
  readonly time?: bigint;
  readonly frame: Uint8Array;
  readonly wireBytes?: number;
  readonly options?: readonly Uint8Array[];
}

export function enhanced(order: Order, fields: EnhancedFields): Uint8Array {
  const { frame, time = 0n, wireBytes = frame.length, options = [] } = fields;
  const head = words(
    order,
    fields.interface ?? 0,
    Number(time >> 32n),
    Number(time & 0xffffffffn),
    frame.length,
    wireBytes,
  );
  return block(order, 6, head, padded(frame), ...options);
}

export function padded(bytes: Uint8Array): Uint8Array {
  return concat(bytes, new Uint8Array(-bytes.length & 3));
}

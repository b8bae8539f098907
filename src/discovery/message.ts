/** A DNS message that goes out. dns-packet writes records; owner names that were written before become pointers, as RFC 1035 has it. */

import { type Answer, encode } from "dns-packet";
import { HEADER_BYTES, type Header } from "./query.ts";
import type { DnsRecord } from "./types.ts";

/** Bits of the header's flags. */
export const QR = 0x8000;
export const AA = 0x0400;
export const TC = 0x0200;
export const RD = 0x0100;
export const CD = 0x0010;
const OPCODE = 0x7800;

const COUNTS = 4;
const POINTER = 0xc000;
/** Pointers have 14 bits. */
const POINTED_BYTES_MAX = 0x3fff;

export interface Sections {
  readonly answers: readonly DnsRecord[];
  readonly authorities: readonly DnsRecord[];
  readonly additionals: readonly DnsRecord[];
}

/** A header alone: what remains to be said when the question was not understood. */
export function bareMessage({ id, flags }: Header, code: number): Buffer {
  const message = Buffer.alloc(HEADER_BYTES);
  message.writeUInt16BE(id, 0);
  message.writeUInt16BE(QR | (flags & (OPCODE | RD)) | code, 2);
  return message;
}

/**
 * Records are added until one does not fit: it and all behind it are left out, and TC says so. The options of EDNS, which
 * come last, always have their place.
 */
export function fullMessage(
  { id, flags }: Header,
  question: { readonly name: string; readonly bytes: Uint8Array },
  sections: Sections,
  options: Answer | undefined,
  bytesMax: number,
): Buffer {
  const names = new Map<string, number>();
  const tail = options === undefined ? Buffer.alloc(0) : recordBytes(options, Buffer.of(0));
  const pieces: Uint8Array[] = [Buffer.alloc(HEADER_BYTES), question.bytes];
  let bytes = HEADER_BYTES + question.bytes.length;
  rememberName(names, question.name, HEADER_BYTES);
  let isTruncated = false;
  const counts = [sections.answers, sections.authorities, sections.additionals].map((records) => {
    let count = 0;
    for (const record of records) {
      const piece = recordBytes(record as Answer, ownerBytes(names, record.name));
      isTruncated ||= bytes + piece.length + tail.length > bytesMax;
      if (isTruncated) break;
      rememberName(names, record.name, bytes);
      pieces.push(piece);
      bytes += piece.length;
      count += 1;
    }
    return count;
  });
  const message = Buffer.concat([...pieces, tail]);
  message.writeUInt16BE(id, 0);
  message.writeUInt16BE(QR | flags | (isTruncated ? TC : 0), 2);
  const [answers = 0, authorities = 0, additionals = 0] = counts;
  const written = [1, answers, authorities, additionals + (options === undefined ? 0 : 1)];
  for (const [index, count] of written.entries()) message.writeUInt16BE(count, COUNTS + 2 * index);
  return message;
}

/** dns-packet's message of this one record, without its header and with another owner name. */
function recordBytes(record: Answer, owner: Uint8Array): Buffer {
  const alone = encode({ type: "response", answers: [{ ...record, name: "." }] });
  return Buffer.concat([owner, alone.subarray(HEADER_BYTES + 1)]);
}

/** Labels up to the first ending that stands in the message already. */
function ownerBytes(names: ReadonlyMap<string, number>, name: string): Buffer {
  const pieces: Buffer[] = [];
  let rest = name;
  while (rest !== "" && rest !== ".") {
    const known = names.get(rest);
    if (known !== undefined) {
      const pointer = Buffer.alloc(2);
      pointer.writeUInt16BE(POINTER | known, 0);
      return Buffer.concat([...pieces, pointer]);
    }
    const [label, behind] = firstLabel(rest);
    pieces.push(Buffer.of(label.length), label);
    rest = behind;
  }
  return Buffer.concat([...pieces, Buffer.of(0)]);
}

/** Every ending of a name that begins at `offset`; the first place of each stays. */
function rememberName(names: Map<string, number>, name: string, offset: number): void {
  let at = offset;
  let rest = name;
  while (rest !== "" && rest !== "." && at <= POINTED_BYTES_MAX && !names.has(rest)) {
    names.set(rest, at);
    const [label, behind] = firstLabel(rest);
    at += 1 + label.length;
    rest = behind;
  }
}

/** As bytes, and the text behind its dot. What is escaped stands for itself. */
function firstLabel(name: string): [Buffer, string] {
  const label = /^(?:\\.|[^.\\])*/s.exec(name)?.[0] ?? "";
  return [Buffer.from(label.replaceAll(/\\(.)/gs, "$1"), "latin1"), name.slice(label.length + 1)];
}

/**
 * A DNS message that came in: its header, its one question and its EDNS options.
 *
 *      0  u16  id
 *      2  u16  QR(1) opcode(4) AA TC RD RA Z AD CD rcode(4)
 *      4  u16  number of questions, then of answers, authorities, additionals
 *     12       the question: labels (a length byte and that many bytes each), 0, u16 type, u16 class
 */

import { type DecodedPacket, decode } from "dns-packet";

export const HEADER_BYTES = 12;
const FLAGS = 2;
const QUESTIONS = 4;
const ANSWERS = 6;
const AUTHORITIES = 8;
const ADDITIONALS = 10;
const TYPE_AND_CLASS_BYTES = 4;
const LABEL_BYTES_MAX = 63;
const NAME_BYTES_MAX = 255;

/** miekg/dns, which CoreDNS is built on, lets no query through that has more (DefaultMsgAcceptFunc). */
const RECORDS_MAX = { answers: 1, authorities: 1, additionals: 2 };

export interface Header {
  readonly id: number;
  readonly isResponse: boolean;
  readonly opcode: number;
  readonly flags: number;
}

export interface Query {
  readonly name: string;
  readonly type: number;
  readonly class: number;
  /** As it came, to be sent back. */
  readonly question: Uint8Array;
  readonly edns?: { readonly version: number; readonly udpBytes: number; readonly dnssecOk: boolean };
}

export function headerOf(message: Buffer): Header | undefined {
  if (message.length < HEADER_BYTES) return undefined;
  const flags = message.readUInt16BE(FLAGS);
  return { id: message.readUInt16BE(0), isResponse: flags >> 15 === 1, opcode: (flags >> 11) & 0xf, flags };
}

/** undefined for a message that is malformed or asks anything but one question. The header is known to be there. */
export function queryOf(message: Buffer): Query | undefined {
  if (message.readUInt16BE(QUESTIONS) !== 1) return undefined;
  if (message.readUInt16BE(ANSWERS) > RECORDS_MAX.answers) return undefined;
  if (message.readUInt16BE(AUTHORITIES) > RECORDS_MAX.authorities) return undefined;
  if (message.readUInt16BE(ADDITIONALS) > RECORDS_MAX.additionals) return undefined;
  const name = nameOf(message);
  const packet = decoded(message);
  if (name === undefined || packet === undefined) return undefined;
  const option = packet.additionals?.find((record) => record.type === "OPT");
  const { ednsVersion: version = 0, udpPayloadSize: udpBytes = 0, flag_do: dnssecOk = false } = option ?? {};
  return {
    name: name.text,
    type: message.readUInt16BE(name.end),
    class: message.readUInt16BE(name.end + 2),
    question: message.subarray(HEADER_BYTES, name.end + TYPE_AND_CLASS_BYTES),
    ...(option === undefined ? {} : { edns: { version, udpBytes, dnssecOk } }),
  };
}

/** A byte is a character; a dot within a label is escaped, so that it is not taken for the end of one (RFC 1035 5.1). */
function nameOf(message: Buffer): { readonly text: string; readonly end: number } | undefined {
  let text = "";
  let at = HEADER_BYTES;
  for (;;) {
    const bytes = message[at] ?? LABEL_BYTES_MAX + 1;
    if (bytes > LABEL_BYTES_MAX || at - HEADER_BYTES + bytes >= NAME_BYTES_MAX) return undefined;
    at += 1;
    if (bytes === 0) break;
    text += `${message.toString("latin1", at, at + bytes).replaceAll(/[.\\]/g, "\\$&")}.`;
    at += bytes;
  }
  return at + TYPE_AND_CLASS_BYTES > message.length ? undefined : { text: text || ".", end: at };
}

/** dns-packet throws at what it cannot read: that is an answer here, not a failure. */
function decoded(message: Buffer): DecodedPacket | undefined {
  try {
    return decode(message);
  } catch {
    return undefined;
  }
}

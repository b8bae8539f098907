/** From a query's bytes to the bytes of its answer, as CoreDNS and the server beneath it (miekg/dns) decide. */

import type { OptAnswer } from "dns-packet";
import { answerQuestion } from "./answer.ts";
import type { Directory } from "./directory.ts";
import { AA, bareMessage, CD, fullMessage, RD, type Sections } from "./message.ts";
import { type Header, headerOf, type Query, queryOf } from "./query.ts";
import type { DnsAnswer, ResponseCode, ZoneOptions } from "./types.ts";

export type Transport = "udp" | "tcp";

const CODES: Readonly<Record<ResponseCode, number>> = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
};
/** RFC 6891, section 9: the code is 16, its upper 8 bits stand in the OPT record. */
const BADVERS_UPPER_BITS = 1;
const OPCODE_QUERY = 0;
const CLASS_IN = 1;
/** RFC 1035, section 4.2.1. */
const UDP_BYTES_DEFAULT = 512;
/** What a datagram over IPv4 can hold. */
const UDP_BYTES_MAX = 65507;
const TCP_BYTES_MAX = 65535;
const DNSSEC_OK = 0x8000;
const NO_RECORDS: Sections = { answers: [], authorities: [], additionals: [] };

/** Numbers of the types that questions are about (IANA); the others have no records here. */
const TYPES: Readonly<Record<number, string>> = {
  1: "A",
  2: "NS",
  5: "CNAME",
  6: "SOA",
  12: "PTR",
  16: "TXT",
  28: "AAAA",
  33: "SRV",
};

/** undefined: what is no query, or too short for one, gets no answer, so that servers do not answer each other. */
export function respond(
  directory: Directory,
  zone: ZoneOptions,
  message: Buffer,
  transport: Transport,
): Buffer | undefined {
  const header = headerOf(message);
  if (header === undefined || header.isResponse) return undefined;
  if (header.opcode !== OPCODE_QUERY) return bareMessage(header, CODES.NOTIMP);
  const query = queryOf(message);
  if (query === undefined) return bareMessage(header, CODES.FORMERR);
  if (query.edns !== undefined && query.edns.version !== 0) {
    return written(header, query, 0, NO_RECORDS, transport, BADVERS_UPPER_BITS);
  }
  const answer = answerTo(directory, zone, query);
  const flags = CODES[answer.code] | (answer.authoritative ? AA : 0);
  return written(header, query, flags, answer, transport);
}

function answerTo(directory: Directory, zone: ZoneOptions, query: Query): DnsAnswer {
  if (query.class !== CLASS_IN) return { code: "REFUSED", authoritative: false, ...NO_RECORDS };
  return answerQuestion(directory, zone, { name: query.name, type: TYPES[query.type] ?? `TYPE${query.type}` });
}

function written(
  header: Header,
  { name, question, edns }: Query,
  flags: number,
  sections: Sections,
  transport: Transport,
  codeUpperBits = 0,
): Buffer {
  const udpBytes = Math.min(Math.max(edns?.udpBytes ?? 0, UDP_BYTES_DEFAULT), UDP_BYTES_MAX);
  const options = edns === undefined ? undefined : optRecord(edns, codeUpperBits);
  const answerHeader = { ...header, flags: flags | (header.flags & (RD | CD)) };
  const bytesMax = transport === "tcp" ? TCP_BYTES_MAX : udpBytes;
  return fullMessage(answerHeader, { name, bytes: question }, sections, options, bytesMax);
}

/** The client's own size and DO bit back (CoreDNS, request.SizeAndDo); options that nobody here knows are left out. */
function optRecord({ udpBytes, dnssecOk }: NonNullable<Query["edns"]>, extendedRcode: number): OptAnswer {
  return {
    type: "OPT",
    name: ".",
    udpPayloadSize: Math.max(udpBytes, UDP_BYTES_DEFAULT),
    extendedRcode,
    ednsVersion: 0,
    flags: dnssecOk ? DNSSEC_OK : 0,
    flag_do: dnssecOk,
    options: [],
  };
}

/** A packet taken apart into named values, so that a difference can be told by its field (tshark's names). */

import { ICMP, ICMP6, SCTP, TCP, UDP } from "../../assembly/layout/protocol.ts";
import { formatAddress } from "../network/address.ts";

export type Fields = ReadonlyMap<string, string>;

/** `bytes` is an IP packet. What is cut is left out; what has no name is the payload. */
export function fieldsOf(bytes: Uint8Array): Fields {
  const fields = new Map<string, string>();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 20) return fields.set("payload", hex(bytes));
  if (bytes[0]! >> 4 === 6) ip6(fields, view, bytes);
  else ip4(fields, view, bytes);
  return fields;
}

/** One line for people: addresses, ports, and what a protocol's reader looks at first. */
export function describe(bytes: Uint8Array): string {
  const fields = fieldsOf(bytes);
  const field = (name: string) => fields.get(name);
  const port = (name: string) => (field(name) === undefined ? "" : `.${field(name)}`);
  const ends = `${field("ip.src") ?? "?"}${port("sport")} > ${field("ip.dst") ?? "?"}${port("dport")}`;
  const told = ["ip.proto", "tcp.flags", "tcp.seq", "tcp.ack", "icmp.type", "icmp.code", "ip.id", "ip.ttl", "ip.len"];
  const details = told.filter((name) => field(name) !== undefined).map((name) => `${name}=${field(name)}`);
  return `${ends} ${details.join(" ")}`;
}

const IP4_HEADER = 20;
const IP6_HEADER = 40;
const FRAGMENT = 44;

function ip4(fields: Map<string, string>, view: DataView, bytes: Uint8Array): void {
  const header = Math.max(IP4_HEADER, (bytes[0]! & 15) * 4);
  const fragment = view.getUint16(6);
  set(fields, "ip.tos", view.getUint8(1));
  set(fields, "ip.len", view.getUint16(2));
  set(fields, "ip.id", view.getUint16(4));
  set(fields, "ip.flags", fragment >> 13);
  set(fields, "ip.frag_offset", (fragment & 0x1fff) * 8);
  set(fields, "ip.ttl", view.getUint8(8));
  set(fields, "ip.proto", view.getUint8(9));
  set(fields, "ip.checksum", view.getUint16(10));
  fields.set("ip.src", formatAddress(bytes.subarray(12, 16)));
  fields.set("ip.dst", formatAddress(bytes.subarray(16, 20)));
  if (header > IP4_HEADER) fields.set("ip.options", hex(bytes.subarray(IP4_HEADER, header)));
  const rest = bytes.subarray(header);
  if ((fragment & 0x1fff) !== 0) fields.set("payload", hex(rest));
  else transport(fields, view.getUint8(9), rest);
}

function ip6(fields: Map<string, string>, view: DataView, bytes: Uint8Array): void {
  if (bytes.length < IP6_HEADER) return;
  set(fields, "ip.tos", (view.getUint16(0) >> 4) & 0xff);
  set(fields, "ip.flow", view.getUint32(0) & 0xfffff);
  set(fields, "ip.len", view.getUint16(4));
  set(fields, "ip.proto", view.getUint8(6));
  set(fields, "ip.ttl", view.getUint8(7));
  fields.set("ip.src", formatAddress(bytes.subarray(8, 24)));
  fields.set("ip.dst", formatAddress(bytes.subarray(24, 40)));
  const next = view.getUint8(6);
  if (next === FRAGMENT && bytes.length >= IP6_HEADER + 8) {
    fields.set("ip.fragment", hex(bytes.subarray(IP6_HEADER, IP6_HEADER + 4)));
    const first = (view.getUint16(IP6_HEADER + 2) & 0xfff8) === 0;
    if (first) transport(fields, view.getUint8(IP6_HEADER), bytes.subarray(IP6_HEADER + 8));
    else fields.set("payload", hex(bytes.subarray(IP6_HEADER + 8)));
    return;
  }
  transport(fields, next, bytes.subarray(IP6_HEADER));
}

function transport(fields: Map<string, string>, protocol: number, bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let header = 0;
  if (protocol === TCP && bytes.length >= 20) header = tcp(fields, view, bytes);
  else if (protocol === UDP && bytes.length >= 8) header = udp(fields, view);
  else if (protocol === SCTP && bytes.length >= 12) header = sctp(fields, view);
  else if ((protocol === ICMP || protocol === ICMP6) && bytes.length >= 8) header = icmp(fields, view);
  fields.set("payload", hex(bytes.subarray(header)));
}

function tcp(fields: Map<string, string>, view: DataView, bytes: Uint8Array): number {
  const header = Math.max(20, (view.getUint8(12) >> 4) * 4);
  ports(fields, view);
  set(fields, "tcp.seq", view.getUint32(4));
  set(fields, "tcp.ack", view.getUint32(8));
  fields.set("tcp.flags", `0x${(view.getUint16(12) & 0xfff).toString(16)}`);
  set(fields, "tcp.window", view.getUint16(14));
  set(fields, "tcp.checksum", view.getUint16(16));
  set(fields, "tcp.urgent", view.getUint16(18));
  fields.set("tcp.options", hex(bytes.subarray(20, header)));
  return header;
}

function udp(fields: Map<string, string>, view: DataView): number {
  ports(fields, view);
  set(fields, "udp.length", view.getUint16(4));
  set(fields, "udp.checksum", view.getUint16(6));
  return 8;
}

function sctp(fields: Map<string, string>, view: DataView): number {
  ports(fields, view);
  set(fields, "sctp.tag", view.getUint32(4));
  set(fields, "sctp.checksum", view.getUint32(8));
  return 12;
}

function icmp(fields: Map<string, string>, view: DataView): number {
  set(fields, "icmp.type", view.getUint8(0));
  set(fields, "icmp.code", view.getUint8(1));
  set(fields, "icmp.checksum", view.getUint16(2));
  set(fields, "icmp.rest", view.getUint32(4));
  return 8;
}

function ports(fields: Map<string, string>, view: DataView): void {
  set(fields, "sport", view.getUint16(0));
  set(fields, "dport", view.getUint16(2));
}

function set(fields: Map<string, string>, name: string, value: number): void {
  fields.set(name, String(value));
}

export function hex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return text;
}

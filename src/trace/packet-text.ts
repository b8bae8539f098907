/** A packet in one line, in tcpdump's manner: `IP 10.0.0.1.40000 > 10.96.0.10.80: Flags [S], seq 1, win 64240, length 0`. */

import * as Wire from "../../assembly/layout/wire.ts";
import { type PacketHeader, readHeader, transportOf } from "../replay/header.ts";

const TCP_FLAGS: readonly (readonly [bit: number, letter: string])[] = [
  [Wire.TCP_FIN, "F"],
  [Wire.TCP_SYN, "S"],
  [Wire.TCP_RST, "R"],
  [Wire.TCP_PSH, "P"],
  [Wire.TCP_ACK, "."],
  [Wire.TCP_URG, "U"],
  [Wire.TCP_ECE, "E"],
  [Wire.TCP_CWR, "W"],
];
const ICMP4_TYPES: Readonly<Record<number, string>> = {
  0: "echo reply",
  3: "unreachable",
  5: "redirect",
  8: "echo request",
  11: "time exceeded",
  12: "parameter problem",
};
const ICMP4_UNREACHABLE: Readonly<Record<number, string>> = {
  0: "net unreachable",
  1: "host unreachable",
  2: "protocol unreachable",
  3: "port unreachable",
  4: "fragmentation needed",
  9: "net prohibited",
  10: "host prohibited",
  13: "admin prohibited",
};
const ICMP6_TYPES: Readonly<Record<number, string>> = {
  1: "unreachable",
  2: "packet too big",
  3: "time exceeded",
  4: "parameter problem",
  128: "echo request",
  129: "echo reply",
};
const ICMP6_UNREACHABLE: Readonly<Record<number, string>> = {
  0: "no route",
  1: "admin prohibited",
  3: "address unreachable",
  4: "port unreachable",
};
const CHUNKS: Readonly<Record<number, string>> = {
  0: "DATA",
  1: "INIT",
  2: "INIT ACK",
  3: "SACK",
  4: "HEARTBEAT",
  5: "HEARTBEAT ACK",
  6: "ABORT",
  7: "SHUTDOWN",
  8: "SHUTDOWN ACK",
  10: "COOKIE ECHO",
  11: "COOKIE ACK",
  14: "SHUTDOWN COMPLETE",
};
const UDP_HEADER = 8;

/** `bytes`: the packet's whole length, of which `packet` may be the beginning. */
export function packetText(packet: Uint8Array, bytes = packet.length): string {
  const header = readHeader(packet);
  if (header === undefined) return `no IP packet, length ${bytes}`;
  const family = header.src.includes(":") ? "IP6" : "IP";
  const end = (address: string, port: number | undefined) => (port === undefined ? address : `${address}.${port}`);
  const hasPorts = header.dport !== undefined;
  const ends = `${end(header.src, hasPorts ? header.sport : undefined)} > ${end(header.dst, header.dport)}`;
  return `${family} ${ends}: ${bodyText(header, packet, bytes)}`;
}

function bodyText({ proto, dport, sport }: PacketHeader, packet: Uint8Array, bytes: number): string {
  const { at } = transportOf(packet);
  const view = new DataView(packet.buffer, packet.byteOffset, packet.length);
  const payload = bytes - at;
  const isThere = (count: number) => at + count <= packet.length;
  if (proto === "tcp" && dport !== undefined && isThere(Wire.TCP_SIZE)) return tcpText(view, at, payload);
  if (proto === "udp" && dport !== undefined) return `UDP, length ${payload - UDP_HEADER}`;
  if (proto === "sctp" && dport !== undefined && isThere(Wire.SCTP_CHUNKS + 1)) {
    return `sctp [${CHUNKS[view.getUint8(at + Wire.SCTP_CHUNKS)] ?? "chunk"}], length ${payload - Wire.SCTP_CHUNKS}`;
  }
  if ((proto === "icmp" || proto === "icmpv6") && sport !== undefined) return icmpText(proto, view, at, payload);
  return dport === undefined && payload > 0 ? `${proto}, length ${payload}` : `${proto} ${payload}`;
}

function tcpText(view: DataView, at: number, payload: number): string {
  const flags = view.getUint8(at + Wire.TCP_FLAGS);
  const headerBytes = (view.getUint8(at + Wire.TCP_FLAGS - 1) >> 4) * 4;
  const length = Math.max(0, payload - headerBytes);
  const letters = TCP_FLAGS.filter(([bit]) => (flags & bit) !== 0).map(([, letter]) => letter);
  const sequence = view.getUint32(at + Wire.TCP_SEQUENCE);
  const seq = length > 0 ? `${sequence}:${(sequence + length) >>> 0}` : String(sequence);
  const words = [`Flags [${letters.join("") || "none"}]`, `seq ${seq}`];
  if ((flags & Wire.TCP_ACK) !== 0) words.push(`ack ${view.getUint32(at + Wire.TCP_ACKNOWLEDGED)}`);
  words.push(`win ${view.getUint16(at + Wire.TCP_WINDOW)}`, `length ${length}`);
  return words.join(", ");
}

function icmpText(proto: string, view: DataView, at: number, payload: number): string {
  const type = view.getUint8(at + Wire.ICMP_TYPE);
  const code = view.getUint8(at + Wire.ICMP_CODE);
  const isIp4 = proto === "icmp";
  const name = (isIp4 ? ICMP4_TYPES : ICMP6_TYPES)[type] ?? `type ${type}`;
  const family = isIp4 ? "ICMP" : "ICMP6";
  if (name.startsWith("echo")) {
    const id = view.getUint16(at + Wire.ICMP_ID);
    return `${family} ${name}, id ${id}, seq ${view.getUint16(at + Wire.ICMP_SEQUENCE)}, length ${payload}`;
  }
  const detail = name === "unreachable" ? (isIp4 ? ICMP4_UNREACHABLE : ICMP6_UNREACHABLE)[code] : undefined;
  return `${family} ${detail ?? `${name}, code ${code}`}, length ${payload}`;
}

/** Reads a frame back into fields, tolerantly, so that tests can answer packets and say in one line what they saw. */

export interface Decoded {
  readonly family: 4 | 6;
  readonly src: string;
  readonly dst: string;
  /** TTL or hop limit. */
  readonly ttl: number;
  readonly protocol: number;
  readonly srcPort: number;
  readonly dstPort: number;
  /** The IP packet, and what stands behind its IP headers. */
  readonly packet: Uint8Array;
  readonly payload: Uint8Array;
}

const LINK_BYTES = 14;
const EXTENSIONS: ReadonlySet<number> = new Set([0, 43, 44, 60]);
const FRAGMENT = 44;
const NAMES: Readonly<Record<number, string>> = { 1: "icmp", 6: "tcp", 17: "udp", 58: "icmp6", 132: "sctp" };
const FLAG_LETTERS = "FSRPAUEW";

/** The packet in a frame; undefined when it is no IP packet with a whole header. */
export function decode(frame: Uint8Array): Decoded | undefined {
  return decodePacket(frame.subarray(LINK_BYTES));
}

/** The same without a link header. */
export function decodePacket(packet: Uint8Array): Decoded | undefined {
  const version = (packet[0] ?? 0) >> 4;
  if (version === 4 && packet.length >= 20) return decode4(packet);
  if (version === 6 && packet.length >= 40) return decode6(packet);
  return undefined;
}

/** One line about a frame, in tcpdump's manner. */
export function describeFrame(frame: Uint8Array): string {
  const decoded = decode(frame);
  if (decoded === undefined) return `${frame.length} bytes, no IP`;
  const { src, dst, srcPort, dstPort, ttl, protocol, payload, packet } = decoded;
  const name = NAMES[protocol] ?? `protocol ${protocol}`;
  if (protocol === 1 || protocol === 58) {
    return `${name} ${src} > ${dst} type ${payload[0]}/${payload[1]} ttl ${ttl} bytes ${packet.length}`;
  }
  const flags = protocol === 6 ? ` ${flagLetters(payload[13] ?? 0)}` : "";
  return `${name} ${src}.${srcPort} > ${dst}.${dstPort}${flags} ttl ${ttl} bytes ${packet.length}`;
}

/** Bytes as pairs of hexadecimal digits. */
export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function decode4(packet: Uint8Array): Decoded {
  const payload = packet.subarray((packet[0]! & 15) * 4);
  return {
    family: 4,
    src: packet.subarray(12, 16).join("."),
    dst: packet.subarray(16, 20).join("."),
    ttl: packet[8]!,
    protocol: packet[9]!,
    ...ports(payload),
    packet,
    payload,
  };
}

function decode6(packet: Uint8Array): Decoded {
  let protocol = packet[6]!;
  let at = 40;
  while (EXTENSIONS.has(protocol) && at + 8 <= packet.length) {
    const bytes = protocol === FRAGMENT ? 8 : (packet[at + 1]! + 1) * 8;
    protocol = packet[at]!;
    at += bytes;
  }
  const payload = packet.subarray(at);
  return {
    family: 6,
    src: ip6Text(packet.subarray(8, 24)),
    dst: ip6Text(packet.subarray(24, 40)),
    ttl: packet[7]!,
    protocol,
    ...ports(payload),
    packet,
    payload,
  };
}

function ports(payload: Uint8Array): { srcPort: number; dstPort: number } {
  const [a = 0, b = 0, c = 0, d = 0] = payload;
  return { srcPort: (a << 8) | b, dstPort: (c << 8) | d };
}

/** Uncompressed but for leading zeros: enough to read, and to be read back. */
function ip6Text(bytes: Uint8Array): string {
  return Array.from({ length: 8 }, (_, i) => ((bytes[2 * i]! << 8) | bytes[2 * i + 1]!).toString(16)).join(":");
}

function flagLetters(flags: number): string {
  return [...FLAG_LETTERS].filter((_, bit) => flags & (1 << bit)).join("") || "none";
}

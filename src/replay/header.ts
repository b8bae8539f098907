/** The few fields of a packet that people ask for: who talks to whom. Read, never checked: the engine has judged. */

import {
  DESTINATION_OPTIONS,
  FRAGMENT,
  HOP_BY_HOP,
  ICMP,
  ICMP6,
  ROUTING,
  SCTP,
  TCP,
  UDP,
} from "../../assembly/layout/protocol.ts";
import { protocolName } from "../engine/names.ts";
import { formatAddress } from "../network/address.ts";

export interface PacketHeader {
  readonly src: string;
  readonly dst: string;
  readonly proto: string;
  readonly sport?: number;
  readonly dport?: number;
}

const EXTENSIONS = new Set<number>([HOP_BY_HOP, ROUTING, DESTINATION_OPTIONS]);
const EXTENSIONS_MAX = 8;
const IP4_HEADER = 20;
const IP6_HEADER = 40;

/** Undefined: no IP packet, or one cut in its header. */
export function readHeader(packet: Uint8Array): PacketHeader | undefined {
  const version = (packet[0] ?? 0) >> 4;
  if (version === 4 && packet.length >= IP4_HEADER) return readIp4(packet);
  return version === 6 && packet.length >= IP6_HEADER ? readIp6(packet) : undefined;
}

/** What stands behind the IP header: its protocol, and where it starts. */
export interface Transport {
  readonly protocol: number;
  readonly at: number;
  /** A fragment but the first: nothing of the protocol's header is there. */
  readonly isLater: boolean;
}

export function transportOf(packet: Uint8Array): Transport {
  return packet[0]! >> 4 === 6 ? transport6(packet) : transport4(packet);
}

function readIp4(packet: Uint8Array): PacketHeader {
  const ends = { src: formatAddress(packet.subarray(12, 16)), dst: formatAddress(packet.subarray(16, 20)) };
  return { ...ends, ...protocolAndPorts(packet) };
}

function readIp6(packet: Uint8Array): PacketHeader {
  const ends = { src: formatAddress(packet.subarray(8, 24)), dst: formatAddress(packet.subarray(24, 40)) };
  return { ...ends, ...protocolAndPorts(packet) };
}

function protocolAndPorts(packet: Uint8Array): Omit<PacketHeader, "src" | "dst"> {
  const { protocol, at, isLater } = transportOf(packet);
  return { proto: protocolName(protocol), ...(isLater ? {} : ports(protocol, packet, at)) };
}

function transport4(packet: Uint8Array): Transport {
  const later = ((packet[6]! & 0x1f) << 8) | packet[7]!;
  return { protocol: packet[9]!, at: (packet[0]! & 15) * 4, isLater: later !== 0 };
}

function transport6(packet: Uint8Array): Transport {
  let protocol = packet[6]!;
  let at = IP6_HEADER;
  for (let depth = 0; depth < EXTENSIONS_MAX && at + 8 <= packet.length; depth++) {
    if (protocol === FRAGMENT) {
      const later = ((packet[at + 2]! << 8) | packet[at + 3]!) & 0xfff8;
      if (later !== 0) return { protocol: packet[at]!, at, isLater: true };
    } else if (!EXTENSIONS.has(protocol)) break;
    const bytes = protocol === FRAGMENT ? 8 : (packet[at + 1]! + 1) * 8;
    protocol = packet[at]!;
    at += bytes;
  }
  return { protocol, at, isLater: false };
}

/** Ports; of an ICMP query its identifier, as conntrack has it in the place of the source port. */
function ports(protocol: number, packet: Uint8Array, at: number): { sport?: number; dport?: number } {
  const number = (offset: number) => (packet[at + offset]! << 8) | packet[at + offset + 1]!;
  if (packet.length < at + 8) return {};
  if (protocol === TCP || protocol === UDP || protocol === SCTP) return { sport: number(0), dport: number(2) };
  return protocol === ICMP || protocol === ICMP6 ? { sport: number(4) } : {};
}

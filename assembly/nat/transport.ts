/** Rewrites ports and ICMP identifiers, and keeps the transport checksum as right or as wrong as it was (RFC 1624). */

import * as Protocol from "../layout/protocol";
import * as Wire from "../layout/wire";
import { Tuple } from "../conntrack/tuple";
import { replaceChecksum16, replaceChecksum32 } from "../wire/checksum";
import { crc32c } from "../wire/crc32c";
import { isIcmp4Query } from "../wire/icmp";
import { NAT_SRC } from "./range";

/** What an ICMP error quotes at least of a transport header: the ports are within. */
const PORTS_BYTES: u32 = 8;

/**
 * Puts the target's port into the transport header and accounts for it, and for the address that is about to change
 * from *`present` to *`wanted`, in the checksum. False: the header is too short, and nothing has been changed.
 */
export function rewriteTransport(
  address: usize, bytes: u32, transport: u32, target: Tuple, kind: u32, present: usize, wanted: usize,
): bool {
  const protocol = target.protocol;
  if (!isTouched(protocol)) return true;
  if (bytes < transport + PORTS_BYTES) return false;
  const header = address + transport;
  const left = bytes - transport;
  if (protocol == Protocol.GRE) return true;
  if (protocol == Protocol.ICMP) {
    rewriteIcmp(header, target);
  } else if (protocol == Protocol.ICMP6) {
    rewriteIcmp6(header, target, present, wanted);
  } else if (protocol == Protocol.SCTP) {
    rewritePort(header, target, kind);
    if (left >= Wire.SCTP_SIZE) sealSctp(header, left);
  } else if (protocol == Protocol.TCP) {
    const portDelta = rewritePort(header, target, kind);
    if (left >= Wire.TCP_SIZE) updateChecksum(header + Wire.TCP_CHECKSUM, target.family, present, wanted, portDelta);
  } else {
    rewriteUdp(header, target, kind, present, wanted);
  }
  return true;
}

/** GRE's header must be there, but its keys stay as they are without PPTP's helper (gre_manip_pkt). */
function isTouched(protocol: u32): bool {
  return (
    protocol == Protocol.GRE || protocol == Protocol.TCP || protocol == Protocol.UDP || protocol == Protocol.UDPLITE ||
    protocol == Protocol.SCTP || protocol == Protocol.ICMP || protocol == Protocol.ICMP6
  );
}

/** How many of the `left` bytes from a transport header on rewriteTransport() has at hand: of a cut one only the ports. */
export function rewrittenBytes(protocol: u32, left: u32): u32 {
  if (!isTouched(protocol)) return 0;
  if (protocol == Protocol.TCP && left >= Wire.TCP_SIZE) return Wire.TCP_SIZE;
  return protocol == Protocol.SCTP && left >= Wire.SCTP_SIZE ? Wire.SCTP_SIZE : PORTS_BYTES;
}

/** Returns the old port, and the new one in the upper half: what the checksum has to learn. */
function rewritePort(header: usize, target: Tuple, kind: u32): u32 {
  const at = kind == NAT_SRC ? header : header + Wire.DST_PORT;
  const fresh: u32 = kind == NAT_SRC ? target.srcPort : target.dstPort;
  const old: u32 = load<u16>(at);
  store<u16>(at, <u16>fresh);
  return old | (fresh << 16);
}

/** A UDP checksum of zero says that there is none, and stays so. */
function rewriteUdp(header: usize, target: Tuple, kind: u32, present: usize, wanted: usize): void {
  const hasChecksum = target.protocol == Protocol.UDPLITE || load<u16>(header, Wire.UDP_CHECKSUM) != 0;
  const portDelta = rewritePort(header, target, kind);
  if (!hasChecksum) return;
  updateChecksum(header + Wire.UDP_CHECKSUM, target.family, present, wanted, portDelta);
  if (load<u16>(header, Wire.UDP_CHECKSUM) == 0) store<u16>(header, 0xffff, Wire.UDP_CHECKSUM);
}

function rewriteIcmp(header: usize, target: Tuple): void {
  if (!isIcmp4Query(load<u8>(header))) return;
  rewriteIdentifier(header, target);
}

/** ICMPv6's checksum covers the addresses, so it changes even where the message has no identifier. */
function rewriteIcmp6(header: usize, target: Tuple, present: usize, wanted: usize): void {
  updateChecksum(header + Wire.ICMP_CHECKSUM, target.family, present, wanted, 0);
  const type: u32 = load<u8>(header);
  if (type == Wire.ICMP6_ECHO || type == Wire.ICMP6_ECHO_REPLY) rewriteIdentifier(header, target);
}

function rewriteIdentifier(header: usize, target: Tuple): void {
  const checksum: u32 = load<u16>(header, Wire.ICMP_CHECKSUM);
  const old: u32 = load<u16>(header, Wire.ICMP_ID);
  store<u16>(header, <u16>replaceChecksum16(checksum, old, target.srcPort), Wire.ICMP_CHECKSUM);
  store<u16>(header, <u16>target.srcPort, Wire.ICMP_ID);
}

/** `portDelta`: the old port, and the new one in the upper half. */
function updateChecksum(at: usize, family: u32, present: usize, wanted: usize, portDelta: u32): void {
  let checksum: u32 = load<u16>(at);
  const words: usize = family == 4 ? 4 : 16;
  for (let i: usize = 0; i < words; i += 4) {
    checksum = replaceChecksum32(checksum, load<u32>(present + i), load<u32>(wanted + i));
  }
  checksum = replaceChecksum16(checksum, portDelta & 0xffff, portDelta >> 16);
  store<u16>(at, <u16>checksum);
}

/** SCTP's CRC cannot be updated in part: it is computed over all that is there, even over a cut quote. */
function sealSctp(header: usize, bytes: u32): void {
  store<u32>(header, 0, Wire.SCTP_CHECKSUM);
  store<u32>(header, crc32c(header, bytes), Wire.SCTP_CHECKSUM);
}

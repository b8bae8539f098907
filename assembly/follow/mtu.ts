/**
 * Smaller links than the snapshot knows: an MTU that was changed while the capture ran, or that the node has learned of a
 * path, shows in what the node made of a packet that was too big: the ICMP error that names the MTU and quotes the
 * packet, or the first fragment of a packet that came whole. Whether it was refused for the link, before it lost a hop
 * (ip6_forward), or for the path behind all hooks (ip6_fragment), tells the quoted hop limit. An answer of the
 * node itself may be cut, too, and an error be shorter than errors are. Kept by the digest that NAT leaves alone; of those that share a few places the newest stay.
 */

import * as Protocol from "../layout/protocol";
import * as Wire from "../layout/wire";
import { ORIGIN_ENGINE, Packet } from "../packet";
import { isIcmp4Error } from "../wire/icmp";
import { Ip4Header } from "../wire/ip4";
import { anonymousDigest, keyDigest } from "./digest";
import { quotedPacket } from "./quoted";
import { isAboutNow } from "./ring";
import { countChoice } from "./trial";

@final @unmanaged
class Shown {
  digest: u32;
  /** 0: nothing has been shown here. */
  mtu: u32;
  time: u64;
  /** The TTL or hop limit with which the packet was refused; HOPS_ANY: it was cut. */
  hops: u32;
  /** A packet has been counted as following it. */
  isCounted: bool;
}

const PLACES: u32 = 1024;
/** Places that share the lower bits of their digests. */
const WAYS: u32 = 8;
const SHOWN_SIZE: u32 = 32;
const places: usize = memory.data(1024 * 32, 64);

if (offsetof<Shown>() > SHOWN_SIZE) ERROR("Shown is larger than its place");

const HOPS_ANY: u32 = 256;
/** Tells the length of the error about a packet from the MTU that the packet met. */
const ERROR_MARK: u32 = 0x80000000;

/** ICMP code. */
const FRAGMENTATION_NEEDED: u32 = 4;

/** Notes what an outbound packet, or first fragment, shows of the link that another packet was meant for. */
export function rememberMtu(packet: Packet): void {
  if (packet.moreFragments != 0) {
    remember(keyDigest(packet), packet.bytes, HOPS_ANY, packet.time);
    if (packet.family == 4) remember(anonymousDigest(packet), packet.bytes, HOPS_ANY, packet.time);
    return;
  }
  const header = packet.address + packet.transport;
  const bytes = packet.bytes - packet.transport;
  if (!isError(packet, header, bytes)) return;
  const quoted = quotedPacket(packet);
  if (quoted == null) return;
  if (isCut(quoted)) remember(keyDigest(quoted) ^ ERROR_MARK, packet.bytes, HOPS_ANY, packet.time);
  if (isTooBig(packet.family, header)) remember(keyDigest(quoted), bswap<u32>(load<u32>(header, Wire.ICMP_REST)), hopsOf(quoted), packet.time);
}

/** The MTU that the capture shows for a packet that is longer, at this place of its way; otherwise `mtu`. */
export function followedMtu(packet: Packet, mtu: u32): u32 {
  const digest = packet.origin == ORIGIN_ENGINE ? anonymousDigest(packet) : keyDigest(packet);
  const shown = shownBy(digest, packet.time);
  if (shown == null || shown.mtu >= min(mtu, packet.bytes)) return mtu;
  if (shown.hops != HOPS_ANY && shown.hops != hopsOf(packet)) return mtu;
  if (!shown.isCounted) countChoice(packet, true);
  shown.isCounted = true;
  return shown.mtu;
}

/** The length that the capture shows of the error about an IPv4 packet, if that is less than `bytes`; otherwise `bytes`. */
export function followedErrorBytes(cause: Packet, bytes: u32): u32 {
  const shown = shownBy(keyDigest(cause) ^ ERROR_MARK, cause.time);
  return shown == null ? bytes : min(shown.mtu, bytes);
}

function hopsOf(packet: Packet): u32 {
  return packet.family == 4 ? load<u8>(packet.address, Wire.IP4_TTL) : load<u8>(packet.address, Wire.IP6_HOP_LIMIT);
}

function remember(digest: u32, mtu: u32, hops: u32, time: u64): void {
  const shown = oldestPlace(digest);
  shown.digest = digest;
  shown.mtu = mtu;
  shown.hops = hops;
  shown.time = time;
  shown.isCounted = false;
}

/** What has been shown of a packet at about its time, or null. */
function shownBy(digest: u32, time: u64): Shown | null {
  for (let way: u32 = 0; way < WAYS; way++) {
    const shown = placeOf(digest, way);
    if (shown.mtu != 0 && shown.digest == digest && isAboutNow(shown.time, time)) return shown;
  }
  return null;
}

function oldestPlace(digest: u32): Shown {
  let oldest = placeOf(digest, 0);
  for (let way: u32 = 1; way < WAYS; way++) {
    const shown = placeOf(digest, way);
    if (shown.time < oldest.time) oldest = shown;
  }
  return oldest;
}

function placeOf(digest: u32, way: u32): Shown {
  const place = (digest * WAYS + way) & (PLACES - 1);
  return changetype<Shown>(places + <usize>place * SHOWN_SIZE);
}

function isError(packet: Packet, header: usize, bytes: u32): bool {
  if (bytes < Wire.ICMP_SIZE) return false;
  const type: u32 = load<u8>(header, Wire.ICMP_TYPE);
  if (packet.family == 6) return packet.protocol == Protocol.ICMP6 && type < Wire.ICMP6_INFORMATIONAL;
  return packet.protocol == Protocol.ICMP && isIcmp4Error(type);
}

/** RFC 1191 (the MTU stands in the second word's lower half), RFC 4443 3.2 (in all of it). */
function isTooBig(family: u32, header: usize): bool {
  const type: u32 = load<u8>(header, Wire.ICMP_TYPE);
  if (family == 6) return type == Wire.ICMP6_TOO_BIG;
  return type == Wire.ICMP4_UNREACHABLE && load<u8>(header, Wire.ICMP_CODE) == FRAGMENTATION_NEEDED;
}

/** Of an IPv4 packet not all is quoted. */
function isCut(quoted: Packet): bool {
  return quoted.family == 4 && changetype<Ip4Header>(quoted.address).totalLength > quoted.bytes;
}

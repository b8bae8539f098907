/**
 * Smaller links than the snapshot knows: an MTU that was changed while the capture ran shows in what the node made of a
 * packet that was too big: the ICMP error that names the MTU and quotes the packet, or the first fragment of a packet
 * that came whole. Kept by the digest that NAT leaves alone, newer ones in the places of older ones.
 */

import * as Protocol from "../layout/protocol";
import * as Wire from "../layout/wire";
import { Packet, packetAt } from "../packet";
import { keyDigest } from "./digest";
import { isAboutNow } from "./ring";
import { countChoice } from "./trial";

@final @unmanaged
class Shown {
  digest: u32;
  /** 0: nothing has been shown here. */
  mtu: u32;
  time: u64;
  /** A packet has been counted as following it. */
  isCounted: bool;
}

const PLACES: u32 = 1024;
const SHOWN_SIZE: u32 = 32;
const places: usize = memory.data(1024 * 32, 64);

if (offsetof<Shown>() > SHOWN_SIZE) ERROR("Shown is larger than its place");

/** ICMP code. */
const FRAGMENTATION_NEEDED: u32 = 4;
/** Where the description of a quoted packet goes: the loop has only the first at hand while it looks ahead. */
const QUOTED: u32 = 1;

/** Notes what an outbound packet, or first fragment, shows of the link that another packet was meant for. */
export function rememberMtu(packet: Packet): void {
  if (packet.moreFragments != 0) {
    remember(keyDigest(packet), packet.bytes, packet.time);
    return;
  }
  const header = packet.address + packet.transport;
  const bytes = packet.bytes - packet.transport;
  if (!isTooBigError(packet, header, bytes)) return;
  const quoted = packetAt(QUOTED);
  if (!describeQuoted(quoted, packet.family, header + Wire.ICMP_SIZE, bytes - Wire.ICMP_SIZE)) return;
  remember(keyDigest(quoted), bswap<u32>(load<u32>(header, Wire.ICMP_REST)), packet.time);
}

/** The MTU that the capture shows for a packet that is longer; otherwise `mtu`. */
export function followedMtu(packet: Packet, mtu: u32): u32 {
  const digest = keyDigest(packet);
  const shown = placeOf(digest);
  if (shown.mtu == 0 || shown.digest != digest || shown.mtu >= min(mtu, packet.bytes)) return mtu;
  if (!isAboutNow(shown.time, packet.time)) return mtu;
  if (!shown.isCounted) countChoice(packet, true);
  shown.isCounted = true;
  return shown.mtu;
}

function remember(digest: u32, mtu: u32, time: u64): void {
  const shown = placeOf(digest);
  shown.digest = digest;
  shown.mtu = mtu;
  shown.time = time;
  shown.isCounted = false;
}

function placeOf(digest: u32): Shown {
  return changetype<Shown>(places + <usize>(digest & (PLACES - 1)) * SHOWN_SIZE);
}

/** RFC 1191 (the MTU stands in the second word's lower half), RFC 4443 3.2 (in all of it). */
function isTooBigError(packet: Packet, header: usize, bytes: u32): bool {
  if (bytes < Wire.ICMP_SIZE) return false;
  const type: u32 = load<u8>(header, Wire.ICMP_TYPE);
  if (packet.family == 6) return packet.protocol == Protocol.ICMP6 && type == Wire.ICMP6_TOO_BIG;
  return packet.protocol == Protocol.ICMP && type == Wire.ICMP4_UNREACHABLE && load<u8>(header, Wire.ICMP_CODE) == FRAGMENTATION_NEEDED;
}

/** As much of the quoted packet as its digest needs: an ICMP error holds only its start. */
function describeQuoted(quoted: Packet, family: u32, address: usize, bytes: u32): bool {
  if (bytes < (family == 4 ? Wire.IP4_SIZE : Wire.IP6_SIZE)) return false;
  quoted.address = address;
  quoted.bytes = bytes;
  quoted.family = family;
  quoted.fragmentOffset = 0;
  quoted.protocol = load<u8>(address + (family == 4 ? Wire.IP4_PROTOCOL : Wire.IP6_NEXT_HEADER));
  quoted.transport = family == 4 ? (<u32>load<u8>(address) & 15) << 2 : Wire.IP6_SIZE;
  return quoted.transport <= bytes;
}

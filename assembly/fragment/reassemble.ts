/** Puts a complete queue together (ip_frag_reasm of net/ipv4/ip_fragment.c, nf_ct_frag6_reasm of nf_conntrack_reasm.c). */

import * as Verdict from "../layout/verdict";
import * as Wire from "../layout/wire";
import { carve } from "../memory/arena";
import { Packet } from "../packet";
import { partialSum } from "../wire/checksum";
import { Ip4Header } from "../wire/ip4";
import { Ip6Header } from "../wire/ip6";
import { findTransport6, parsePacket } from "../wire/parse";
import { Geometry, addPiece, clearedGeometry, initGeometry } from "./geometry";
import { HeldFragment, copyFragment } from "./held";
import { FragmentQueue } from "./queue";

const IP4_BYTES_MAX: u32 = 65535;
const IP6_PAYLOAD_MAX: u32 = 65535;

/** Bits of ecnSeen (RFC 3168 5.3): Not-ECT does not mix with the rest, and one CE makes the datagram CE. */
const ECN_NOT_ECT: u32 = 1 << 0;
const ECN_CE: u32 = 1 << 3;
const ECN_MASK: u32 = 3;

/** One datagram is put together at a time: its packet has passed all hooks before the next fragment is looked at. */
let area: usize = 0;

export function initReassembly(): bool {
  area = carve(Wire.IP6_SIZE + Wire.FRAGMENT6_SIZE + IP6_PAYLOAD_MAX);
  return area != 0 && initGeometry();
}

/** Makes `packet` the queue's first fragment, which has come: all of it that is kept. */
export function restoreFirst(packet: Packet, queue: FragmentQueue): void {
  const first = changetype<HeldFragment>(queue.firstRun);
  copyFragment(first, area);
  packet.address = area;
  packet.bytes = first.headerBytes + first.end;
  packet.family = <u32>load<u8>(area) >> 4;
  if (packet.family == 4) {
    packet.protocol = changetype<Ip4Header>(area).protocol;
    packet.transport = first.headerBytes;
  } else {
    findTransport6(packet);
  }
}

/** Makes `packet` the whole datagram. Else REASON_FRAGMENT_INVALID: it is too long, or its ECN bits cannot be. */
export function reassemble(packet: Packet, queue: FragmentQueue): u32 {
  const first = changetype<HeldFragment>(queue.firstRun);
  const isIp4 = packet.family == 4;
  const headerBytes = isIp4 ? first.headerBytes : first.headerBytes - Wire.FRAGMENT6_SIZE;
  const bytes = headerBytes + queue.bytes;
  if (bytes > (isIp4 ? IP4_BYTES_MAX : IP6_PAYLOAD_MAX + Wire.IP6_SIZE)) return Verdict.REASON_FRAGMENT_INVALID;
  if (queue.ecnSeen & ECN_NOT_ECT && queue.ecnSeen != ECN_NOT_ECT) return Verdict.REASON_FRAGMENT_INVALID;
  const geometry = clearedGeometry();
  copyRuns(queue, first, headerBytes, geometry);
  const ecn = queue.ecnSeen & ECN_CE ? ECN_MASK : 0;
  geometry.dontFragment = isIp4 && queue.dontFragmentBytesMax == queue.packetBytesMax;
  geometry.headerBytesMin = queue.headerBytesMin;
  geometry.nameField = queue.nameField;
  if (isIp4) finishHeader4(bytes, ecn, geometry.dontFragment);
  else finishHeader6(bytes, ecn);
  packet.address = area;
  packet.bytes = bytes;
  packet.fragmentBytesMax = queue.packetBytesMax;
  packet.fragments = changetype<usize>(geometry);
  if (isIp4) return parsePacket(packet);
  // Options that only now stand first are not looked at (nf_ct_frag6_reasm).
  findTransport6(packet);
  return Verdict.REASON_NONE;
}

/** Copies all fragments to their places; of IPv6's first one the fragment header is left out. */
function copyRuns(queue: FragmentQueue, first: HeldFragment, headerBytes: u32, geometry: Geometry): void {
  copyFragment(first, area);
  if (first.headerBytes != headerBytes) removeFragmentHeader(queue, headerBytes, first.end);
  for (let run = queue.firstRun; run != 0; run = changetype<HeldFragment>(run).nextRun) {
    for (let at = run; at != 0; at = changetype<HeldFragment>(at).next) {
      const fragment = changetype<HeldFragment>(at);
      if (fragment.offset != 0) copyFragment(fragment, area + headerBytes + fragment.offset);
      addPiece(geometry, headerBytes + fragment.end);
    }
  }
}

function removeFragmentHeader(queue: FragmentQueue, headerBytes: u32, payloadBytes: u32): void {
  const header = area + headerBytes;
  store<u8>(area + queue.nameField, load<u8>(header, Wire.EXTENSION_NEXT));
  memory.copy(header, header + Wire.FRAGMENT6_SIZE, payloadBytes);
}

function finishHeader4(bytes: u32, ecn: u32, dontFragment: bool): void {
  const header = changetype<Ip4Header>(area);
  header.totalLength = bytes;
  header.tos |= ecn;
  header.fragment = dontFragment ? Wire.IP4_DONT_FRAGMENT : 0;
  header.checksum = 0;
  header.checksum = partialSum(area, header.headerBytes) ^ 0xffff;
}

function finishHeader6(bytes: u32, ecn: u32): void {
  const header = changetype<Ip6Header>(area);
  header.payloadLength = bytes - Wire.IP6_SIZE;
  // The traffic class is the first twelve bits' last eight.
  store<u8>(area, load<u8>(area, 1) | <u8>(ecn << 4), 1);
}

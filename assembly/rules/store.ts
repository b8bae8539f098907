/** Instructions that write into the packet's headers, and keep checksums as right as they were (nft_payload.c). */

import * as Instructions from "../layout/instructions";
import * as Protocol from "../layout/protocol";
import * as Wire from "../layout/wire";
import { isTrying } from "../follow/trial";
import { Packet } from "../packet";
import { fold, partialSum } from "../wire/checksum";
import { crc32c } from "../wire/crc32c";
import { registerOf } from "./registers";

/** Shifts of bits stand above the flags in OPTIONS. */
const SHIFT_BITS: u32 = 3;
const FOUR_BYTES: u32 = 4;

const bytesMemory: usize = memory.data(16, 8);

/** LENGTH bytes of the register into the header. False: they are not there. */
export function storeBytes(packet: Packet, at: usize): bool {
  return write(packet, at, registerOf(at));
}

/** Some bits of LENGTH bytes: the number at the register, in the machine's order. */
export function storeBits(packet: Packet, at: usize): bool {
  const target = placeOf(packet, at);
  const bytes: u32 = load<u8>(at, Instructions.LENGTH);
  if (target == 0) return false;
  const shift = <u32>load<u8>(at, Instructions.OPTIONS) >> SHIFT_BITS;
  const mask = load<u32>(at, Instructions.Y);
  store<u32>(bytesMemory, 0);
  memory.copy(bytesMemory, target, bytes);
  const unused = (FOUR_BYTES - bytes) << 3;
  const old = bswap<u32>(load<u32>(bytesMemory)) >> unused;
  const number = (old & ~(mask << shift)) | ((load<u32>(registerOf(at)) & mask) << shift);
  store<u32>(bytesMemory, bswap<u32>(number << unused));
  return write(packet, at, bytesMemory);
}

function write(packet: Packet, at: usize, source: usize): bool {
  const target = placeOf(packet, at);
  if (target == 0) return false;
  if (isTrying()) return true;
  const bytes: u32 = load<u8>(at, Instructions.LENGTH);
  const options: u32 = load<u8>(at, Instructions.OPTIONS);
  const isTransport = (options & Instructions.STORE_TRANSPORT) != 0;
  const header = packet.address + (isTransport ? packet.transport : 0);
  // Sums are of 16-bit words: whole ones around the bytes, counted from the header.
  const first = target - ((target - header) & 1);
  const length = (<u32>(target - first) + bytes + 1) & ~1;
  const before = partialSum(first, length);
  memory.copy(target, source, bytes);
  const after = partialSum(first, length);
  if ((options & Instructions.STORE_SUM) != 0) updateOwn(packet, isTransport, target, bytes, before, after);
  if ((options & Instructions.STORE_PSEUDO) != 0) updateTransport(packet, before, after);
  return true;
}

/** Where the instruction's bytes are; 0: not in this packet. */
function placeOf(packet: Packet, at: usize): usize {
  const isTransport = (<u32>load<u8>(at, Instructions.OPTIONS) & Instructions.STORE_TRANSPORT) != 0;
  if (isTransport && packet.fragmentOffset != 0) return 0;
  const offset = load<u32>(at, Instructions.X) + (isTransport ? packet.transport : 0);
  return offset + load<u8>(at, Instructions.LENGTH) <= packet.bytes ? packet.address + offset : 0;
}

/** The checksum of the header that has changed, unless it is what was written. */
function updateOwn(packet: Packet, isTransport: bool, target: usize, bytes: u32, before: u32, after: u32): void {
  if (isTransport && packet.protocol == Protocol.SCTP) {
    sealSctp(packet);
    return;
  }
  if (!isTransport && packet.family != 4) return;
  const checksum = isTransport ? transportChecksum(packet) : packet.address + Wire.IP4_CHECKSUM;
  if (checksum == 0 || (target < checksum + 2 && checksum < target + bytes)) return;
  update(checksum, before, after);
}

/** The transport checksum, which covers the addresses. UDP's zero stays: there is none. */
function updateTransport(packet: Packet, before: u32, after: u32): void {
  if (packet.fragmentOffset != 0 || packet.protocol == Protocol.ICMP) return;
  const checksum = transportChecksum(packet);
  if (checksum == 0 || (packet.protocol == Protocol.UDP && load<u16>(checksum) == 0)) return;
  update(checksum, before, after);
}

/** nft_csum_replace(): it never leaves a zero. */
function update(checksum: usize, before: u32, after: u32): void {
  const sum = fold((~(<u32>load<u16>(checksum)) & 0xffff) + (~before & 0xffff) + after) ^ 0xffff;
  store<u16>(checksum, <u16>(sum == 0 ? 0xffff : sum));
}

/** Address of the transport header's internet checksum; 0: it has none, or is cut off. */
export function transportChecksum(packet: Packet): usize {
  const protocol = packet.protocol;
  let offset: u32 = Wire.ICMP_CHECKSUM;
  if (protocol == Protocol.TCP) offset = Wire.TCP_CHECKSUM;
  else if (protocol == Protocol.UDP || protocol == Protocol.UDPLITE) offset = Wire.UDP_CHECKSUM;
  else if (protocol != Protocol.ICMP && protocol != Protocol.ICMP6) return 0;
  const at = packet.transport + offset;
  return at + 2 <= packet.bytes ? packet.address + at : 0;
}

function sealSctp(packet: Packet): void {
  const header = packet.address + packet.transport;
  const bytes = packet.bytes - packet.transport;
  if (bytes < Wire.SCTP_SIZE) return;
  store<u32>(header, 0, Wire.SCTP_CHECKSUM);
  store<u32>(header, crc32c(header, bytes), Wire.SCTP_CHECKSUM);
}

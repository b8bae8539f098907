/** Checksums of the packet that nearly every packet is: IPv4 without options, carrying TCP or UDP. */

import * as Protocol from "../layout/protocol";
import * as Wire from "../layout/wire";
import { fold, partialSum } from "./checksum";

/** The header's checksum, over its 20 bytes, is right. */
export function isIp4ChecksumRight(header: usize): bool {
  return isAllOnes(firstWords(header) + addressWords(header));
}

/**
 * The header's checksum is right, and that of what it carries, or a UDP datagram has none. The sums share the addresses:
 * they are the pseudo header's, too. Without `hasTransport` only the header's is looked at.
 */
export function areChecksumsRight4(packet: usize, bytes: u32, hasTransport: bool): bool {
  const addresses = addressWords(packet);
  if (!isAllOnes(firstWords(packet) + addresses)) return false;
  const protocol: u32 = load<u8>(packet, Wire.IP4_PROTOCOL);
  const transport = packet + Wire.IP4_SIZE;
  if (!hasTransport || (protocol == Protocol.UDP && load<u16>(transport, Wire.UDP_CHECKSUM) == 0)) return true;
  const left = bytes - Wire.IP4_SIZE;
  return isAllOnes(addresses + ((protocol << 8) + <u32>bswap<u16>(<u16>left) + partialSum(transport, left)));
}

function firstWords(header: usize): u64 {
  return <u64>load<u32>(header) + load<u32>(header, 4) + load<u32>(header, 8);
}

function addressWords(header: usize): u64 {
  return <u64>load<u32>(header, Wire.IP4_SRC) + load<u32>(header, Wire.IP4_DST);
}

/** A sum of words of 32 bits that folds to 0xffff. */
function isAllOnes(sum: u64): bool {
  return fold(<u32>(sum & 0xffff) + <u32>((sum >> 16) & 0xffff) + <u32>(sum >> 32)) == 0xffff;
}

/** Checksums of the packet that nearly every packet is: IPv4 without options, carrying TCP or UDP. */

import * as Protocol from "../layout/protocol";
import * as Wire from "../layout/wire";
import { fold, partialSum } from "./checksum";

/** The header's checksum, over its 20 bytes, is right. */
export function isIp4ChecksumRight(header: usize): bool {
  const sum: u64 =
    <u64>load<u32>(header) + load<u32>(header, 4) + load<u32>(header, 8) + load<u32>(header, 12) + load<u32>(header, 16);
  return fold(<u32>(sum & 0xffff) + <u32>((sum >> 16) & 0xffff) + <u32>(sum >> 32)) == 0xffff;
}

/** The transport checksum of a packet of `bytes` is right, or a UDP datagram has none. */
export function isTransportChecksumRight4(packet: usize, bytes: u32): bool {
  const header = packet + Wire.IP4_SIZE;
  const protocol: u32 = load<u8>(packet, Wire.IP4_PROTOCOL);
  if (protocol == Protocol.UDP && load<u16>(header, Wire.UDP_CHECKSUM) == 0) return true;
  const left = bytes - Wire.IP4_SIZE;
  const addresses = load<u64>(packet, Wire.IP4_SRC);
  const words = (addresses & 0xffffffff) + (addresses >> 32);
  const pseudo = fold(<u32>(words & 0xffff) + <u32>((words >> 16) & 0xffff) + <u32>(words >> 32)) + (protocol << 8) + <u32>bswap<u16>(<u16>left);
  return fold(pseudo + partialSum(header, left)) == 0xffff;
}

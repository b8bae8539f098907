/** Checksums of IPv6 packets without extension headers, carrying TCP or UDP. */

import * as Wire from "../layout/wire";
import { wordsSum } from "./checksum";
import { isAllOnes } from "./checksum4";

/**
 * The checksum of the TCP segment or UDP datagram behind the header is right; there must be one. Of the pseudo header
 * (RFC 8200 8.1) the addresses stand before the segment, and the length is the header's own.
 */
export function isTransportChecksumRight6(packet: usize, bytes: u32): bool {
  const protocol = <u32>load<u8>(packet, Wire.IP6_NEXT_HEADER) << 8;
  const words = wordsSum(packet + Wire.IP6_SRC, bytes - Wire.IP6_SRC);
  return isAllOnes(words + (protocol + <u32>load<u16>(packet, Wire.IP6_PAYLOAD_LENGTH)));
}

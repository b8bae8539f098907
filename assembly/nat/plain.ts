/**
 * Rewrites one end of the packet that nearly every packet is: IPv4 with TCP or UDP. nat/header.ts and nat/transport.ts come
 * to the same bytes; here one sum replaces an address and a port in both checksums (RFC 1624).
 */

import * as Connection from "../layout/connection";
import * as Protocol from "../layout/protocol";
import * as Wire from "../layout/wire";
import { Packet } from "../packet";
import { fold } from "../wire/checksum";
import { NAT_DST, NAT_SRC } from "./range";

if (NAT_SRC != 0 || NAT_DST != 1) ERROR("an end's number is not its place among addresses and ports");

/** rewriteEnd4() can rewrite the packet: its transport header is whole. */
export function isPlain(packet: Packet): bool {
  if (packet.family != 4) return false;
  const left = packet.bytes - packet.transport;
  return packet.protocol == Protocol.TCP ? left >= Wire.TCP_SIZE : packet.protocol == Protocol.UDP && left >= Wire.UDP_SIZE;
}

/** Gives the packet's end of this kind what stands at the other end of the tuple in `half`, which answers it. */
export function rewriteEnd4(packet: Packet, half: usize, kind: u32): void {
  const address = packet.address + Wire.IP4_SRC + (<usize>kind << 2);
  const header = packet.address + packet.transport;
  const port = header + (<usize>kind << 1);
  const end: usize = kind ^ 1;
  const freshAddress = load<u32>(half + (end << 2));
  const freshPort = <u32>load<u16>(half + (end << 1), Connection.SRC_PORT);
  const addressSum = wordsOf(~load<u32>(address)) + wordsOf(freshAddress);
  const sum = addressSum + (<u32>load<u16>(port) ^ 0xffff) + freshPort;
  store<u32>(address, freshAddress);
  store<u16>(port, freshPort);
  replaceSum(packet.address + Wire.IP4_CHECKSUM, addressSum);
  const isTcp = packet.protocol == Protocol.TCP;
  const checksum = header + (isTcp ? Wire.TCP_CHECKSUM : Wire.UDP_CHECKSUM);
  if (!isTcp && load<u16>(checksum) == 0) return;
  replaceSum(checksum, sum);
  // Zero would say that there is none.
  if (!isTcp && load<u16>(checksum) == 0) store<u16>(checksum, 0xffff);
}

/** HC' = ~(~HC + ~m + m'), with a zero of one's complement, as replaceChecksum16() has it. */
function replaceSum(at: usize, sum: u32): void {
  store<u16>(at, fold((<u32>load<u16>(at) ^ 0xffff) + sum + 0xffff) ^ 0xffff);
}

function wordsOf(number: u32): u32 {
  return (number & 0xffff) + (number >> 16);
}

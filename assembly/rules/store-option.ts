/** Instructions that change TCP options (nft_exthdr.c). */

import * as Instructions from "../layout/instructions";
import * as Protocol from "../layout/protocol";
import * as Wire from "../layout/wire";
import { isTrying } from "../follow/trial";
import { Packet } from "../packet";
import { replaceChecksum16, replaceChecksum32 } from "../wire/checksum";
import { findTcpOption, foundOptionBytes } from "./load-option";
import { registerOf } from "./registers";

/**
 * Two or four bytes at X of the option of kind Y. A segment size is never raised: that would stall the connection. False:
 * the field is outside of the option. A packet without the option stays as it is.
 */
export function storeOption(packet: Packet, at: usize): bool {
  if (packet.protocol != Protocol.TCP || packet.fragmentOffset != 0) return false;
  const kind = load<u32>(at, Instructions.Y);
  const option = findTcpOption(packet, kind);
  if (option == 0) return true;
  const offset = load<u32>(at, Instructions.X);
  const bytes: u32 = load<u8>(at, Instructions.LENGTH);
  if (offset + bytes > foundOptionBytes()) return false;
  if (isTrying()) return true;
  const checksum = packet.address + packet.transport + Wire.TCP_CHECKSUM;
  const target = option + offset;
  const sum: u32 = load<u16>(checksum);
  if (bytes == 4) {
    const value = load<u32>(registerOf(at));
    store<u16>(checksum, <u16>replaceChecksum32(sum, load<u32>(target), value));
    store<u32>(target, value);
    return true;
  }
  const old: u32 = load<u16>(target);
  const value: u32 = load<u16>(registerOf(at));
  if (kind == Wire.TCP_OPTION_MSS && bswap<u16>(<u16>old) <= bswap<u16>(<u16>value)) return true;
  store<u16>(checksum, <u16>replaceChecksum16(sum, old, value));
  store<u16>(target, <u16>value);
  return true;
}

/** Turns the option of kind Y into padding, if there is one. */
export function clearOption(packet: Packet, at: usize): bool {
  if (packet.protocol != Protocol.TCP || packet.fragmentOffset != 0) return false;
  const option = findTcpOption(packet, load<u32>(at, Instructions.Y));
  if (option == 0 || isTrying()) return true;
  const header = packet.address + packet.transport;
  const bytes = foundOptionBytes();
  for (let i: usize = 0; i < bytes; i++) {
    const byte = option + i;
    const shift = ((byte - header) & 1) << 3;
    const checksum: u32 = load<u16>(header, Wire.TCP_CHECKSUM);
    const sum = replaceChecksum16(checksum, <u32>load<u8>(byte) << <u32>shift, Wire.TCP_OPTION_NOP << <u32>shift);
    store<u16>(header, <u16>sum, Wire.TCP_CHECKSUM);
    store<u8>(byte, Wire.TCP_OPTION_NOP);
  }
  return true;
}

/** Instructions that translate a connection. Each says what to do with the packet, or why it is lost. */

import * as Instructions from "../layout/instructions";
import * as Verdict from "../layout/verdict";
import * as Wire from "../layout/wire";
import { isTrying, noteTarget } from "../follow/trial";
import { copyWords } from "../memory/words";
import { masquerade, redirect } from "../nat/masquerade";
import { NAT_DST, NAT_SRC, NatRange, natRange } from "../nat/range";
import { setupNat } from "../nat/setup";
import { Packet } from "../packet";
import { register } from "./registers";

/** X of the instruction: the registers of the lowest and highest address and port, a byte each. */
const PORT_LOW_SHIFT: u32 = 16;
const PORT_HIGH_SHIFT: u32 = 24;

/** Carries out SNAT, DNAT, MASQUERADE or REDIRECT. REASON_NONE: accepted; else why the packet is dropped. */
export function translate(packet: Packet, at: usize, operation: u32): u32 {
  if (packet.connection == 0) return Verdict.REASON_NONE;
  const flags: u32 = load<u8>(at, Instructions.OPTIONS);
  const registers = load<u32>(at, Instructions.X);
  const hasPort = (flags & Instructions.NAT_PORT) != 0;
  const minPort: u32 = hasPort ? load<u32>(register((registers >> PORT_LOW_SHIFT) & 0xff)) : 0;
  const maxPort: u32 = hasPort ? load<u32>(register(registers >> PORT_HIGH_SHIFT)) : 0;
  if (isTrying() && operation != Instructions.OP_DNAT) return Verdict.REASON_NONE;
  if (operation == Instructions.OP_MASQUERADE) return masquerade(packet, flags, minPort, maxPort);
  if (operation == Instructions.OP_REDIRECT) return redirect(packet, flags, minPort, maxPort);
  const range = natRange();
  range.flags = flags;
  range.minPort = minPort;
  range.maxPort = maxPort;
  if ((flags & Instructions.NAT_ADDRESS) != 0) setAddresses(range, registers, packet.family);
  if ((flags & Instructions.NAT_NETMAP) != 0) keepHostBits(range, packet, operation == Instructions.OP_SNAT);
  if (isTrying()) {
    noteTarget(range.minAddress, minPort);
    return Verdict.REASON_NONE;
  }
  return setupNat(packet, operation == Instructions.OP_SNAT ? NAT_SRC : NAT_DST, range);
}

function setAddresses(range: NatRange, registers: u32, family: u32): void {
  const bytes: usize = family == 4 ? 4 : 16;
  copyWords(range.minAddress, register(registers & 0xff), bytes);
  copyWords(range.maxAddress, register((registers >> 8) & 0xff), bytes);
}

/** nft_nat_setup_netmap(): the bits in which lowest and highest differ are the packet's own; one address is left. */
function keepHostBits(range: NatRange, packet: Packet, isSource: bool): void {
  const isIp4 = packet.family == 4;
  const field = isIp4 ? (isSource ? Wire.IP4_SRC : Wire.IP4_DST) : isSource ? Wire.IP6_SRC : Wire.IP6_DST;
  const own = packet.address + field;
  const bytes: usize = isIp4 ? 4 : 16;
  for (let i: usize = 0; i < bytes; i += 4) {
    const low = load<u32>(range.minAddress + i);
    const host = low ^ load<u32>(range.maxAddress + i);
    const address = (load<u32>(own + i) & host) | (low & ~host);
    store<u32>(range.minAddress + i, address);
    store<u32>(range.maxAddress + i, address);
  }
}

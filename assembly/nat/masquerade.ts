/** Translations whose address comes from the node's interfaces: masquerade and redirect. */

import * as Connection from "../layout/connection";
import * as Descriptor from "../layout/descriptor";
import * as Engine from "../layout/engine";
import * as Program from "../layout/program";
import * as Verdict from "../layout/verdict";
import { engine } from "../memory/engine";
import { Packet } from "../packet";
import { NAT_DST, NAT_SRC, NatRange, natRange, setRangeAddress } from "./range";
import { setupNat } from "./setup";

const loopback: usize = memory.data(16, 16);

/**
 * The connection leaves with the address that the outgoing interface has towards the next hop (nf_nat_masquerade.c).
 * Without one the packet is dropped; one without a source (0.0.0.0) is left alone. Ports are in network order.
 */
export function masquerade(packet: Packet, flags: u32, minPort: u32, maxPort: u32): u32 {
  if (packet.family == 4 && load<u32>(packet.connection, Connection.SRC_ADDR) == 0) return Verdict.REASON_NONE;
  const route = packet.route;
  if (route == 0 || (load<u16>(route, Program.ROUTE_FLAGS) & Program.ROUTE_HAS_MASQUERADE) == 0) {
    return Verdict.REASON_NO_SOURCE_ADDRESS;
  }
  const range = portRange(flags, minPort, maxPort);
  setRangeAddress(range, route + Program.ROUTE_MASQUERADE, addressBytes(packet));
  return setupNat(packet, NAT_SRC, range);
}

/** The connection goes to the node itself: to the address of its way in, or to loopback if it is the node's own. */
export function redirect(packet: Packet, flags: u32, minPort: u32, maxPort: u32): u32 {
  const address = packet.hook == Program.HOOK_OUTPUT ? loopbackAddress(packet.family) : inAddress(packet);
  if (address == 0) return Verdict.REASON_NO_SOURCE_ADDRESS;
  const range = portRange(flags, minPort, maxPort);
  setRangeAddress(range, address, addressBytes(packet));
  return setupNat(packet, NAT_DST, range);
}

function portRange(flags: u32, minPort: u32, maxPort: u32): NatRange {
  const range = natRange();
  range.flags = flags;
  range.minPort = minPort;
  range.maxPort = maxPort;
  return range;
}

function addressBytes(packet: Packet): u32 {
  return packet.family == 4 ? 4 : 16;
}

function loopbackAddress(family: u32): usize {
  memory.fill(loopback, 0, 16);
  if (family == 4) store<u32>(loopback, 0x0100_007f);
  else store<u8>(loopback, 1, 15);
  return loopback;
}

/** The first address of the interface on which the packet came; 0: it has none of this family. */
function inAddress(packet: Packet): usize {
  if (packet.inInterface == Descriptor.NO_INTERFACE) return 0;
  const program: usize = load<u32>(engine, Engine.PROGRAM);
  const at = program + load<u32>(program, Program.INTERFACES) + <usize>packet.inInterface * Program.INTERFACE_SIZE;
  if (packet.family == 4) return load<u32>(at, Program.INTERFACE_ADDRESS4) != 0 ? at + Program.INTERFACE_ADDRESS4 : 0;
  const address = at + Program.INTERFACE_ADDRESS6;
  return (load<u64>(address) | load<u64>(address, 8)) != 0 ? address : 0;
}

/** Instructions that put something into a register. Each says whether there was something to put. */

import * as Engine from "../layout/engine";
import * as Instructions from "../layout/instructions";
import * as Keys from "../layout/keys";
import * as Program from "../layout/program";
import * as Protocol from "../layout/protocol";
import * as Wire from "../layout/wire";
import { engine } from "../memory/engine";
import { givenDraw, isDrawGiven } from "../follow/trial";
import { randomBelow } from "../memory/random";
import { ORIGIN_WIRE, Packet } from "../packet";
import { lookupRoute } from "../route/lookup";
import { addressType } from "../route/type";
import { interfaceNumber } from "./load-meta";
import { registerOf } from "./registers";

/** Bytes of the IP header, or of what follows it. */
export function loadNetwork(packet: Packet, at: usize): bool {
  return loadBytes(packet, 0, at);
}

/** Bytes of the Ethernet header with which the packet came; what the node itself sends has none. */
export function loadLink(packet: Packet, at: usize): bool {
  const isEthernet = packet.linkType == Protocol.LINKTYPE_ETHERNET && packet.origin == ORIGIN_WIRE;
  const offset = load<u32>(at, Instructions.X);
  const bytes: u32 = load<u8>(at, Instructions.LENGTH);
  if (!isEthernet || offset + bytes > packet.linkBytes) return false;
  copyBytes(registerOf(at), packet.frame + offset, bytes);
  return true;
}

/** Bytes of the transport header; fragments but the first have none. */
export function loadTransport(packet: Packet, at: usize): bool {
  return packet.fragmentOffset == 0 && loadBytes(packet, packet.transport, at);
}

/** The type of an address, or the interface by which the node would send to it; 0: none. */
export function loadRoute(packet: Packet, at: usize): bool {
  const options: u32 = load<u8>(at, Instructions.OPTIONS);
  const address = packet.address + addressOffset(packet.family, (options & Keys.FIB_SOURCE) != 0);
  const value = load<u32>(at, Instructions.X) == Keys.FIB_TYPE
    ? typeOn(packet, options, address)
    : interfaceTo(packet, options, address);
  store<u32>(registerOf(at), value);
  return true;
}

export function loadNumber(at: usize): bool {
  const modulus = load<u32>(at, Instructions.X);
  const number = load<u8>(at, Instructions.OPTIONS) == Instructions.NUMBER_RANDOM ? drawNumber(modulus) : nextNumber(at, modulus);
  store<u32>(registerOf(at), number + load<u32>(at, Instructions.Y));
  return true;
}

export function loadValue(at: usize): bool {
  store<u32>(registerOf(at), load<u32>(at, Instructions.X));
  return true;
}

export function loadConstant(at: usize): bool {
  const program: usize = load<u32>(engine, Engine.PROGRAM);
  memory.copy(registerOf(at), program + load<u32>(at, Instructions.Y), load<u8>(at, Instructions.LENGTH));
  return true;
}

/** The number that `numgen random` draws: below `modulus`, evenly spread, or the one that the capture shows. */
export function drawNumber(modulus: u32): u32 {
  return isDrawGiven() ? givenDraw(modulus) : randomBelow(modulus);
}

/** `numgen inc`: one more than the rule's last number, from 0 again at the modulus. */
function nextNumber(at: usize, modulus: u32): u32 {
  const next = load<u32>(at, Instructions.FAIL) + 1;
  const number = next < modulus ? next : 0;
  store<u32>(at, number, Instructions.FAIL);
  return number;
}

function loadBytes(packet: Packet, from: u32, at: usize): bool {
  const offset = from + load<u32>(at, Instructions.X);
  const bytes: u32 = load<u8>(at, Instructions.LENGTH);
  if (offset + bytes > packet.bytes) return false;
  const source = packet.address + offset;
  const target = registerOf(at);
  if (bytes == 4) store<u32>(target, load<u32>(source));
  else if (bytes == 2) store<u32>(target, load<u16>(source));
  else if (bytes == 1) store<u32>(target, load<u8>(source));
  else copyBytes(target, source, bytes);
  return true;
}

function addressOffset(family: u32, isSource: bool): u32 {
  if (family == 4) return isSource ? Wire.IP4_SRC : Wire.IP4_DST;
  return isSource ? Wire.IP6_SRC : Wire.IP6_DST;
}

/** With an interface in question an address is local only there. */
function typeOn(packet: Packet, options: u32, address: usize): u32 {
  const type = addressType(packet.family, address);
  if (type != Program.ROUTE_LOCAL || (options & (Keys.FIB_IN | Keys.FIB_OUT)) == 0) return type;
  const route = lookupRoute(packet.family, address);
  return load<u16>(route, Program.ROUTE_INTERFACE) == askedInterface(packet, options) ? type : Program.ROUTE_UNICAST;
}

function interfaceTo(packet: Packet, options: u32, address: usize): u32 {
  const route = lookupRoute(packet.family, address);
  if (route == 0 || load<u8>(route, Program.ROUTE_TYPE) != Program.ROUTE_UNICAST) return 0;
  const out: u32 = load<u16>(route, Program.ROUTE_INTERFACE);
  const isAsked = (options & (Keys.FIB_IN | Keys.FIB_OUT)) == 0 || out == askedInterface(packet, options);
  return isAsked ? interfaceNumber(out) : 0;
}

function askedInterface(packet: Packet, options: u32): u32 {
  return (options & Keys.FIB_IN) != 0 ? packet.inInterface : packet.outInterface;
}

/** What is left of the last word is zero. */
function copyBytes(target: usize, source: usize, bytes: usize): void {
  if ((bytes & 3) != 0) store<u32>(target + (bytes & ~3), 0);
  memory.copy(target, source, bytes);
}

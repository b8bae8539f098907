/** Instructions that put something into a register. Each says whether there was something to put. */

import * as Connection from "../layout/connection";
import * as Descriptor from "../layout/descriptor";
import * as Engine from "../layout/engine";
import * as Instructions from "../layout/instructions";
import * as Program from "../layout/program";
import * as Protocol from "../layout/protocol";
import * as State from "../layout/state";
import * as Wire from "../layout/wire";
import { engine } from "../memory/engine";
import { givenDraw, isDrawGiven } from "../follow/trial";
import { randomBelow } from "../memory/random";
import { Packet } from "../packet";
import { lookupRoute } from "../route/lookup";
import { addressType } from "../route/type";
import { registerOf } from "./registers";

/** Values of meta nfproto (NFPROTO_IPV4, NFPROTO_IPV6) and of meta pkttype (if_packet.h). */
const FAMILY4: u32 = 2;
const FAMILY6: u32 = 10;
const PACKET_HOST: u32 = 0;
const PACKET_BROADCAST: u32 = 1;
const PACKET_MULTICAST: u32 = 2;
const PACKET_OTHER_HOST: u32 = 3;

/** Bytes of the IP header, or of what follows it. */
export function loadNetwork(packet: Packet, at: usize): bool {
  return loadBytes(packet, 0, at);
}

/** Bytes of the transport header; fragments but the first have none. */
export function loadTransport(packet: Packet, at: usize): bool {
  return packet.fragmentOffset == 0 && loadBytes(packet, packet.transport, at);
}

export function loadMeta(packet: Packet, at: usize): bool {
  const key = load<u32>(at, Instructions.X);
  store<u32>(registerOf(at), metaOf(packet, key));
  return true;
}

/** Without a connection only the state is known (nft_ct_get_eval, conntrack_mt). */
export function loadConnection(packet: Packet, at: usize): bool {
  const key = load<u32>(at, Instructions.X);
  const connection = packet.connection;
  if (key == Instructions.CT_KEY_STATE) store<u32>(registerOf(at), stateBits(packet));
  else if (key == Instructions.CT_KEY_STATE_AND_NAT) store<u32>(registerOf(at), stateBits(packet) | natBits(connection));
  else if (connection == 0) return false;
  else if (key == Instructions.CT_KEY_STATUS) store<u32>(registerOf(at), load<u16>(connection, Connection.STATUS) & ~Connection.STATUS_LIVE);
  else if (key == Instructions.CT_KEY_MARK) store<u32>(registerOf(at), load<u32>(connection, Connection.MARK));
  else store<u32>(registerOf(at), packet.direction);
  return true;
}

/** The type of an address, or the interface by which the node would send to it; 0: none. */
export function loadRoute(packet: Packet, at: usize): bool {
  const options: u32 = load<u8>(at, Instructions.OPTIONS);
  const address = packet.address + addressOffset(packet.family, (options & Instructions.FIB_SOURCE) != 0);
  const value = load<u32>(at, Instructions.X) == Instructions.FIB_TYPE
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
function drawNumber(modulus: u32): u32 {
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
  else memory.copy(target, source, bytes);
  return true;
}

function metaOf(packet: Packet, key: u32): u32 {
  if (key == Instructions.META_MARK) return packet.mark;
  if (key == Instructions.META_PROTOCOL) return packet.protocol;
  if (key == Instructions.META_FAMILY) return packet.family == 4 ? FAMILY4 : FAMILY6;
  if (key == Instructions.META_LENGTH) return packet.bytes;
  if (key == Instructions.META_IN) return interfaceNumber(packet.inInterface);
  if (key == Instructions.META_OUT) return interfaceNumber(packet.outInterface);
  return packetType(packet);
}

function interfaceNumber(index: u32): u32 {
  return index == Descriptor.NO_INTERFACE ? 0 : index + 1;
}

function packetType(packet: Packet): u32 {
  if ((packet.flags & Descriptor.FLAG_OTHER_HOST) != 0) return PACKET_OTHER_HOST;
  if ((packet.flags & Descriptor.FLAG_MULTICAST) == 0) return PACKET_HOST;
  const isBroadcast = packet.linkType == Protocol.LINKTYPE_ETHERNET && load<u32>(packet.frame) == 0xffff_ffff;
  return isBroadcast ? PACKET_BROADCAST : PACKET_MULTICAST;
}

/** What conntrack has not seen is invalid to rules. */
function stateBits(packet: Packet): u32 {
  return 1 << (packet.ct == State.CT_NONE ? State.CT_INVALID : packet.ct);
}

/** Which of its addresses the connection has translated. */
function natBits(connection: usize): u32 {
  if (connection == 0) return 0;
  const status: u32 = load<u16>(connection, Connection.STATUS);
  const isSrcNat = (status & Connection.STATUS_SRC_NAT) != 0;
  const isDstNat = (status & Connection.STATUS_DST_NAT) != 0;
  return (isSrcNat ? Instructions.STATE_SRC_NAT : 0) | (isDstNat ? Instructions.STATE_DST_NAT : 0);
}

function addressOffset(family: u32, isSource: bool): u32 {
  if (family == 4) return isSource ? Wire.IP4_SRC : Wire.IP4_DST;
  return isSource ? Wire.IP6_SRC : Wire.IP6_DST;
}

/** With an interface in question an address is local only there. */
function typeOn(packet: Packet, options: u32, address: usize): u32 {
  const type = addressType(packet.family, address);
  if (type != Program.ROUTE_LOCAL || (options & (Instructions.FIB_IN | Instructions.FIB_OUT)) == 0) return type;
  const route = lookupRoute(packet.family, address);
  return load<u16>(route, Program.ROUTE_INTERFACE) == askedInterface(packet, options) ? type : Program.ROUTE_UNICAST;
}

function interfaceTo(packet: Packet, options: u32, address: usize): u32 {
  const route = lookupRoute(packet.family, address);
  if (route == 0 || load<u8>(route, Program.ROUTE_TYPE) != Program.ROUTE_UNICAST) return 0;
  const out: u32 = load<u16>(route, Program.ROUTE_INTERFACE);
  const isAsked = (options & (Instructions.FIB_IN | Instructions.FIB_OUT)) == 0 || out == askedInterface(packet, options);
  return isAsked ? interfaceNumber(out) : 0;
}

function askedInterface(packet: Packet, options: u32): u32 {
  return (options & Instructions.FIB_IN) != 0 ? packet.inInterface : packet.outInterface;
}

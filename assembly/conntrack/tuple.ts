/**
 * A tuple: what a packet of one direction of a connection looks like. In the connection's record it takes 16 bytes
 * (layout/connection.ts); here it has its addresses in full, for the paths that build, invert and compare tuples.
 */

import * as Connection from "../layout/connection";
import * as Protocol from "../layout/protocol";
import * as State from "../layout/state";
import * as Wire from "../layout/wire";
import { copy16 } from "../memory/words";
import { Packet } from "../packet";
import { Ip4Header } from "../wire/ip4";
import { Ip6Header } from "../wire/ip6";
import { invertedIcmp4, invertedIcmp6 } from "./icmp-types";
import { NO_TRANSPORT, skipExtensions } from "./extensions";
import { addressesOfHalf, halfOf } from "./half";
import { zoneOfConnection } from "./zones";

/** Addresses and ports in network order. Portless protocols have ports 0; ICMP: see layout/connection.ts. */
@final @unmanaged
export class Tuple {
  family: u16;
  /** Of the direction that the tuple is of; 0: none. */
  zone: u16;
  protocol: u32;
  srcPort: u32;
  dstPort: u32;
  /** Sixteen bytes each; IPv4: the first four, the rest zero. */
  srcLow: u64;
  srcHigh: u64;
  dstLow: u64;
  dstHigh: u64;
}

export const TUPLE_SIZE: u32 = 48;
if (offsetof<Tuple>() != 48) ERROR("Tuple is not TUPLE_SIZE bytes");
if (offsetof<Tuple>("srcLow") != 16) ERROR("Tuple.src is not at 16");
if (offsetof<Tuple>("dstLow") != 32) ERROR("Tuple.dst is not at 32");

/**
 * The tuple of a packet, from its IP header and the first bytes of its transport header (nf_ct_get_tuple()).
 * False: it is a later fragment or its headers are cut, so no connection can hold it.
 */
export function tupleOfPacket(packet: Packet, tuple: Tuple): bool {
  return tupleOfQuote(packet.address, packet.bytes, packet.family, tuple);
}

/**
 * The tuple of a packet that an ICMP error quotes, of which `bytes` bytes are there (nf_ct_get_tuplepr()): the version
 * and the lengths in its IP header are not looked at, and of the transport header only what the tuple needs must be
 * there: 4 bytes with the ports, 8 of ICMP.
 */
export function tupleOfQuote(address: usize, bytes: u32, family: u32, tuple: Tuple): bool {
  const transport = family == 4 ? transportOfIp4(address, bytes, tuple) : transportOfIp6(address, bytes, tuple);
  if (transport == NO_TRANSPORT) return false;
  return readPorts(address + transport, bytes - transport, tuple);
}

/** The tuple of the answers. False: nothing answers an ICMP message of this type. */
export function invertTuple(from: Tuple, to: Tuple): bool {
  to.family = from.family;
  to.zone = from.zone;
  to.protocol = from.protocol;
  to.srcLow = from.dstLow;
  to.srcHigh = from.dstHigh;
  to.dstLow = from.srcLow;
  to.dstHigh = from.srcHigh;
  if (from.protocol != Protocol.ICMP && from.protocol != Protocol.ICMP6) {
    to.srcPort = from.dstPort;
    to.dstPort = from.srcPort;
    return true;
  }
  const type = from.dstPort & 0xff;
  const inverted = from.protocol == Protocol.ICMP ? invertedIcmp4(type) : invertedIcmp6(type);
  to.srcPort = from.srcPort;
  to.dstPort = (from.dstPort & 0xff00) | (inverted & 0xff);
  return inverted >= 0;
}

/** A direction's tuple of a connection, in full. */
export function tupleOfConnection(connection: usize, direction: u32, tuple: Tuple): void {
  tupleOfRecord(connection, direction, addressesOf(connection, State.DIRECTION_ORIGINAL), tuple);
  tuple.zone = <u16>zoneOfConnection(connection, direction);
}

/** A direction's tuple of a record, of which the four IPv6 addresses stand at `addresses`. */
export function tupleOfRecord(record: usize, direction: u32, addresses: usize, tuple: Tuple): void {
  const half = record + (<usize>direction << Connection.TUPLE_LOG2);
  tuple.family = <u16>familyOf(record);
  tuple.zone = 0;
  tuple.protocol = load<u8>(record, Connection.PROTOCOL);
  tuple.srcPort = load<u16>(half, Connection.SRC_PORT);
  tuple.dstPort = load<u16>(half, Connection.DST_PORT);
  if (tuple.family == 4) {
    setAddresses4(tuple, load<u32>(half, Connection.SRC_ADDR), load<u32>(half, Connection.DST_ADDR));
  } else {
    setAddresses6(tuple, addresses + (<usize>direction << Connection.ADDRESSES_TUPLE_LOG2));
  }
}

/** 4 or 6. */
export function familyOf(record: usize): u32 {
  return <u32>load<u8>(record, Connection.FAMILY) & Connection.FAMILY_MASK;
}

/** Address of the 32 bytes with a direction's IPv6 addresses: source, then destination. */
export function addressesOf(connection: usize, direction: u32): usize {
  return addressesOfHalf(halfOf(connection, direction));
}

export function isSameTuple(a: Tuple, b: Tuple): bool {
  return (
    a.dstLow == b.dstLow &&
    a.srcLow == b.srcLow &&
    a.dstHigh == b.dstHigh &&
    a.srcHigh == b.srcHigh &&
    a.srcPort == b.srcPort &&
    a.dstPort == b.dstPort &&
    a.protocol == b.protocol &&
    a.family == b.family &&
    a.zone == b.zone
  );
}

export function copyTuple(from: Tuple, to: Tuple): void {
  const source = changetype<usize>(from);
  const target = changetype<usize>(to);
  copy16(target, source);
  copy16(target + 16, source + 16);
  copy16(target + 32, source + 32);
}

/** ipv4_get_l4proto(): no later fragment, and the header that it announces is there. */
function transportOfIp4(address: usize, bytes: u32, tuple: Tuple): u32 {
  if (bytes < Wire.IP4_SIZE) return NO_TRANSPORT;
  const header = changetype<Ip4Header>(address);
  const headerBytes = header.headerBytes;
  if ((header.fragment & Wire.IP4_OFFSET_MASK) != 0 || headerBytes > bytes) return NO_TRANSPORT;
  tuple.family = 4;
  tuple.zone = 0;
  tuple.protocol = header.protocol;
  setAddresses4(tuple, header.src, header.dst);
  return headerBytes;
}

function transportOfIp6(address: usize, bytes: u32, tuple: Tuple): u32 {
  if (bytes < Wire.IP6_SIZE) return NO_TRANSPORT;
  const found = skipExtensions(address, bytes, Wire.IP6_SIZE, changetype<Ip6Header>(address).nextHeader);
  const transport = <u32>found;
  if (transport == NO_TRANSPORT) return NO_TRANSPORT;
  tuple.family = 6;
  tuple.zone = 0;
  tuple.protocol = <u32>(found >> 32);
  setAddresses6(tuple, address + Wire.IP6_SRC);
  return transport;
}

function setAddresses4(tuple: Tuple, src: u32, dst: u32): void {
  tuple.srcLow = src;
  tuple.srcHigh = 0;
  tuple.dstLow = dst;
  tuple.dstHigh = 0;
}

function setAddresses6(tuple: Tuple, addresses: usize): void {
  tuple.srcLow = load<u64>(addresses);
  tuple.srcHigh = load<u64>(addresses, 8);
  tuple.dstLow = load<u64>(addresses, 16);
  tuple.dstHigh = load<u64>(addresses, 24);
}

function readPorts(header: usize, bytesLeft: u32, tuple: Tuple): bool {
  tuple.srcPort = 0;
  tuple.dstPort = 0;
  const protocol = tuple.protocol;
  if (protocol == Protocol.TCP || protocol == Protocol.UDP || protocol == Protocol.SCTP || protocol == Protocol.UDPLITE) {
    if (bytesLeft < Wire.PORTS_SIZE) return false;
    tuple.srcPort = load<u16>(header, Wire.SRC_PORT);
    tuple.dstPort = load<u16>(header, Wire.DST_PORT);
    return true;
  }
  if (protocol == Protocol.ICMP || protocol == Protocol.ICMP6) {
    if (bytesLeft < Wire.ICMP_SIZE) return false;
    tuple.srcPort = load<u16>(header, Wire.ICMP_ID);
    tuple.dstPort = load<u16>(header, Wire.ICMP_TYPE);
    return true;
  }
  return protocol != Protocol.GRE || readCallId(header, bytesLeft, tuple);
}

/** PPTP's GRE (version 1) is told apart by its call id; the kernel's helper that maps the other side's id is not loaded. */
function readCallId(header: usize, bytesLeft: u32, tuple: Tuple): bool {
  if (bytesLeft < Wire.GRE_SIZE || (load<u8>(header, Wire.GRE_VERSION) & 7) != 1) return true;
  if (bytesLeft < Wire.GRE_PPTP_SIZE) return true;
  if (load<u16>(header, Wire.GRE_PROTOCOL) != Wire.GRE_PPP) return false;
  tuple.dstPort = load<u16>(header, Wire.GRE_CALL_ID);
  return true;
}

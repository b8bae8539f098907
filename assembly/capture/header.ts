/**
 * Link headers of packets that leave. An interface is written as Ethernet, as raw IP, or as the captured frames were:
 * then the frame's own header goes out as it came in, VLAN tags included.
 */

import * as Descriptor from "../layout/descriptor";
import * as Engine from "../layout/engine";
import * as Link from "../layout/link";
import * as Program from "../layout/program";
import * as Protocol from "../layout/protocol";
import { engine } from "../memory/engine";
import { copyWords } from "../memory/words";
import { ORIGIN_ENGINE, Packet } from "../packet";
import { setHalf } from "./bytes";

/** Length of the link header that the packet leaves with. */
export function outputLinkBytes(packet: Packet): u32 {
  if (keepsLink(packet)) return packet.linkBytes;
  return outputLinkType(packet) == Protocol.LINKTYPE_ETHERNET ? Link.ETHERNET_SIZE : 0;
}

/** Writes that header in front of an IP packet of `bytes`. */
export function writeLink(packet: Packet, to: usize, headerBytes: u32, bytes: u32): void {
  if (headerBytes == 0) return;
  if (keepsLink(packet)) copyLink(packet, to, headerBytes, bytes);
  else writeEthernet(packet, to);
}

/** The frame has a link header of the wanted type, and no better one is known. */
function keepsLink(packet: Packet): bool {
  if (packet.frame == 0 || packet.linkType != outputLinkType(packet)) return false;
  if (packet.adjacency == 0) return true;
  return (load<u16>(packet.adjacency, Program.ADJACENCY_FLAGS) & Program.ADJACENCY_KEEP_LINK) != 0;
}

/** What the way-out interface's packets are written as; without an interface, what they came as. */
function outputLinkType(packet: Packet): u32 {
  const leaving = interfaceOf(packet);
  return leaving == 0 ? packet.linkType : <u32>load<u16>(leaving, Program.INTERFACE_LINK_TYPE);
}

/** The way-out interface in the program, or 0. */
function interfaceOf(packet: Packet): usize {
  const program: usize = load<u32>(engine, Engine.PROGRAM);
  if (program == 0 || packet.outInterface == Descriptor.NO_INTERFACE) return 0;
  assert(packet.outInterface < load<u32>(program, Program.INTERFACE_COUNT), "no such interface in the program");
  return program + load<u32>(program, Program.INTERFACES) + <usize>packet.outInterface * Program.INTERFACE_SIZE;
}

/** The node's own answers go back where the frame came from. An NFLOG header knows the packet's length. */
function copyLink(packet: Packet, to: usize, headerBytes: u32, bytes: u32): void {
  if (headerBytes == Link.ETHERNET_SIZE) copyEthernet(to, packet.frame);
  else memory.copy(to, packet.frame, headerBytes);
  if (packet.linkType == Protocol.LINKTYPE_NFLOG) setHalf(to + headerBytes - Link.ATTRIBUTE_SIZE, Link.ATTRIBUTE_SIZE + bytes);
  if (packet.linkType != Protocol.LINKTYPE_ETHERNET || packet.origin != ORIGIN_ENGINE) return;
  memory.copy(to + Link.ETHERNET_DST, packet.frame + Link.ETHERNET_SRC, Link.MAC_BYTES);
  memory.copy(to + Link.ETHERNET_SRC, packet.frame + Link.ETHERNET_DST, Link.MAC_BYTES);
}

/** In two words that overlap. */
function copyEthernet(to: usize, from: usize): void {
  const rest = Link.ETHERNET_SIZE - 8;
  store<u64>(to, load<u64>(from));
  store<u64>(to + rest, load<u64>(from + rest));
}

/** From the adjacency if it has one ready; else from the interface's own address to an unknown one, all zeros. */
function writeEthernet(packet: Packet, to: usize): void {
  const adjacency = packet.adjacency;
  if (adjacency != 0 && load<u16>(adjacency, Program.ADJACENCY_FLAGS) & Program.ADJACENCY_RESOLVED) {
    copyWords(to, adjacency + Program.ADJACENCY_DST_MAC, 2 * Link.MAC_BYTES);
  } else {
    memory.fill(to + Link.ETHERNET_DST, 0, Link.MAC_BYTES);
    const leaving = interfaceOf(packet);
    if (leaving == 0) memory.fill(to + Link.ETHERNET_SRC, 0, Link.MAC_BYTES);
    else memory.copy(to + Link.ETHERNET_SRC, leaving + Program.INTERFACE_MAC, Link.MAC_BYTES);
  }
  const type = packet.family == 4 ? Protocol.ETHERTYPE_IP4 : Protocol.ETHERTYPE_IP6;
  store<u16>(to, bswap<u16>(<u16>type), Link.ETHERNET_TYPE);
}

/** Finds the IP header behind a frame's link header, and what the link header says of the frame's way. */

import * as Descriptor from "../layout/descriptor";
import * as Link from "../layout/link";
import * as Protocol from "../layout/protocol";
import { half, word } from "./bytes";

const LINK_BYTES_MASK: u32 = 0xffff;
const FLAGS_SHIFT: u32 = 16;

/**
 * Bytes in front of the IP header and FLAG_* of the descriptor, in one number: see linkBytes() and linkFlags().
 * A header that is cut has FLAG_LINK_ERROR, a link type that is not known FLAG_NOT_IP besides.
 */
export function linkOf(linkType: u32, frame: usize, bytes: u32): u32 {
  if (linkType == Protocol.LINKTYPE_ETHERNET) return ethernetLink(frame, bytes);
  if (linkType == Protocol.LINKTYPE_LINUX_SLL) return cookedLink(frame, bytes);
  if (linkType == Protocol.LINKTYPE_LINUX_SLL2) return cooked2Link(frame, bytes);
  if (linkType == Protocol.LINKTYPE_NFLOG) return nflogLink(frame, bytes);
  if (linkType == Protocol.LINKTYPE_NULL || linkType == Protocol.LINKTYPE_LOOP) return loopbackLink(frame, bytes);
  if (linkType == Protocol.LINKTYPE_IP4) return ipLink(Protocol.ETHERTYPE_IP4, frame, bytes, 0, 0);
  if (linkType == Protocol.LINKTYPE_IP6) return ipLink(Protocol.ETHERTYPE_IP6, frame, bytes, 0, 0);
  if (isRaw(linkType)) return link(0, 0);
  return link(0, Descriptor.FLAG_LINK_ERROR | Descriptor.FLAG_NOT_IP);
}

export function linkBytes(link: u32): u32 {
  return link & LINK_BYTES_MASK;
}

export function linkFlags(link: u32): u32 {
  return link >> FLAGS_SHIFT;
}

function link(bytes: u32, flags: u32): u32 {
  return bytes > LINK_BYTES_MASK ? cut() : bytes | (flags << FLAGS_SHIFT);
}

/** The frame ends within its link header. */
function cut(): u32 {
  return Descriptor.FLAG_LINK_ERROR << FLAGS_SHIFT;
}

function isRaw(linkType: u32): bool {
  return linkType == Protocol.LINKTYPE_RAW || linkType == Protocol.LINKTYPE_RAW_BSD || linkType == Protocol.LINKTYPE_RAW_OPENBSD;
}

function networkHalf(address: usize): u32 {
  return bswap<u16>(load<u16>(address));
}

function ethernetLink(frame: usize, bytes: u32): u32 {
  if (bytes < Link.ETHERNET_SIZE) return cut();
  const group = load<u8>(frame, Link.ETHERNET_DST) & Link.GROUP_BIT;
  const flags = group ? Descriptor.FLAG_MULTICAST : 0;
  return taggedLink(networkHalf(frame + Link.ETHERNET_TYPE), frame, bytes, Link.ETHERNET_SIZE, flags);
}

function cookedLink(frame: usize, bytes: u32): u32 {
  if (bytes < Link.SLL_SIZE) return cut();
  const flags = packetTypeFlags(networkHalf(frame + Link.SLL_PACKET_TYPE));
  return taggedLink(networkHalf(frame + Link.SLL_TYPE), frame, bytes, Link.SLL_SIZE, flags);
}

function cooked2Link(frame: usize, bytes: u32): u32 {
  if (bytes < Link.SLL2_SIZE) return cut();
  const flags = packetTypeFlags(load<u8>(frame, Link.SLL2_PACKET_TYPE));
  return taggedLink(networkHalf(frame + Link.SLL2_TYPE), frame, bytes, Link.SLL2_SIZE, flags);
}

function packetTypeFlags(packetType: u32): u32 {
  if (packetType == Link.PACKET_OUTGOING) return Descriptor.FLAG_OUTBOUND;
  if (packetType == Link.PACKET_OTHER_HOST) return Descriptor.FLAG_OTHER_HOST;
  if (packetType == Link.PACKET_BROADCAST || packetType == Link.PACKET_MULTICAST) return Descriptor.FLAG_MULTICAST;
  return 0;
}

/** Passes over VLAN tags (IEEE 802.1Q and 802.1ad, and the older numbers for the latter). */
function taggedLink(type: u32, frame: usize, bytes: u32, headerBytes: u32, flags: u32): u32 {
  for (let tags: u32 = 0; tags < Link.VLAN_TAGS_MAX && isVlan(type); tags++) {
    if (bytes < headerBytes + Link.VLAN_SIZE) return cut();
    type = networkHalf(frame + headerBytes + Link.VLAN_TYPE);
    headerBytes += Link.VLAN_SIZE;
  }
  return ipLink(type, frame, bytes, headerBytes, flags);
}

function isVlan(type: u32): bool {
  return type == Protocol.ETHERTYPE_VLAN || type == Protocol.ETHERTYPE_QINQ || type == Protocol.ETHERTYPE_QINQ_OLD;
}

/** An IP packet only if the link header says so, and if the packet's version does not say the other one. */
function ipLink(type: u32, frame: usize, bytes: u32, headerBytes: u32, flags: u32): u32 {
  const version: u32 = bytes > headerBytes ? load<u8>(frame + headerBytes) >> 4 : 0;
  const isIp = (type == Protocol.ETHERTYPE_IP4 && version != 6) || (type == Protocol.ETHERTYPE_IP6 && version != 4);
  return link(headerBytes, isIp ? flags : flags | Descriptor.FLAG_NOT_IP);
}

/** The family stands in the order of the machine that captured, or in network order: only one of them makes a small number. */
function loopbackLink(frame: usize, bytes: u32): u32 {
  if (bytes < Link.LOOPBACK_SIZE) return cut();
  const value = load<u32>(frame);
  const family = value <= Link.FAMILY_IP6_DARWIN ? value : bswap<u32>(value);
  const type = family == Link.FAMILY_IP4 ? Protocol.ETHERTYPE_IP4 : isFamilyIp6(family) ? Protocol.ETHERTYPE_IP6 : 0;
  return ipLink(type, frame, bytes, Link.LOOPBACK_SIZE, 0);
}

function isFamilyIp6(family: u32): bool {
  return (
    family == Link.FAMILY_IP6_LINUX ||
    family == Link.FAMILY_IP6_NETBSD ||
    family == Link.FAMILY_IP6_FREEBSD ||
    family == Link.FAMILY_IP6_DARWIN
  );
}

/** The packet is the value of the payload attribute; without one there is no packet. */
function nflogLink(frame: usize, bytes: u32): u32 {
  if (bytes < Link.NFLOG_SIZE) return cut();
  let at: u32 = Link.NFLOG_SIZE;
  while (bytes - at >= Link.ATTRIBUTE_SIZE) {
    const attributeBytes = half(frame + at + Link.ATTRIBUTE_BYTES);
    if (attributeBytes < Link.ATTRIBUTE_SIZE) return cut();
    if (half(frame + at + Link.ATTRIBUTE_TYPE) == Link.NFULA_PAYLOAD) return nflogPayload(frame, bytes, at + Link.ATTRIBUTE_SIZE);
    const next = at + ((attributeBytes + 3) & ~3);
    if (next > bytes) return cut();
    at = next;
  }
  return link(at, Descriptor.FLAG_NOT_IP);
}

/** NFLOG's family is AF_INET or AF_INET6; others (ARP, bridge) log frames that are no IP packets. */
function nflogPayload(frame: usize, bytes: u32, headerBytes: u32): u32 {
  const family: u32 = load<u8>(frame, Link.NFLOG_FAMILY);
  const type = family == Link.FAMILY_IP4 ? Protocol.ETHERTYPE_IP4 : family == Link.FAMILY_IP6_LINUX ? Protocol.ETHERTYPE_IP6 : 0;
  return ipLink(type, frame, bytes, headerBytes, 0);
}

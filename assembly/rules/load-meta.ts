/** Instructions that put what is known of the packet besides its bytes into a register (nft_meta.c). */

import * as Descriptor from "../layout/descriptor";
import * as Engine from "../layout/engine";
import * as Instructions from "../layout/instructions";
import * as Keys from "../layout/keys";
import * as Program from "../layout/program";
import * as Protocol from "../layout/protocol";
import { engine } from "../memory/engine";
import { random } from "../memory/random";
import { Packet } from "../packet";
import { registerOf } from "./registers";

/** Values of meta nfproto (NFPROTO_IPV4, NFPROTO_IPV6) and of meta pkttype (if_packet.h). */
export const FAMILY4: u32 = 2;
export const FAMILY6: u32 = 10;
const PACKET_HOST: u32 = 0;
const PACKET_BROADCAST: u32 = 1;
const PACKET_MULTICAST: u32 = 2;
const PACKET_OTHER_HOST: u32 = 3;

const NANOSECONDS: u64 = 1_000_000_000;
const SECONDS_A_DAY: u64 = 86_400;
/** 1 January 1970 was a Thursday. */
const WEEKDAY_OF_EPOCH: u64 = 4;

const ARPHRD_ETHER: u32 = 1;
const ARPHRD_LOOPBACK: u32 = 772;
const ARPHRD_NONE: u32 = 0xfffe;

export function loadMeta(packet: Packet, at: usize): bool {
  const key = load<u32>(at, Instructions.X);
  if (key == Keys.META_IN_TYPE) return loadInterfaceType(packet.inInterface, registerOf(at));
  if (key == Keys.META_OUT_TYPE) return loadInterfaceType(packet.outInterface, registerOf(at));
  if (key == Keys.META_SOCKET) return false;
  if (key == Keys.META_TIME) {
    store<u64>(registerOf(at), bswap<u64>(packet.time));
    return true;
  }
  store<u32>(registerOf(at), metaOf(packet, key));
  return true;
}

/** What fits into one word. */
export function metaOf(packet: Packet, key: u32): u32 {
  if (key == Keys.META_MARK) return packet.mark;
  if (key == Keys.META_PROTOCOL) return packet.protocol;
  if (key == Keys.META_FAMILY) return packet.family == 4 ? FAMILY4 : FAMILY6;
  if (key == Keys.META_LENGTH) return packet.bytes;
  if (key == Keys.META_IN) return interfaceNumber(packet.inInterface);
  if (key == Keys.META_OUT) return interfaceNumber(packet.outInterface);
  if (key == Keys.META_PACKET_TYPE) return packetType(packet);
  if (key == Keys.META_ETHER_TYPE) return bswap<u16>(<u16>(packet.family == 4 ? Protocol.ETHERTYPE_IP4 : Protocol.ETHERTYPE_IP6));
  if (key == Keys.META_RANDOM) return random();
  const seconds = packet.time / NANOSECONDS;
  if (key == Keys.META_DAY) return <u32>((seconds / SECONDS_A_DAY + WEEKDAY_OF_EPOCH) % 7);
  assert(key == Keys.META_HOUR, "no such meta key");
  return <u32>(seconds % SECONDS_A_DAY);
}

/** The hardware type of an interface (if_arp.h); false: there is none. */
function loadInterfaceType(index: u32, target: usize): bool {
  if (index == Descriptor.NO_INTERFACE) return false;
  const program: usize = load<u32>(engine, Engine.PROGRAM);
  const device = program + load<u32>(program, Program.INTERFACES) + <usize>index * Program.INTERFACE_SIZE;
  const flags = load<u32>(device, Program.INTERFACE_FLAGS);
  const isLoopback = (flags & Program.INTERFACE_LOOPBACK) != 0;
  const isRaw = (flags & Program.INTERFACE_NO_ARP) != 0;
  store<u32>(target, isLoopback ? ARPHRD_LOOPBACK : isRaw ? ARPHRD_NONE : ARPHRD_ETHER);
  return true;
}

/** The number by which rules know the interface; 0: none. */
export function interfaceNumber(index: u32): u32 {
  return index == Descriptor.NO_INTERFACE ? 0 : index + 1;
}

function packetType(packet: Packet): u32 {
  if ((packet.flags & Descriptor.FLAG_OTHER_HOST) != 0) return PACKET_OTHER_HOST;
  if ((packet.flags & Descriptor.FLAG_MULTICAST) == 0) return PACKET_HOST;
  const isBroadcast = packet.linkType == Protocol.LINKTYPE_ETHERNET && load<u32>(packet.frame) == 0xffff_ffff;
  return isBroadcast ? PACKET_BROADCAST : PACKET_MULTICAST;
}

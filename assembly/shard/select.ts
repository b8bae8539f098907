/** The packets of one shard among those of a capture. */

import * as Descriptor from "../layout/descriptor";
import * as Engine from "../layout/engine";
import * as Protocol from "../layout/protocol";
import * as Shard from "../layout/shard";
import * as Verdict from "../layout/verdict";
import * as Wire from "../layout/wire";
import { advanceClock } from "../conntrack/clock";
import { TUPLE_SIZE, Tuple, tupleOfPacket, tupleOfQuote } from "../conntrack/tuple";
import { carve } from "../memory/arena";
import { engine } from "../memory/engine";
import { copy16 } from "../memory/words";
import { Packet, packetAt, readDescriptor } from "../packet";
import { isIcmp4Error } from "../wire/icmp";
import { parsePacket } from "../wire/parse";
import { classOfEnds, classOfTuple, ownClass } from "./classes";
import { noteObstacle } from "./obstacles";

/** Version and header length, and type of service, of an IPv4 header without options. */
const PLAIN: u32 = 0x45;
const PLAIN_BYTES: u32 = Wire.IP4_SIZE + 4;
/** What no connection holds goes to the first shard. */
const NO_CLASS: u32 = 0;
/** A node's outbound frames are not fed in; captures without a node are not shared. */
const NOT_FED_IN: u32 = Descriptor.FLAG_OUTBOUND | Descriptor.FLAG_LOOPED;
const NANOSECONDS_PER_MILLISECOND: u64 = 1_000_000;
const ORDINAL_LOG2: u32 = 2;

const tuple: usize = memory.data(TUPLE_SIZE, 16);

/** Packets of the captures so far, those of them that were fed in, and the newest time. */
let ordinal: u32 = 0;
let fed: u32 = 0;
let newest: u64 = 0;
/** A u32 for each descriptor: its packet's number among all of the captures, from 0; and one behind them. */
let ordinals: usize = 0;

/** Carves the numbers. False: they do not fit into memory. */
export function initSelection(): bool {
  ordinals = carve((<u64>load<u32>(engine, Engine.DESCRIPTORS_MAX) + 1) << ORDINAL_LOG2);
  return ordinals != 0;
}

/** The number of a descriptor's packet among all of the captures, from 0; behind a selection: of the packet after it. */
export function ordinalOf(index: u32): u32 {
  return load<u32>(ordinals + (<usize>index << ORDINAL_LOG2));
}

/**
 * Moves the descriptors of this shard's packets to the front, in their order. Returns how many they are. Every packet of
 * the captures has to come by, batch after batch.
 */
export function select(first: u32, count: u32): u32 {
  assert(first + count <= load<u32>(engine, Engine.DESCRIPTORS_MAX), "the batch leaves the descriptors");
  const begin: usize = load<u32>(engine, Engine.DESCRIPTORS) + (<usize>first << Descriptor.SIZE_LOG2);
  const end = begin + (<usize>count << Descriptor.SIZE_LOG2);
  let own = begin;
  let number = ordinals + (<usize>first << ORDINAL_LOG2);
  for (let descriptor = begin; descriptor < end; descriptor += Descriptor.SIZE) {
    noteTime(load<u64>(descriptor, Descriptor.TIME));
    const isFedIn = (load<u16>(descriptor, Descriptor.FLAGS) & NOT_FED_IN) == 0;
    const isOwn: usize = ownClass(classOfFrame(descriptor));
    // Copied in any case: a branch that nobody can foretell would wait for the packet's bytes.
    copy16(own, descriptor);
    copy16(own + 16, descriptor + 16);
    store<u32>(own, fed, Descriptor.FED);
    store<u32>(number, ordinal);
    number += isOwn << ORDINAL_LOG2;
    own += isOwn << Descriptor.SIZE_LOG2;
    ordinal++;
    fed += <u32>isFedIn;
  }
  store<u32>(number, ordinal);
  return <u32>((own - begin) >> Descriptor.SIZE_LOG2);
}

/** The clock starts with the first packet of all, and goes with this shard's own ones if none of the others is late. */
function noteTime(time: u64): void {
  if (ordinal == 0) advanceClock(time);
  if (time >= newest) {
    newest = time;
    return;
  }
  const epoch = load<u64>(engine, Engine.EPOCH);
  if (time < epoch || (time - epoch) / NANOSECONDS_PER_MILLISECOND < (newest - epoch) / NANOSECONDS_PER_MILLISECOND) {
    noteObstacle(Shard.OBSTACLE_TIME);
  }
}

/** Nearly every packet is whole, of IPv4, without options, and has ports. */
function classOfFrame(descriptor: usize): u32 {
  const linkBytes: u32 = load<u16>(descriptor, Descriptor.LINK_BYTES);
  const packet = <usize>load<u32>(descriptor, Descriptor.FRAME) + linkBytes;
  const bytes = load<u32>(descriptor, Descriptor.FRAME_BYTES) - linkBytes;
  if (<i32>bytes < <i32>PLAIN_BYTES || load<u8>(packet) != PLAIN) return classOfOther(descriptor);
  const fragment = bswap<u16>(load<u16>(packet, Wire.IP4_FRAGMENT));
  const protocol: u32 = load<u8>(packet, Wire.IP4_PROTOCOL);
  const isWhole = (fragment & (Wire.IP4_OFFSET_MASK | Wire.IP4_MORE_FRAGMENTS)) == 0;
  if (!isWhole || (protocol != Protocol.TCP && protocol != Protocol.UDP)) return classOfOther(descriptor);
  const ports = load<u32>(packet + Wire.IP4_SIZE);
  return classOfEnds(load<u32>(packet, Wire.IP4_SRC), ports & 0xffff, load<u32>(packet, Wire.IP4_DST), ports >> 16, protocol);
}

function classOfOther(descriptor: usize): u32 {
  const packet = packetAt(0);
  readDescriptor(packet, descriptor);
  const flags = packet.flags & (Descriptor.FLAG_NOT_IP | Descriptor.FLAG_LINK_ERROR);
  if (flags != 0 || parsePacket(packet) != Verdict.REASON_NONE) return NO_CLASS;
  if ((packet.fragmentOffset | packet.moreFragments | packet.fragmentHeader) != 0) {
    noteObstacle(Shard.OBSTACLE_FRAGMENT);
    return NO_CLASS;
  }
  const own = changetype<Tuple>(tuple);
  const isRead = isIcmpError(packet) ? quotedTuple(packet, own) : tupleOfPacket(packet, own);
  return isRead ? classOfTuple(own) : NO_CLASS;
}

function isIcmpError(packet: Packet): bool {
  if (packet.transport >= packet.bytes) return false;
  const type = load<u8>(packet.address + packet.transport);
  if (packet.family == 4) return packet.protocol == Protocol.ICMP && isIcmp4Error(type);
  return packet.protocol == Protocol.ICMP6 && type < Wire.ICMP6_INFORMATIONAL;
}

/** An error is of the class of what it quotes. */
function quotedTuple(packet: Packet, into: Tuple): bool {
  const quote = packet.transport + Wire.ICMP_QUOTE;
  if (quote >= packet.bytes) return false;
  return tupleOfQuote(packet.address + quote, packet.bytes - quote, packet.family, into);
}

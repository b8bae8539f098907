/** Instructions that put something of the packet's connection into a register (nft_ct.c). */

import * as Connection from "../layout/connection";
import * as Instructions from "../layout/instructions";
import * as Keys from "../layout/keys";
import * as State from "../layout/state";
import { TUPLE_SIZE, Tuple, tupleOfConnection } from "../conntrack/tuple";
import { zoneNumber } from "../conntrack/zones";
import { clock } from "../memory/engine";
import { Packet } from "../packet";
import { FAMILY4, FAMILY6 } from "./load-meta";
import { registerOf } from "./registers";

const tupleMemory: usize = memory.data(TUPLE_SIZE, 16);

/** Without a connection only the state is known (nft_ct_get_eval, conntrack_mt). */
export function loadConnection(packet: Packet, at: usize): bool {
  const key = load<u32>(at, Instructions.X);
  const connection = packet.connection;
  if (key == Keys.CT_KEY_STATE) store<u32>(registerOf(at), stateBits(packet));
  else if (key == Keys.CT_KEY_STATE_AND_NAT) store<u32>(registerOf(at), stateBits(packet) | natBits(connection));
  else if (connection == 0) return false;
  else if (key == Keys.CT_KEY_STATUS) store<u32>(registerOf(at), load<u16>(connection, Connection.STATUS) & ~Connection.STATUS_LIVE);
  else if (key == Keys.CT_KEY_MARK) store<u32>(registerOf(at), load<u32>(connection, Connection.MARK));
  else store<u32>(registerOf(at), connectionKey(packet, connection, key));
  return true;
}

/** An address or port of one of the connection's directions. Without a connection: nothing. */
export function loadTuple(packet: Packet, at: usize): bool {
  if (packet.connection == 0) return false;
  const tuple = changetype<Tuple>(tupleMemory);
  tupleOfConnection(packet.connection, load<u32>(at, Instructions.Y), tuple);
  const field = load<u32>(at, Instructions.X);
  const target = registerOf(at);
  if (field == Keys.CT_TUPLE_SRC_PORT) {
    store<u32>(target, tuple.srcPort);
  } else if (field == Keys.CT_TUPLE_DST_PORT) {
    store<u32>(target, tuple.dstPort);
  } else {
    const offset = field == Keys.CT_TUPLE_SRC ? offsetof<Tuple>("srcLow") : offsetof<Tuple>("dstLow");
    memory.copy(target, tupleMemory + offset, load<u8>(at, Instructions.LENGTH));
  }
  return true;
}

/** How much of the connection has passed, this packet included: packets, bytes, or bytes a packet. */
export function loadCount(packet: Packet, at: usize): bool {
  const connection = packet.connection;
  if (connection == 0) return false;
  const direction = load<u32>(at, Instructions.Y);
  const isBoth = direction == Keys.CT_BOTH_DIRECTIONS;
  const first: usize = isBoth ? 0 : direction;
  const half = connection + (first << Connection.DIRECTION_LOG2);
  let packets: u64 = load<u32>(half, Connection.PACKETS);
  let bytes: u64 = load<u64>(half, Connection.BYTES);
  if (isBoth) {
    const reply = connection + Connection.REPLY;
    packets += load<u32>(reply, Connection.PACKETS);
    bytes += load<u64>(reply, Connection.BYTES);
  }
  const key = load<u32>(at, Instructions.X);
  const average = packets == 0 ? 0 : bytes / packets;
  const value = key == Keys.CT_COUNT_PACKETS ? packets : key == Keys.CT_COUNT_BYTES ? bytes : average;
  store<u64>(registerOf(at), bswap<u64>(value));
  return true;
}

function connectionKey(packet: Packet, connection: usize, key: u32): u32 {
  if (key == Keys.CT_KEY_EXPIRATION) {
    // The timeout of what is not confirmed counts from another time (nf_ct_expires).
    if ((load<u16>(connection, Connection.STATUS) & Connection.STATUS_CONFIRMED) == 0) return 0;
    return max<i32>(<i32>(load<u32>(connection, Connection.EXPIRES_AT) - clock()), 0);
  }
  if (key == Keys.CT_KEY_PROTOCOL) return load<u8>(connection, Connection.PROTOCOL);
  if (key == Keys.CT_KEY_FAMILY) {
    return (<u32>load<u8>(connection, Connection.FAMILY) & Connection.FAMILY_MASK) == 4 ? FAMILY4 : FAMILY6;
  }
  return key == Keys.CT_KEY_ZONE ? zoneNumber(connection) : packet.direction;
}

/** What conntrack has not seen is invalid to rules. */
export function stateBits(packet: Packet): u32 {
  return 1 << (packet.ct == State.CT_NONE ? State.CT_INVALID : packet.ct);
}

/** Which of its addresses the connection has translated. */
function natBits(connection: usize): u32 {
  if (connection == 0) return 0;
  const status: u32 = load<u16>(connection, Connection.STATUS);
  const isSrcNat = (status & Connection.STATUS_SRC_NAT) != 0;
  const isDstNat = (status & Connection.STATUS_DST_NAT) != 0;
  return (isSrcNat ? Keys.STATE_SRC_NAT : 0) | (isDstNat ? Keys.STATE_DST_NAT : 0);
}

/** Binds a new connection to its translation: once per end, before the connection is confirmed (nf_nat_core.c). */

import * as Connection from "../layout/connection";
import * as Instructions from "../layout/instructions";
import * as Protocol from "../layout/protocol";
import * as State from "../layout/state";
import * as Verdict from "../layout/verdict";
import { claimReply4, setReplyTuple } from "../conntrack/table";
import { TUPLE_SIZE, Tuple, addressesOf, invertTuple, isSameTuple, tupleOfConnection } from "../conntrack/tuple";
import { isFree } from "../conntrack/unconfirmed";
import { rememberMapping } from "../follow/mappings";
import { Packet } from "../packet";
import { chooseTuple } from "./choose";
import { NAT_DST, NAT_SRC, NatRange, natRange, setRangeAddress } from "./range";
import { linkSource } from "./sources";
import { isTracing } from "../trace/buffer";
import { traceBinding } from "../trace/record";

const tuples: usize = memory.data(TUPLE_SIZE * 3, 16);

/**
 * nf_nat_setup_info: chooses a tuple that the range allows and nobody has, makes the reply direction expect its
 * inverse, and marks this end as done. A confirmed connection stays as it is. REASON_NONE, or why the packet is lost.
 */
export function setupNat(packet: Packet, kind: u32, range: NatRange): u32 {
  const connection = packet.connection;
  const status: u32 = load<u16>(connection, Connection.STATUS);
  if ((status & Connection.STATUS_CONFIRMED) != 0) return Verdict.REASON_NONE;
  if ((status & doneBit(kind)) != 0) return Verdict.REASON_NAT_FAILED;
  const isTranslated = (kind == NAT_DST && sendTo(connection, range)) || chooseReply(packet, kind, range);
  finishBinding(connection, kind, isTranslated ? natBit(kind) : 0);
  traceBinding(packet, kind, range);
  return Verdict.REASON_NONE;
}

/**
 * What the choice comes to in most cases: an IPv4 connection goes to the one address and port of the range. False: it is
 * another case, or somebody has the tuple.
 */
function sendTo(connection: usize, range: NatRange): bool {
  if (range.flags != (Instructions.NAT_ADDRESS | Instructions.NAT_PORT) || range.minPort != range.maxPort) return false;
  const protocol = <u32>load<u8>(connection, Connection.PROTOCOL);
  if (load<u8>(connection, Connection.FAMILY) != 4 || (protocol != Protocol.TCP && protocol != Protocol.UDP)) return false;
  const address = load<u32>(range.minAddress);
  if (address != load<u32>(range.maxAddress)) return false;
  const reply = connection + Connection.REPLY;
  const addresses = (load<u64>(reply) & 0xffffffff_00000000) | address;
  const ports = (load<u32>(reply, Connection.SRC_PORT) & 0xffff0000) | range.minPort;
  if (addresses == load<u64>(reply) && ports == load<u32>(reply, Connection.SRC_PORT)) return false;
  return claimReply4(connection, addresses, ports);
}

/** Chooses a tuple, and its inverse for the replies. True: it is another one than before. */
function chooseReply(packet: Packet, kind: u32, range: NatRange): bool {
  const connection = packet.connection;
  const reply = changetype<Tuple>(tuples);
  const current = changetype<Tuple>(tuples + TUPLE_SIZE);
  const chosen = changetype<Tuple>(tuples + TUPLE_SIZE * 2);
  tupleOfConnection(connection, State.DIRECTION_REPLY, reply);
  invertTuple(reply, current);
  chooseTuple(packet, kind, range, current, chosen);
  if (isSameTuple(chosen, current)) return false;
  invertTuple(chosen, reply);
  setReplyTuple(connection, reply);
  if (kind == NAT_SRC) rememberMapping(current, chosen);
  return true;
}

/** The end has had its turn; `translated`: its bit, if it is translated. */
function finishBinding(connection: usize, kind: u32, translated: u32): void {
  const status = <u32>load<u16>(connection, Connection.STATUS) | doneBit(kind) | translated;
  store<u16>(connection, <u16>status, Connection.STATUS);
  if (kind == NAT_SRC) linkSource(connection);
}

/** nf_nat_alloc_null_binding: no rule translates this end, so it keeps its address, and its port if that is free. */
export function nullBinding(packet: Packet, kind: u32): u32 {
  const connection = packet.connection;
  if (!isTracing() && isFree(connection, State.DIRECTION_REPLY)) {
    finishBinding(connection, kind, 0);
    return Verdict.REASON_NONE;
  }
  const range = natRange();
  const place: usize = kind == NAT_SRC ? 1 : 0;
  if (packet.family == 4) setRangeAddress(range, connection + Connection.REPLY + (place << 2), 4);
  else setRangeAddress(range, addressesOf(connection, State.DIRECTION_REPLY) + (place << 4), 16);
  return setupNat(packet, kind, range);
}

/** Whether this end of the packet's connection has had its turn (nf_nat_initialized). */
export function isBound(connection: usize, kind: u32): bool {
  return (load<u16>(connection, Connection.STATUS) & doneBit(kind)) != 0;
}

/** The status bit that says that packets of the original direction are translated at this end. */
export function natBit(kind: u32): u32 {
  return kind == NAT_SRC ? Connection.STATUS_SRC_NAT : Connection.STATUS_DST_NAT;
}

function doneBit(kind: u32): u32 {
  return kind == NAT_SRC ? Connection.STATUS_SRC_NAT_DONE : Connection.STATUS_DST_NAT_DONE;
}

/** Binds a new connection to its translation: once per end, before the connection is confirmed (nf_nat_core.c). */

import * as Connection from "../layout/connection";
import * as State from "../layout/state";
import * as Verdict from "../layout/verdict";
import { setReplyTuple } from "../conntrack/table";
import { TUPLE_SIZE, Tuple, invertTuple, isSameTuple, tupleOfConnection } from "../conntrack/tuple";
import { rememberMapping } from "../follow/mappings";
import { Packet } from "../packet";
import { chooseTuple } from "./choose";
import { NAT_SRC, NatRange, natRange, setRangeAddress } from "./range";
import { linkSource } from "./sources";
import { traceBinding } from "../trace/record";
import { tupleDst, tupleSrc } from "./tuples";

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
  const reply = changetype<Tuple>(tuples);
  const current = changetype<Tuple>(tuples + TUPLE_SIZE);
  const chosen = changetype<Tuple>(tuples + TUPLE_SIZE * 2);
  tupleOfConnection(connection, State.DIRECTION_REPLY, reply);
  invertTuple(reply, current);
  chooseTuple(packet, kind, range, current, chosen);
  let added = doneBit(kind);
  if (!isSameTuple(chosen, current)) {
    invertTuple(chosen, reply);
    setReplyTuple(connection, reply);
    added |= natBit(kind);
    if (kind == NAT_SRC) rememberMapping(current, chosen);
  }
  store<u16>(connection, <u16>(load<u16>(connection, Connection.STATUS) | added), Connection.STATUS);
  if (kind == NAT_SRC) linkSource(connection);
  traceBinding(packet, kind, range);
  return Verdict.REASON_NONE;
}

/** nf_nat_alloc_null_binding: no rule translates this end, so it keeps its address, and its port if that is free. */
export function nullBinding(packet: Packet, kind: u32): u32 {
  const reply = changetype<Tuple>(tuples);
  tupleOfConnection(packet.connection, State.DIRECTION_REPLY, reply);
  const range = natRange();
  setRangeAddress(range, kind == NAT_SRC ? tupleDst(reply) : tupleSrc(reply), 16);
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

/**
 * Connections that a node knew before the first packet, as somebody who creates them by ctnetlink would enter them: with
 * their tuples, state, marks and deadline; of TCP's windows and SCTP's tags nothing is known.
 */

import * as Connection from "../layout/connection";
import * as Engine from "../layout/engine";
import * as Program from "../layout/program";
import * as Protocol from "../layout/protocol";
import * as State from "../layout/state";
import * as Verdict from "../layout/verdict";
import { createConnection, discardConnection, insertConnection } from "../conntrack/table";
import { TUPLE_SIZE, Tuple, tupleOfRecord } from "../conntrack/tuple";
import { STREAM_AFTER_MILLISECONDS } from "../conntrack/udp";
import { packZone, setConnectionZone } from "../conntrack/zones";
import { clock, count } from "../memory/engine";
import { tupleSrc } from "../nat/tuples";
import { linkSource } from "../nat/sources";
import { addressType } from "../route/type";

const tuples: usize = memory.data(TUPLE_SIZE * 2, 16);

/** Fields that are taken as they are. */
const WINDOWS_BYTES: usize = 2 << Connection.WINDOW_LOG2;
const COUNTERS_BYTES: usize = Connection.ADJACENCY - Connection.BYTES;

/**
 * Enters a connection whose record, with its 64 bytes of IPv6 addresses behind it, stands at `from`; its EXPIRES_AT says
 * how many milliseconds it has left. False: one of its tuples is taken, or the table is full.
 */
export function restoreConnection(from: usize): bool {
  const original = changetype<Tuple>(tuples);
  const reply = changetype<Tuple>(tuples + TUPLE_SIZE);
  tupleOfRecord(from, State.DIRECTION_ORIGINAL, from + Connection.SIZE, original);
  tupleOfRecord(from, State.DIRECTION_REPLY, from + Connection.SIZE, reply);
  const connection = createConnection(original, reply);
  if (connection == 0) {
    count(Engine.TABLE_FULL);
    return false;
  }
  const status = <u32>load<u16>(connection, Connection.STATUS) | load<u16>(from, Connection.STATUS);
  store<u16>(connection, status, Connection.STATUS);
  setConnectionZone(connection, zoneOfRecord(from));
  store<u8>(connection, load<u8>(from, Connection.STATE), Connection.STATE);
  store<u32>(connection, load<u32>(from, Connection.EXPIRES_AT), Connection.EXPIRES_AT);
  store<u32>(connection, load<u32>(from, Connection.MARK), Connection.MARK);
  memory.copy(connection + Connection.BYTES, from + Connection.BYTES, COUNTERS_BYTES);
  memory.copy(connection + Connection.REPLY + Connection.BYTES, from + Connection.REPLY + Connection.BYTES, COUNTERS_BYTES);
  if (original.protocol == Protocol.TCP) memory.copy(connection + Connection.WINDOW, from + Connection.WINDOW, WINDOWS_BYTES);
  // It has been there for long: an exchange of datagrams is a stream.
  else store<u32>(connection, clock() - STREAM_AFTER_MILLISECONDS - 1, Connection.CREATED_AT);
  const isOwn = addressType(original.family, tupleSrc(original)) == Program.ROUTE_LOCAL;
  store<u8>(connection, isOwn ? Connection.ORIGIN_NODE : Connection.ORIGIN_WIRE, Connection.ORIGIN);
  linkSource(connection);
  if (insertConnection(connection) == Verdict.REASON_NONE) return true;
  discardConnection(connection);
  return false;
}

/** Its number stands behind the addresses, the directions beside the family. */
function zoneOfRecord(from: usize): u32 {
  const directions = <u32>load<u8>(from, Connection.FAMILY) / Connection.ZONED_ORIGINAL;
  return packZone(load<u32>(from, Connection.SIZE + (1 << Connection.ADDRESSES_SIZE_LOG2)), directions);
}

/**
 * The table of connections (nf_conntrack_core.c): created unconfirmed, found by either direction's tuple once confirmed,
 * ended by time, by eviction or by their own packets. Its capacity is stated and never exceeded.
 */

import * as Connection from "../layout/connection";
import * as Engine from "../layout/engine";
import * as Index from "../layout/index";
import * as Protocol from "../layout/protocol";
import * as State from "../layout/state";
import * as Verdict from "../layout/verdict";
import { clock, count, engine } from "../memory/engine";
import { bucketAfter, bucketOf, findIndexed, initBuckets, insertEntry, removeEntry } from "./buckets";
import { initClock } from "./clock";
import { hashOfConnection, hashOfTuple, hashTuple4, initHash, keyOfAddresses, portsOf } from "./hash";
import { recordOf } from "./half";
import { isExpired } from "./lookup";
import {
  connectionIndex,
  dropRecord,
  initRecords,
  isFull,
  queueEnded,
  reap,
  recordAt,
  recordCount,
  retireRecord,
  takeRecord,
} from "./records";
import { startPressure } from "./sweep";
import { Tuple, addressesOf } from "./tuple";
import { forgetReply, freeHash, isFree, noteFree, startKnowing } from "./unconfirmed";
import { hasZones, initZones } from "./zones";

export { findTuple, findTuple4, isExpired, isTupleTaken } from "./lookup";
export { connectionIndex, reap } from "./records";
export { sweep } from "./sweep";

/**
 * How many buckets are looked through for a victim. early_drop() of the kernel takes eight (NF_CT_EVICTION_RANGE), each
 * with two tuples when the table is full (nf_conntrack_buckets = nf_conntrack_max): two of ours hold as many.
 */
const EVICTION_BUCKETS: u32 = 2;

/** Carves everything from the engine's configuration. False: it does not fit into memory. */
export function initTable(): bool {
  initHash();
  initClock();
  return initRecords() && initZones() && initBuckets(load<u32>(engine, Engine.CONNECTIONS_MAX));
}

/**
 * A new connection, unconfirmed: nobody else can find it. At capacity an evictable one goes first (early_drop());
 * 0: there is none, or no room for IPv6, or all free records wait for the host.
 */
export function createConnection(original: Tuple, reply: Tuple): usize {
  if (original.family == 6 && load<u32>(engine, Engine.ADDRESSES) == 0) return 0;
  const connection = openRecord(original.family, original.protocol, hashOfTuple(original));
  if (connection == 0) return 0;
  setTuple(connection, State.DIRECTION_ORIGINAL, original);
  setTuple(connection, State.DIRECTION_REPLY, reply);
  return connection;
}

/** The same of an IPv4 tuple in zone 0, as a record has it, that was looked for in vain and has this hash. */
export function createConnection4(addresses: u64, ports: u32, protocol: u32, hash: u64): usize {
  const connection = openRecord(4, protocol, hash);
  if (connection == 0) return 0;
  store<u64>(connection, addresses);
  store<u32>(connection, ports, Connection.SRC_PORT);
  store<u64>(connection + Connection.REPLY, rotl<u64>(addresses, 32));
  store<u32>(connection + Connection.REPLY, rotl<u32>(ports, 16), Connection.SRC_PORT);
  noteFree(connection, State.DIRECTION_ORIGINAL, hash);
  return connection;
}

/** NAT's change of an unconfirmed connection: what its replies will look like. */
export function setReplyTuple(connection: usize, tuple: Tuple): void {
  assert((statusOf(connection) & Connection.STATUS_CONFIRMED) == 0, "a confirmed connection cannot change");
  setTuple(connection, State.DIRECTION_REPLY, tuple);
  forgetReply();
}

/**
 * The same for an IPv4 tuple that stands as in a record, and only if nobody has it. False: somebody has, or it may belong
 * to a zone, and nothing has changed.
 */
export function claimReply4(connection: usize, addresses: u64, ports: u32): bool {
  const protocol = <u32>load<u8>(connection, Connection.PROTOCOL);
  const hash = hashTuple4(addresses, ports, protocol);
  if (hasZones() || findIndexed(hash, addresses, ports, protocol, 0) != 0) return false;
  store<u64>(connection + Connection.REPLY, addresses);
  store<u32>(connection + Connection.REPLY, ports, Connection.SRC_PORT);
  noteFree(connection, State.DIRECTION_REPLY, hash);
  return true;
}

/** Forgets an unconfirmed connection: its packet was dropped, or never belonged to one. */
export function discardConnection(connection: usize): void {
  assert((statusOf(connection) & Connection.STATUS_CONFIRMED) == 0, "a confirmed connection is removed, not discarded");
  dropRecord(connection);
}

/**
 * Confirms a connection: both directions can be found from now on, and its time begins. REASON_CLASH: one of its tuples
 * is taken. The kernel resolves a clash of UDP by merging into the winner only if that is the same conversation, which
 * one packet at a time cannot bring about; all others drop the packet, as here.
 */
export function insertConnection(connection: usize): u32 {
  for (let direction = State.DIRECTION_ORIGINAL; direction <= State.DIRECTION_REPLY; direction++) {
    if (isFree(connection, direction)) continue;
    count(Engine.INSERT_FAILED);
    return Verdict.REASON_CLASH;
  }
  store<u32>(connection, load<u32>(connection, Connection.EXPIRES_AT) + clock(), Connection.EXPIRES_AT);
  store<u16>(connection, statusOf(connection) | Connection.STATUS_CONFIRMED, Connection.STATUS);
  // The reply first: where both are equal (source = destination), the kernel's chains find the reply.
  insertEntry(freeHash(State.DIRECTION_REPLY), connection + Connection.REPLY);
  insertEntry(freeHash(State.DIRECTION_ORIGINAL), connection);
  startKnowing(0);
  store<u32>(engine, load<u32>(engine, Engine.OPEN) + 1, Engine.OPEN);
  return Verdict.REASON_NONE;
}

/** Ends a confirmed connection and counts it. Its record can be read until reap(). */
export function removeConnection(connection: usize, counter: u32): void {
  unlink(connection);
  store<u16>(connection, statusOf(connection) | Connection.STATUS_DYING, Connection.STATUS);
  retireRecord(connection);
  count(counter);
}

/** Ends a connection by its number, as `conntrack -D` does. Only between two packets. False: there is none. */
export function deleteConnection(index: u32): bool {
  if (index >= recordCount()) return false;
  const connection = recordAt(index);
  const status = statusOf(connection);
  if ((status & (Connection.STATUS_CONFIRMED | Connection.STATUS_DYING)) != Connection.STATUS_CONFIRMED) return false;
  removeConnection(connection, Engine.CLOSED);
  reap();
  return true;
}

/**
 * Moves the ended and the open connections into the queue of ended ones; what was open has no STATUS_DYING there.
 * False: the queue is full, call again when it is drained.
 */
export function endAll(): bool {
  if (!reap()) return false;
  const records = recordCount();
  for (let index: u32 = 0; index < records; index++) {
    const connection = recordAt(index);
    if ((statusOf(connection) & Connection.STATUS_CONFIRMED) == 0) continue;
    if (!queueEnded(connection)) return false;
    unlink(connection);
    dropRecord(connection);
  }
  return true;
}

function statusOf(connection: usize): u32 {
  return load<u16>(connection, Connection.STATUS);
}

function unlink(connection: usize): void {
  removeEntry(hashOfConnection(connection, State.DIRECTION_ORIGINAL), connection);
  removeEntry(hashOfConnection(connection, State.DIRECTION_REPLY), connection + Connection.REPLY);
  store<u32>(engine, load<u32>(engine, Engine.OPEN) - 1, Engine.OPEN);
}

/** Takes a record, near whose hash one may have to go; 0: there is none. */
function openRecord(family: u32, protocol: u32, hash: u64): usize {
  if (isFull() && !evictNear(hash)) {
    startPressure();
    return 0;
  }
  const connection = takeRecord();
  if (connection == 0) return 0;
  startKnowing(connection);
  store<u8>(connection, protocol, Connection.PROTOCOL);
  store<u8>(connection, <u8>family, Connection.FAMILY);
  store<u16>(connection, Connection.STATUS_LIVE, Connection.STATUS);
  if (protocol != Protocol.TCP) store<u32>(connection, clock(), Connection.CREATED_AT);
  return connection;
}

function setTuple(connection: usize, direction: u32, tuple: Tuple): void {
  const half = connection + (<usize>direction << Connection.TUPLE_LOG2);
  store<u64>(half, keyOfAddresses(tuple));
  store<u32>(half, portsOf(tuple), Connection.SRC_PORT);
  if (tuple.family == 4) return;
  memory.copy(addressesOf(connection, direction), changetype<usize>(tuple) + offsetof<Tuple>("srcLow"), 32);
}

/**
 * early_drop(): ends one connection that has seen no proper two-way traffic, out of the buckets from the hash's on, or
 * one whose time is over.
 */
function evictNear(hash: u64): bool {
  let bucket = bucketOf(hash);
  const now = clock();
  for (let left = EVICTION_BUCKETS; left != 0; left--) {
    for (let slot: usize = 0; slot < Index.SLOTS; slot++) {
      if (load<u8>(bucket + slot) == 0) continue;
      const connection = recordOf(load<u32>(bucket + (slot << 2), Index.HALVES));
      if (isExpired(connection, now)) {
        removeConnection(connection, Engine.EXPIRED);
        return true;
      }
      if ((statusOf(connection) & Connection.STATUS_ASSURED) == 0) {
        removeConnection(connection, Engine.EVICTED);
        return true;
      }
    }
    bucket = bucketAfter(bucket);
  }
  return false;
}

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
import { hashOfConnection, hashOfTuple, initHash, keyOfAddresses } from "./hash";
import { recordOf } from "./half";
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
import { Tuple, addressesOf, isSameTuple, tupleOfConnection } from "./tuple";
import { findZoned, hasZones, initZones } from "./zones";

export { connectionIndex, reap } from "./records";
export { sweep } from "./sweep";

/**
 * How many buckets are looked through for a victim. early_drop() of the kernel takes eight (NF_CT_EVICTION_RANGE), each
 * with two tuples when the table is full (nf_conntrack_buckets = nf_conntrack_max): two of ours hold as many.
 */
const EVICTION_BUCKETS: u32 = 2;

const otherTuple: usize = memory.data(48, 16);
const ownTuple: usize = memory.data(48, 16);

/** Carves everything from the engine's configuration. False: it does not fit into memory. */
export function initTable(): bool {
  initHash();
  initClock();
  return initRecords() && initZones() && initBuckets(load<u32>(engine, Engine.CONNECTIONS_MAX));
}

/** Record | direction of the connection that a tuple belongs to, or 0. An expired one is ended and not found. */
export function findTuple(tuple: Tuple): usize {
  const found = hasZones() ? findZoned(hashOfTuple(tuple), tuple) : findUnzoned(tuple);
  if (found == 0) return 0;
  const connection = found & ~1;
  if (!isExpired(connection, clock())) return found;
  removeConnection(connection, Engine.EXPIRED);
  return 0;
}

function findUnzoned(tuple: Tuple): usize {
  const addresses6: usize = tuple.family == 4 ? 0 : changetype<usize>(tuple) + offsetof<Tuple>("srcLow");
  const ports = tuple.srcPort | (tuple.dstPort << 16);
  return findIndexed(hashOfTuple(tuple), keyOfAddresses(tuple), ports, tuple.protocol, addresses6);
}

/** The connection's time is over. */
export function isExpired(connection: usize, now: u32): bool {
  return <i32>(load<u32>(connection, Connection.EXPIRES_AT) - now) <= 0;
}

/**
 * Another connection than `except` has the tuple (nf_conntrack_tuple_taken()). One with the same original tuple as
 * `except` does not count: both are the same conversation, which insertConnection() sorts out.
 */
export function isTupleTaken(tuple: Tuple, except: usize): bool {
  const found = findTuple(tuple) & ~1;
  if (found == 0 || found == except) return false;
  const other = changetype<Tuple>(otherTuple);
  const own = changetype<Tuple>(ownTuple);
  tupleOfConnection(found, State.DIRECTION_ORIGINAL, other);
  tupleOfConnection(except, State.DIRECTION_ORIGINAL, own);
  return !isSameTuple(own, other);
}

/**
 * A new connection, unconfirmed: nobody else can find it. At capacity an evictable one goes first (early_drop());
 * 0: there is none, or no room for IPv6, or all free records wait for the host.
 */
export function createConnection(original: Tuple, reply: Tuple): usize {
  if (original.family == 6 && load<u32>(engine, Engine.ADDRESSES) == 0) return 0;
  if (isFull() && !evictNear(hashOfTuple(original))) {
    startPressure();
    return 0;
  }
  const connection = takeRecord();
  if (connection == 0) return 0;
  store<u8>(connection, original.protocol, Connection.PROTOCOL);
  store<u8>(connection, <u8>original.family, Connection.FAMILY);
  store<u16>(connection, Connection.STATUS_LIVE, Connection.STATUS);
  if (original.protocol != Protocol.TCP) store<u32>(connection, clock(), Connection.CREATED_AT);
  setTuple(connection, State.DIRECTION_ORIGINAL, original);
  setTuple(connection, State.DIRECTION_REPLY, reply);
  return connection;
}

/** NAT's change of an unconfirmed connection: what its replies will look like. */
export function setReplyTuple(connection: usize, tuple: Tuple): void {
  assert((statusOf(connection) & Connection.STATUS_CONFIRMED) == 0, "a confirmed connection cannot change");
  setTuple(connection, State.DIRECTION_REPLY, tuple);
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
  const original = hashOfConnection(connection, State.DIRECTION_ORIGINAL);
  const reply = hashOfConnection(connection, State.DIRECTION_REPLY);
  if (isHeld(connection, State.DIRECTION_ORIGINAL) || isHeld(connection, State.DIRECTION_REPLY)) {
    count(Engine.INSERT_FAILED);
    return Verdict.REASON_CLASH;
  }
  store<u32>(connection, load<u32>(connection, Connection.EXPIRES_AT) + clock(), Connection.EXPIRES_AT);
  store<u16>(connection, statusOf(connection) | Connection.STATUS_CONFIRMED, Connection.STATUS);
  // The reply first: where both are equal (source = destination), the kernel's chains find the reply.
  insertEntry(reply, connection + Connection.REPLY);
  insertEntry(original, connection);
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

function setTuple(connection: usize, direction: u32, tuple: Tuple): void {
  const half = connection + (<usize>direction << Connection.TUPLE_LOG2);
  store<u64>(half, keyOfAddresses(tuple));
  store<u32>(half, tuple.srcPort | (tuple.dstPort << 16), Connection.SRC_PORT);
  if (tuple.family == 4) return;
  memory.copy(addressesOf(connection, direction), changetype<usize>(tuple) + offsetof<Tuple>("srcLow"), 32);
}

function isHeld(connection: usize, direction: u32): bool {
  const tuple = changetype<Tuple>(ownTuple);
  tupleOfConnection(connection, direction, tuple);
  return findTuple(tuple) != 0;
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

/**
 * Connections by their source (nf_nat_bysource): a client's port that was translated is translated to the same port
 * again, to whatever destination. Each bucket is a list, the youngest connection first. A record that ends stays in its
 * list until it is used again, and is passed over meanwhile; so nobody who ends connections needs to know of this.
 */

import * as Connection from "../layout/connection";
import * as State from "../layout/state";
import { hashOfConnectionSource, hashOfSource } from "../conntrack/hash";
import { connectionIndex, recordAt, recordsMax } from "../conntrack/records";
import { isExpired } from "../conntrack/table";
import { TUPLE_SIZE, Tuple, tupleOfConnection } from "../conntrack/tuple";
import { carve } from "../memory/arena";
import { clock } from "../memory/engine";

/** A record's place in its list. Links count from 1; 0: there is none. */
const LINK_SIZE_LOG2: u32 = 3;
const NEXT: u32 = 0; //     u32
const PREVIOUS: u32 = 4; // u32  of a list's first: IS_HEAD | bucket; 0: the record is in no list
const IS_HEAD: u32 = 1 << 31;

/** How many connections of one source are looked through. The kernel has no limit. */
const SOURCES_MAX: u32 = 1024;
const SOURCE_DONE: u32 = Connection.STATUS_LIVE | Connection.STATUS_SRC_NAT_DONE;

const original: usize = memory.data(TUPLE_SIZE, 16);
let heads: usize = 0;
let links: usize = 0;
let buckets: u32 = 0;
let left: u32 = 0;

/** Carves three buckets for four records, and a link for each. False: they do not fit into memory. */
export function initSources(): bool {
  buckets = recordsMax() - (recordsMax() >> 2);
  heads = carve(<u64>buckets << 2, true);
  links = carve(<u64>(recordsMax() + 1) << LINK_SIZE_LOG2, true);
  return heads != 0 && links != 0;
}

/** Enters a connection, whose source has just been bound, under its original source. */
export function linkSource(connection: usize): void {
  const link = connectionIndex(connection) + 1;
  unlink(link);
  const bucket = bucketOf(hashOfConnectionSource(connection));
  const head = heads + (<usize>bucket << 2);
  const next = load<u32>(head);
  if (next != 0) store<u32>(linkAt(next), link, PREVIOUS);
  store<u32>(linkAt(link), next, NEXT);
  store<u32>(linkAt(link), IS_HEAD | bucket, PREVIOUS);
  store<u32>(head, link);
}

/** The youngest connection with the tuple's source, or 0. */
export function firstOfSource(tuple: Tuple): usize {
  left = SOURCES_MAX;
  return searchFrom(load<u32>(heads + (<usize>bucketOf(hashOfSource(tuple)) << 2)), tuple);
}

/** The one before it, or 0. */
export function nextOfSource(connection: usize, tuple: Tuple): usize {
  return searchFrom(load<u32>(linkAt(connectionIndex(connection) + 1), NEXT), tuple);
}

function searchFrom(link: u32, tuple: Tuple): usize {
  for (; link != 0 && left != 0; left--, link = load<u32>(linkAt(link), NEXT)) {
    const connection = recordAt(link - 1);
    if (isBoundNow(connection) && hasSource(connection, tuple)) return connection;
  }
  return 0;
}

function isBoundNow(connection: usize): bool {
  const status: u32 = load<u16>(connection, Connection.STATUS);
  if ((status & SOURCE_DONE) != SOURCE_DONE || (status & Connection.STATUS_DYING) != 0) return false;
  return (status & Connection.STATUS_CONFIRMED) != 0 && !isExpired(connection, clock());
}

function hasSource(connection: usize, tuple: Tuple): bool {
  const own = changetype<Tuple>(original);
  tupleOfConnection(connection, State.DIRECTION_ORIGINAL, own);
  return (
    own.srcLow == tuple.srcLow && own.srcHigh == tuple.srcHigh && own.srcPort == tuple.srcPort &&
    own.protocol == tuple.protocol && own.family == tuple.family && own.zone == tuple.zone
  );
}

function unlink(link: u32): void {
  const previous = load<u32>(linkAt(link), PREVIOUS);
  if (previous == 0) return;
  const next = load<u32>(linkAt(link), NEXT);
  if ((previous & IS_HEAD) != 0) store<u32>(heads + (<usize>(previous & ~IS_HEAD) << 2), next);
  else store<u32>(linkAt(previous), next, NEXT);
  if (next != 0) store<u32>(linkAt(next), previous, PREVIOUS);
}

function linkAt(link: u32): usize {
  return links + (<usize>link << LINK_SIZE_LOG2);
}

function bucketOf(hash: u64): u32 {
  return <u32>(((hash & 0xffffffff) * buckets) >> 32);
}

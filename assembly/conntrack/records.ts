/**
 * The records of connections: taken from a free list, given back through the list of the dying. A connection that ends
 * leaves the index at once, but its record stays readable until reap(), because the packet that ended it (an RST, say)
 * still has to be translated; and until the host has room for it in the queue of ended connections, if it wants them.
 */

import * as Connection from "../layout/connection";
import * as Engine from "../layout/engine";
import { carve } from "../memory/arena";
import { engine, hasFlag } from "../memory/engine";
import { clearLines } from "../memory/words";

/** Records beyond the capacity: for connections that are created before those that they evicted are reaped. */
const SPARE: u32 = 64;
/** An ended connection in the queue: its record and its IPv6 addresses. */
export const ENDED_SIZE: u32 = Connection.SIZE + (1 << Connection.ADDRESSES_SIZE_LOG2);
/** Links count from 1, 0 ends a list. A free record's is in its first word, a dying one's where the way out was cached. */
const NEXT_FREE: u32 = Connection.SRC_ADDR;
const NEXT_DYING: u32 = Connection.ADJACENCY;

let connections: usize = 0;
let capacity: u32 = 0;
/** Records [0, fresh) have been used before. */
let fresh: u32 = 0;
/** Records of connections that live: confirmed or not, not dying. */
let living: u32 = 0;
let freeHead: u32 = 0;
let dyingHead: u32 = 0;
let dyingTail: u32 = 0;

/** Carves records, IPv6 addresses and the queue of ended connections. */
export function initRecords(): bool {
  capacity = load<u32>(engine, Engine.CONNECTIONS_MAX);
  const records: u64 = <u64>capacity + SPARE;
  connections = carve(records << Connection.SIZE_LOG2, true);
  const addresses = hasFlag(Engine.ENGINE_IP6) ? carve(records << Connection.ADDRESSES_SIZE_LOG2, true) : 0;
  const ended = carve(<u64>load<u32>(engine, Engine.ENDED_MAX) * ENDED_SIZE, true);
  store<u32>(engine, <u32>connections, Engine.CONNECTIONS);
  store<u32>(engine, <u32>addresses, Engine.ADDRESSES);
  store<u32>(engine, <u32>ended, Engine.ENDED);
  return connections != 0 && ended != 0 && (addresses != 0 || !hasFlag(Engine.ENGINE_IP6));
}

export function recordAt(index: u32): usize {
  return connections + (<usize>index << Connection.SIZE_LOG2);
}

/** The number of a connection: its place among the records. */
export function connectionIndex(connection: usize): u32 {
  return <u32>((connection - connections) >> Connection.SIZE_LOG2);
}

/** Records that may hold a connection: those from this number on have never been used. */
export function recordCount(): u32 {
  return fresh;
}

/** How many records there are at most. */
export function recordsMax(): u32 {
  return capacity + SPARE;
}

export function livingCount(): u32 {
  return living;
}

/** As many connections live as may. */
export function isFull(): bool {
  return living >= capacity;
}

/** A cleared record, or 0: none is free, because the dying wait for the host. */
export function takeRecord(): usize {
  let connection: usize = 0;
  if (freeHead != 0) {
    connection = recordAt(freeHead - 1);
    freeHead = load<u32>(connection, NEXT_FREE);
  } else if (fresh < capacity + SPARE) {
    connection = recordAt(fresh++);
  } else {
    return 0;
  }
  living++;
  clearLines(connection, Connection.SIZE);
  return connection;
}

/** Gives back the record of a connection that never was in the index. */
export function dropRecord(connection: usize): void {
  living--;
  freeRecord(connection);
}

/** Puts the record of a connection that left the index into the list of the dying. */
export function retireRecord(connection: usize): void {
  living--;
  const link = connectionIndex(connection) + 1;
  store<u32>(connection, 0, NEXT_DYING);
  if (dyingHead == 0) dyingHead = link;
  else store<u32>(recordAt(dyingTail - 1), link, NEXT_DYING);
  dyingTail = link;
}

/**
 * Moves the dying into the queue of ended connections, in the order in which they ended, and frees their records. Only
 * between two packets. False: the host wants them and its queue is full; the rest stays until it is drained.
 */
export function reap(): bool {
  if (dyingHead == 0) return true;
  const wanted = hasFlag(Engine.ENGINE_ENDED);
  while (dyingHead != 0) {
    const connection = recordAt(dyingHead - 1);
    if (wanted && !queueEnded(connection)) return false;
    dyingHead = load<u32>(connection, NEXT_DYING);
    freeRecord(connection);
  }
  return true;
}

/** Copies a connection into the queue that the host reads. False: it is full. */
export function queueEnded(connection: usize): bool {
  const count = load<u32>(engine, Engine.ENDED_COUNT);
  if (count >= load<u32>(engine, Engine.ENDED_MAX)) return false;
  const place = <usize>load<u32>(engine, Engine.ENDED) + <usize>count * ENDED_SIZE;
  memory.copy(place, connection, Connection.SIZE);
  if ((<u32>load<u8>(connection, Connection.FAMILY) & Connection.FAMILY_MASK) == 6) {
    const offset = <usize>connectionIndex(connection) << Connection.ADDRESSES_SIZE_LOG2;
    const addresses = <usize>load<u32>(engine, Engine.ADDRESSES) + offset;
    memory.copy(place + Connection.SIZE, addresses, 1 << Connection.ADDRESSES_SIZE_LOG2);
  }
  store<u32>(engine, count + 1, Engine.ENDED_COUNT);
  return true;
}

function freeRecord(connection: usize): void {
  store<u16>(connection, 0, Connection.STATUS);
  store<u32>(connection, freeHead, NEXT_FREE);
  freeHead = connectionIndex(connection) + 1;
}

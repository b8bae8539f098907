/**
 * How many connections a rule or an element has met that are still there (nf_conncount.c): each is noted by its original
 * tuple, and forgotten by whoever counts after its end. Notes are of one program: the next begins to count anew.
 *
 *      0      4        8                             56
 *      ├ next ┼ unused ┼ tuple ──────────────────────┤
 *
 * Links are numbers of notes, from 1; 0 ends a list.
 */

import * as Connection from "../layout/connection";
import * as Engine from "../layout/engine";
import * as Instructions from "../layout/instructions";
import * as Protocol from "../layout/protocol";
import * as State from "../layout/state";
import { findTuple } from "../conntrack/table";
import { TUPLE_SIZE, Tuple, copyTuple, isSameTuple, tupleOfConnection, tupleOfPacket } from "../conntrack/tuple";
import { isTrying } from "../follow/trial";
import { carve } from "../memory/arena";
import { count, engine } from "../memory/engine";
import { Packet } from "../packet";
import { stateOf } from "./limit";

/** What checkConnections() says. LOST: the packet has no tuple, or nothing is noted for its address; it is dropped, as without room. */
export const CONNECTIONS_NO_MATCH: u32 = 0;
export const CONNECTIONS_MATCH: u32 = 1;
export const CONNECTIONS_NO_ROOM: u32 = 2;
export const CONNECTIONS_LOST: u32 = 3;

/** CONNCOUNT_GC_MAX_COLLECT: who counts forgets at most one more. */
const FORGOTTEN_MAX: u32 = 64;

const NOTE_SIZE: usize = 56;
const TUPLE: usize = 8;

const asked: usize = memory.data(TUPLE_SIZE, 16);
/** A tuple that no connection has. */
const nobody: usize = memory.data(TUPLE_SIZE, 16);

let notes: usize = 0;
/** Notes that this program has taken, and the first of those that are free again. */
let taken: u32 = 0;
let free: u32 = 0;
let generation: u32 = 0;

/** Carves room for as many notes as there may be elements. False: there is no memory. */
export function initConnectionNotes(): bool {
  notes = carve(<u64>notesMax() * NOTE_SIZE);
  return notes != 0;
}

/**
 * nft_connlimit_do_eval(), connlimit_mt(): notes the packet's connection, unless it is noted, and compares the count. One
 * that is assured has been noted before, or never is; only an address that nobody has counted for begins with it.
 */
export function checkConnections(packet: Packet, at: usize): u32 {
  const tuple = changetype<Tuple>(asked);
  if (packet.connection != 0) tupleOfConnection(packet.connection, State.DIRECTION_ORIGINAL, tuple);
  else if (!tupleOfPacket(packet, tuple)) return CONNECTIONS_LOST;
  const list = stateOf(at);
  const isNew = beginAnew(list);
  const options: u32 = load<u8>(at, Instructions.OPTIONS);
  const isOfAddress = (options & Instructions.CONNECTIONS_OF_ADDRESS) != 0;
  const mayBeNoted = !isAssured(packet) || (isNew && isOfAddress);
  let isNoted = lookThrough(list, mayBeNoted ? tuple : changetype<Tuple>(nobody)) || !mayBeNoted;
  if (!isNoted && !isTrying()) {
    if (!note(list, tuple)) return CONNECTIONS_NO_ROOM;
    isNoted = true;
  }
  const connections = load<u32>(list, Instructions.CONNECTIONS_COUNT) + u32(!isNoted);
  if (connections == 0 && isOfAddress) return CONNECTIONS_LOST;
  const limit = load<u64>(load<u32>(engine, Engine.PROGRAM) + <usize>load<u32>(at, Instructions.Y));
  const isOver = <u64>connections > limit;
  return isOver == ((options & Instructions.STATE_OVER) != 0) ? CONNECTIONS_MATCH : CONNECTIONS_NO_MATCH;
}

function isAssured(packet: Packet): bool {
  const connection = packet.connection;
  return connection != 0 && (<u32>load<u16>(connection, Connection.STATUS) & Connection.STATUS_ASSURED) != 0;
}

/** What another program noted is free. True: nobody has counted here in this one. */
function beginAnew(list: usize): bool {
  const now = load<u32>(engine, Engine.GENERATION);
  if (generation != now) {
    generation = now;
    taken = 0;
    free = 0;
  }
  if (load<u32>(list, Instructions.CONNECTIONS_GENERATION) == now) return false;
  memory.fill(list, 0, Instructions.CONNECTIONS_STATE_BYTES);
  store<u32>(list, now, Instructions.CONNECTIONS_GENERATION);
  return true;
}

/** __nf_conncount_add(): whether the tuple is noted. On the way there connections that have ended are forgotten. */
function lookThrough(list: usize, tuple: Tuple): bool {
  let forgotten: u32 = 0;
  let before: u32 = 0;
  let number = load<u32>(list, Instructions.CONNECTIONS_FIRST);
  while (number != 0 && forgotten <= FORGOTTEN_MAX) {
    const next = load<u32>(noteAt(number));
    const noted = changetype<Tuple>(noteAt(number) + TUPLE);
    const found = findTuple(noted) & ~1;
    if (found != 0 && isSameTuple(noted, tuple)) return true;
    if (found != 0 && !isClosed(found)) {
      before = number;
    } else {
      forgotten++;
      if (isTrying()) before = number;
      else forget(list, before, number);
    }
    number = next;
  }
  return false;
}

/** already_closed() */
function isClosed(connection: usize): bool {
  if (load<u8>(connection, Connection.PROTOCOL) != Protocol.TCP) return false;
  const state: u32 = load<u8>(connection, Connection.STATE);
  return state == State.TCP_TIME_WAIT || state == State.TCP_CLOSE;
}

/** A note at the list's end. False: there is no memory. */
function note(list: usize, tuple: Tuple): bool {
  let number = free;
  if (number != 0) {
    free = load<u32>(noteAt(number));
  } else {
    if (taken >= notesMax()) {
      count(Engine.SETS_FULL);
      return false;
    }
    number = ++taken;
  }
  store<u32>(noteAt(number), 0);
  copyTuple(tuple, changetype<Tuple>(noteAt(number) + TUPLE));
  const last = load<u32>(list, Instructions.CONNECTIONS_LAST);
  if (last == 0) store<u32>(list, number, Instructions.CONNECTIONS_FIRST);
  else store<u32>(noteAt(last), number);
  store<u32>(list, number, Instructions.CONNECTIONS_LAST);
  store<u32>(list, load<u32>(list, Instructions.CONNECTIONS_COUNT) + 1, Instructions.CONNECTIONS_COUNT);
  return true;
}

/** Takes the note behind `before` (0: the first) out of the list. */
function forget(list: usize, before: u32, number: u32): void {
  const next = load<u32>(noteAt(number));
  if (before == 0) store<u32>(list, next, Instructions.CONNECTIONS_FIRST);
  else store<u32>(noteAt(before), next);
  if (next == 0) store<u32>(list, before, Instructions.CONNECTIONS_LAST);
  store<u32>(list, load<u32>(list, Instructions.CONNECTIONS_COUNT) - 1, Instructions.CONNECTIONS_COUNT);
  store<u32>(noteAt(number), free);
  free = number;
}

function noteAt(number: u32): usize {
  return notes + <usize>(number - 1) * NOTE_SIZE;
}

function notesMax(): u32 {
  return max<u32>(load<u32>(engine, Engine.DYNAMIC_MAX), 1);
}

/** Looks for connections by their tuples; what is found expired is ended (nf_conntrack_find_get, ____nf_conntrack_find). */

import * as Connection from "../layout/connection";
import * as Engine from "../layout/engine";
import * as State from "../layout/state";
import { clock } from "../memory/engine";
import { findIndexed } from "./buckets";
import { hashOfKey, keyOfAddresses, portsOf } from "./hash";
import { removeConnection } from "./table";
import { Tuple, addressesOf, familyOf } from "./tuple";
import { findZoned, hasZones, zoneOfConnection } from "./zones";

const ORIGINAL = State.DIRECTION_ORIGINAL;
/** Protocol, and family with the original direction's zone bit, in the eight bytes from PROTOCOL on. */
const KIND_MASK: u64 = 0x1f00_0000_0000_00ff;
if (Connection.FAMILY != Connection.PROTOCOL + 7) ERROR("the family is not seven bytes behind the protocol");
if (KIND_MASK >> 56 != (Connection.FAMILY_MASK | Connection.ZONED_ORIGINAL)) ERROR("KIND_MASK has other bits than FAMILY");

let sought: u64 = 0;

/** Record | direction of the connection that a tuple belongs to, or 0. An expired one is ended and not found. */
export function findTuple(tuple: Tuple): usize {
  const addresses = keyOfAddresses(tuple);
  const hash = hashOfKey(tuple, addresses);
  sought = hash;
  if (hasZones()) return unlessExpired(findZoned(hash, tuple));
  const addresses6: usize = tuple.family == 4 ? 0 : changetype<usize>(tuple) + offsetof<Tuple>("srcLow");
  return unlessExpired(findIndexed(hash, addresses, portsOf(tuple), tuple.protocol, addresses6));
}

/** The same of an IPv4 tuple as a record has it, with its hash, where there are no zones. */
export function findTuple4(hash: u64, addresses: u64, ports: u32, protocol: u32): usize {
  return unlessExpired(findIndexed(hash, addresses, ports, protocol, 0));
}

function unlessExpired(found: usize): usize {
  if (found == 0) return 0;
  const connection = found & ~1;
  if (!isExpired(connection, clock())) return found;
  removeConnection(connection, Engine.EXPIRED);
  return 0;
}

/** The hash of the tuple that findTuple() looked for last. */
export function soughtHash(): u64 {
  return sought;
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
  return found != 0 && found != except && !hasSameOriginal(found, except);
}

function hasSameOriginal(a: usize, b: usize): bool {
  const addresses = load<u64>(a) ^ load<u64>(b);
  const ports = load<u32>(a, Connection.SRC_PORT) ^ load<u32>(b, Connection.SRC_PORT);
  const kind = (load<u64>(a, Connection.PROTOCOL) ^ load<u64>(b, Connection.PROTOCOL)) & KIND_MASK;
  if ((addresses | ports | kind) != 0 || zoneOfConnection(a, ORIGINAL) != zoneOfConnection(b, ORIGINAL)) return false;
  return familyOf(a) == 4 || memory.compare(addressesOf(a, ORIGINAL), addressesOf(b, ORIGINAL), 32) == 0;
}

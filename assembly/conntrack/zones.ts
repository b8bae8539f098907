/**
 * Zones: conversations with equal tuples that are told apart (nf_conntrack_zones.h). A packet gets its zone from a rule,
 * before conntrack sees it; a zone may hold for one direction only, the other one is of zone 0 then. Hardly a connection
 * has one, so it stands in a table of its own, and two bits beside the record's family say that it is there: who
 * compares that byte with a family looks at connections of zone 0 only. Not told apart: one zone number that holds for
 * the original direction of some connections and for the reply direction of others.
 */

import * as Connection from "../layout/connection";
import * as Engine from "../layout/engine";
import * as Index from "../layout/index";
import * as State from "../layout/state";
import { carve } from "../memory/arena";
import { engine } from "../memory/engine";
import { Packet } from "../packet";
import { bucketAfter, bucketOf, fingerprintOf, slotsOf } from "./buckets";
import { directionOf, recordOf } from "./half";
import { connectionIndex, recordsMax } from "./records";
import { findTuple } from "./table";
import { Tuple, isSameTuple, tupleOfConnection } from "./tuple";

const ZONE_SIZE_LOG2: u32 = 1;
/** A packet's zone: the number, and above it a bit for each direction that it holds for. */
const DIRECTIONS_SHIFT: u32 = 16;
const NUMBER_MASK: u32 = 0xffff;

const candidateTuple: usize = memory.data(48, 16);
let zones: usize = 0;
/** A connection has had a zone. */
let isUsed = false;

/** Carves a number for each record. False: they do not fit into memory. */
export function initZones(): bool {
  isUsed = false;
  zones = carve(<u64>recordsMax() << ZONE_SIZE_LOG2);
  store<u32>(engine, <u32>zones, Engine.ZONES);
  return zones != 0;
}

/** Puts a packet that conntrack has not seen into a zone; `directions`: bit d says that it holds for direction d. */
export function setZone(packet: Packet, number: u32, directions: u32): void {
  if (packet.ct != State.CT_NONE) return;
  packet.zone = packZone(number, directions);
}

/** A zone as packets have it. */
export function packZone(number: u32, directions: u32): u32 {
  return number == 0 ? 0 : (number & NUMBER_MASK) | (directions << DIRECTIONS_SHIFT);
}

/** There may be tuples that are only found with their zones. */
export function hasZones(): bool {
  return isUsed;
}

/** The zone of a direction of a connection. */
export function zoneOfConnection(connection: usize, direction: u32): u32 {
  const bit: u32 = Connection.ZONED_ORIGINAL << direction;
  return (<u32>load<u8>(connection, Connection.FAMILY) & bit) == 0 ? 0 : numberOf(connection);
}

/** The connection's zone, whatever the direction. */
export function zoneNumber(connection: usize): u32 {
  const bits: u32 = Connection.ZONED_ORIGINAL | Connection.ZONED_REPLY;
  return (<u32>load<u8>(connection, Connection.FAMILY) & bits) == 0 ? 0 : numberOf(connection);
}

/** Puts an unconfirmed connection into a zone, as a packet has it. */
export function setConnectionZone(connection: usize, zone: u32): void {
  if (zone == 0) return;
  isUsed = true;
  const bits = (zone >> DIRECTIONS_SHIFT) * Connection.ZONED_ORIGINAL;
  store<u8>(connection, <u32>load<u8>(connection, Connection.FAMILY) | bits, Connection.FAMILY);
  store<u16>(zones + (<usize>connectionIndex(connection) << ZONE_SIZE_LOG2), zone);
}

/**
 * Record | direction of the connection that a packet's tuple belongs to in its zone, or 0: the direction's zone must be
 * the packet's for it (resolve_normal_ct, nf_ct_zone_equal).
 */
export function findInZone(packet: Packet, tuple: Tuple): usize {
  tuple.zone = <u16>zoneFor(packet.zone, State.DIRECTION_ORIGINAL);
  const found = findTuple(tuple);
  const other = zoneFor(packet.zone, State.DIRECTION_REPLY);
  if (other == tuple.zone || (found != 0 && (<u32>found & 1) == State.DIRECTION_ORIGINAL)) return found;
  tuple.zone = <u16>other;
  const reply = findTuple(tuple);
  return (<u32>reply & 1) == State.DIRECTION_REPLY ? reply : 0;
}

/** Record | direction of a tuple in its zone, or 0: what findIndexed() finds where there are no zones. */
export function findZoned(hash: u64, tuple: Tuple): usize {
  const candidate = changetype<Tuple>(candidateTuple);
  const fingerprint = fingerprintOf(hash);
  let bucket = bucketOf(hash);
  while (true) {
    for (let slots = slotsOf(bucket, fingerprint); slots != 0; slots &= slots - 1) {
      const half: usize = load<u32>(bucket + (<usize>ctz(slots) << 2), Index.HALVES);
      const connection = recordOf(half);
      tupleOfConnection(connection, directionOf(half), candidate);
      if (isSameTuple(candidate, tuple)) return connection | directionOf(half);
    }
    if (load<u32>(bucket, Index.OVERFLOW) == 0) return 0;
    bucket = bucketAfter(bucket);
  }
}

function zoneFor(zone: u32, direction: u32): u32 {
  return ((zone >> DIRECTIONS_SHIFT) & (1 << direction)) == 0 ? 0 : zone & NUMBER_MASK;
}

function numberOf(connection: usize): u32 {
  return load<u16>(zones + (<usize>connectionIndex(connection) << ZONE_SIZE_LOG2));
}

/** What test/engine/nat.test.ts calls: connections that are set up without packets, and packets that are rewritten. */

import * as Connection from "../../assembly/layout/connection";
import * as Engine from "../../assembly/layout/engine";
import * as State from "../../assembly/layout/state";
import { createConnection, findTuple, initTable, insertConnection } from "../../assembly/conntrack/table";
import { TUPLE_SIZE, Tuple, invertTuple, tupleOfConnection, tupleOfPacket } from "../../assembly/conntrack/tuple";
import { carve } from "../../assembly/memory/arena";
import { engine } from "../../assembly/memory/engine";
import { seedRandom } from "../../assembly/memory/random";
import { natRange, setRangeAddress } from "../../assembly/nat/range";
import { rewritePacket } from "../../assembly/nat/rewrite";
import { nullBinding, setupNat } from "../../assembly/nat/setup";
import { initSources } from "../../assembly/nat/sources";
import { packetAt, resetPacket } from "../../assembly/packet";
import { parsePacket } from "../../assembly/wire/parse";

const tuples: usize = memory.data(TUPLE_SIZE * 2, 16);

export function start(seed: u64): bool {
  store<u64>(engine, seed, Engine.SEED);
  store<u32>(engine, 4096, Engine.CONNECTIONS_MAX);
  store<u32>(engine, 4096, Engine.ENDED_MAX);
  store<u32>(engine, Engine.ENGINE_IP6, Engine.FLAGS);
  seedRandom();
  return initTable() && initSources();
}

export function buffer(bytes: u32): usize {
  return carve(bytes, true);
}

/** A new, unconfirmed connection for the packet at `address`; its record. */
export function open(address: usize, bytes: u32): usize {
  const packet = packetAt(0);
  resetPacket(packet);
  packet.address = address;
  packet.bytes = bytes;
  parsePacket(packet);
  const original = changetype<Tuple>(tuples);
  const reply = changetype<Tuple>(tuples + TUPLE_SIZE);
  tupleOfPacket(packet, original);
  invertTuple(original, reply);
  packet.connection = createConnection(original, reply);
  store<u32>(packet.connection, 100_000, Connection.EXPIRES_AT);
  packet.ct = State.CT_NEW;
  return packet.connection;
}

/** Binds the packet's connection to one address (0: any) and a range of ports, in host order. */
export function bind(kind: u32, flags: u32, address: usize, addressBytes: u32, minPort: u32, maxPort: u32): u32 {
  const range = natRange();
  if (address != 0) setRangeAddress(range, address, addressBytes);
  range.flags |= flags;
  range.minPort = bswap<u16>(<u16>minPort);
  range.maxPort = bswap<u16>(<u16>maxPort);
  return setupNat(packetAt(0), kind, range);
}

export function bindNull(kind: u32): u32 {
  return nullBinding(packetAt(0), kind);
}

export function confirm(): u32 {
  return insertConnection(packetAt(0).connection);
}

/** Makes the packet's connection look as TCP tracking would have left it. */
export function setTcp(state: u32, end: u32): void {
  const connection = packetAt(0).connection;
  store<u8>(connection, <u8>state, Connection.STATE);
  store<u32>(connection, end, Connection.WINDOW + Connection.END);
}

/** The packet at `address` belongs to a connection: rewrites one end of it. */
export function rewrite(address: usize, bytes: u32, connection: usize, direction: u32, ct: u32, kind: u32): bool {
  const packet = packetAt(1);
  resetPacket(packet);
  packet.address = address;
  packet.bytes = bytes;
  parsePacket(packet);
  packet.connection = connection;
  packet.direction = direction;
  packet.ct = ct;
  return rewritePacket(packet, kind);
}

/** The port, in host order, at which replies of the connection arrive. */
export function replyPort(connection: usize): u32 {
  return bswap<u16>(load<u16>(connection + Connection.REPLY, Connection.DST_PORT));
}

/** The ICMP identifier that replies of the connection have. */
export function replyIdentifier(connection: usize): u32 {
  return bswap<u16>(load<u16>(connection + Connection.REPLY, Connection.SRC_PORT));
}

/** Whether a confirmed connection is still found by its replies. */
export function isAlive(connection: usize): bool {
  const tuple = changetype<Tuple>(tuples);
  tupleOfConnection(connection, State.DIRECTION_REPLY, tuple);
  return (findTuple(tuple) & ~1) == connection;
}

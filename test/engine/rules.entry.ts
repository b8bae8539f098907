/** What the tests of rules and routes call: programs, one packet and its connection, chains, routes, hashes. */

import * as Connection from "../../assembly/layout/connection";
import * as Engine from "../../assembly/layout/engine";
import { createConnection, initTable } from "../../assembly/conntrack/table";
import { TUPLE_SIZE, Tuple, invertTuple, tupleOfConnection, tupleOfPacket } from "../../assembly/conntrack/tuple";
import { carve } from "../../assembly/memory/arena";
import { engine } from "../../assembly/memory/engine";
import { seedRandom } from "../../assembly/memory/random";
import { packetAt, resetPacket } from "../../assembly/packet";
import { adjacencyOf, lookupRoute } from "../../assembly/route/lookup";
import { initSets } from "../../assembly/rules/dynamic";
import { initConnectionNotes } from "../../assembly/rules/connections";
import { initRecent } from "../../assembly/rules/recent-entries";
import { runChain } from "../../assembly/rules/evaluate";
import { hashKey } from "../../assembly/rules/hash";
import { register } from "../../assembly/rules/registers";
import { parsePacket } from "../../assembly/wire/parse";

export { activateProgram, activeProgram, stageProgram } from "../../assembly/rules/program";
export { addressType } from "../../assembly/route/type";
export { hashKey };

const CONNECTIONS: u32 = 1024;
const tuples: usize = memory.data(TUPLE_SIZE * 2, 16);

export function start(seed: u64, dynamicMax: u32): bool {
  store<u64>(engine, seed, Engine.SEED);
  store<u32>(engine, CONNECTIONS, Engine.CONNECTIONS_MAX);
  store<u32>(engine, CONNECTIONS, Engine.ENDED_MAX);
  store<u32>(engine, Engine.ENGINE_IP6, Engine.FLAGS);
  store<u32>(engine, dynamicMax, Engine.DYNAMIC_MAX);
  seedRandom();
  return initTable() && initSets() && initRecent() && initConnectionNotes();
}

export function buffer(bytes: u32): usize {
  return carve(bytes, true);
}

export function setClock(milliseconds: u32): void {
  store<u32>(engine, milliseconds, Engine.CLOCK);
}

/** The packet at `address` becomes the one that chains see; returns why it is dropped before them. */
export function prepare(address: usize, bytes: u32, inInterface: u32, outInterface: u32, mark: u32, ct: u32): u32 {
  const packet = packetAt(0);
  resetPacket(packet);
  packet.address = address;
  packet.bytes = bytes;
  packet.flags = 0;
  const reason = parsePacket(packet);
  packet.inInterface = inInterface;
  packet.outInterface = outInterface;
  packet.mark = mark;
  packet.ct = ct;
  return reason;
}

/** Gives the packet a new connection with these status bits besides; returns its record. */
export function connect(status: u32): usize {
  const packet = packetAt(0);
  const original = changetype<Tuple>(tuples);
  const reply = changetype<Tuple>(tuples + TUPLE_SIZE);
  tupleOfPacket(packet, original);
  invertTuple(original, reply);
  packet.connection = createConnection(original, reply);
  const at = packet.connection;
  store<u16>(at, <u16>(load<u16>(at, Connection.STATUS) | status), Connection.STATUS);
  return at;
}

/** The packet leaves by the route to its destination. */
export function leave(hook: u32, address: usize): void {
  const packet = packetAt(0);
  packet.hook = hook;
  packet.route = lookupRoute(packet.family, address);
}

/** Where the connection's replies are expected to come from (0) or to go to (1): address of 16 bytes. */
export function replyAddress(isDestination: u32): usize {
  const reply = changetype<Tuple>(tuples);
  tupleOfConnection(packetAt(0).connection, 1, reply);
  return tuples + (isDestination != 0 ? 32 : 16);
}

export function replyPort(isDestination: u32): u32 {
  const reply = changetype<Tuple>(tuples);
  tupleOfConnection(packetAt(0).connection, 1, reply);
  return bswap<u16>(<u16>(isDestination != 0 ? reply.dstPort : reply.srcPort));
}

export function run(chain: u32, policy: u32): u32 {
  return runChain(packetAt(0), chain, policy);
}

/** While somebody watches, instructions are carried out one by one. */
export function watch(isWatched: bool): void {
  const flags = load<u32>(engine, Engine.FLAGS) & ~Engine.ENGINE_TRACE;
  store<u32>(engine, isWatched ? flags | Engine.ENGINE_TRACE : flags, Engine.FLAGS);
}

export function registers(): usize {
  return register(0);
}

export function reason(): u32 {
  return packetAt(0).reason;
}

export function rule(): u32 {
  return packetAt(0).rule;
}

export function mark(): u32 {
  return packetAt(0).mark;
}

export function counter(at: u32): u32 {
  return <u32>load<u64>(engine + at);
}

export function route(family: u32, address: usize): usize {
  return lookupRoute(family, address);
}

export function adjacency(family: u32, address: usize): usize {
  return adjacencyOf(lookupRoute(family, address), family, address);
}

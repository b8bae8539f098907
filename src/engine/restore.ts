/** Connections that were known before the first packet → records in the engine's memory. */

import * as Layout from "../../assembly/layout/connection.ts";
import * as EngineLayout from "../../assembly/layout/engine.ts";
import { TCP } from "../../assembly/layout/protocol.ts";
import { addressOf } from "../network/address.ts";
import type { KnownConnection, KnownTuple } from "../network/known-connections.ts";
import type { Engine } from "./instance.ts";
import { stateNumber } from "./names.ts";

/** A record, its IPv6 addresses, and its zone. */
const ZONE = Layout.SIZE + (1 << Layout.ADDRESSES_SIZE_LOG2);
const RECORD_BYTES = ZONE + 4;
const ZONE_DIRECTIONS = {
  original: Layout.ZONED_ORIGINAL,
  reply: Layout.ZONED_REPLY,
  both: Layout.ZONED_ORIGINAL | Layout.ZONED_REPLY,
};
const IP4_BYTES = 4;
const IP6_BYTES = 16;
const MILLISECONDS_MAX = 0x7fffffff;
/** Every connection has passed the NAT hooks, whether they changed it or not. */
const BOUND = Layout.STATUS_SRC_NAT_DONE | Layout.STATUS_DST_NAT_DONE;

/** TCP's windows are not known, nor who began to close: what conntrack(8) says of a connection that it creates. */
const UNKNOWN_WINDOW = Layout.WINDOW_SACK | Layout.WINDOW_BE_LIBERAL | Layout.WINDOW_CLOSE_INIT;

/** Enters them all, once there is a program and before the first packet. What finds no place is counted by the engine. */
export function restoreConnections(engine: Engine, connections: readonly KnownConnection[]): void {
  const at = engine.field(EngineLayout.CHUNK);
  for (const connection of connections) {
    engine.bytes(at, RECORD_BYTES).fill(0);
    writeRecord(new DataView(engine.memory.buffer, at, RECORD_BYTES), connection);
    engine.exports.restoreConnection(at);
  }
}

function writeRecord(record: DataView, connection: KnownConnection): void {
  const { protocol, original, reply, state, mark, zone } = connection;
  const isIp6 = original.src.includes(":");
  record.setUint8(Layout.PROTOCOL, protocol);
  record.setUint8(Layout.STATE, state === undefined ? 0 : stateNumber(protocol, state));
  record.setUint16(Layout.STATUS, statusOf(connection), true);
  record.setUint8(Layout.FAMILY, (isIp6 ? 6 : 4) | (zone === undefined ? 0 : ZONE_DIRECTIONS[zone.directions]));
  record.setUint32(ZONE, zone?.number ?? 0, true);
  record.setUint32(Layout.EXPIRES_AT, Math.min(connection.timeoutSeconds * 1000, MILLISECONDS_MAX), true);
  record.setUint32(Layout.MARK, mark, true);
  if (protocol === TCP) {
    for (const direction of [0, 1]) {
      record.setUint8(Layout.WINDOW + (direction << Layout.WINDOW_LOG2) + Layout.WINDOW_FLAGS, UNKNOWN_WINDOW);
    }
  }
  writeTuple(record, 0, original, isIp6);
  writeTuple(record, 1, reply, isIp6);
}

/** What `conntrack -L` does not print follows from the tuples: where the reply is not the inverse, NAT was at work. */
function statusOf({ original, reply, unreplied, assured }: KnownConnection): number {
  const isSrcNat = reply.dst !== original.src || endOf(reply, "dport") !== endOf(original, "sport");
  const isDstNat = reply.src !== original.dst || (original.icmp === undefined && reply.sport !== original.dport);
  return (
    BOUND |
    (unreplied ? 0 : Layout.STATUS_SEEN_REPLY) |
    (assured ? Layout.STATUS_ASSURED : 0) |
    (isSrcNat ? Layout.STATUS_SRC_NAT : 0) |
    (isDstNat ? Layout.STATUS_DST_NAT : 0)
  );
}

/** A port, or an ICMP identifier, which stands for the source's port in both directions. */
function endOf(tuple: KnownTuple, name: "sport" | "dport"): number {
  return tuple.icmp?.id ?? tuple[name];
}

function writeTuple(record: DataView, direction: number, tuple: KnownTuple, isIp6: boolean): void {
  const at = direction << Layout.TUPLE_LOG2;
  if (tuple.icmp === undefined) {
    record.setUint16(at + Layout.SRC_PORT, tuple.sport);
    record.setUint16(at + Layout.DST_PORT, tuple.dport);
  } else {
    record.setUint16(at + Layout.SRC_PORT, tuple.icmp.id);
    record.setUint8(at + Layout.DST_PORT, tuple.icmp.type);
    record.setUint8(at + Layout.DST_PORT + 1, tuple.icmp.code);
  }
  const bytes = isIp6 ? IP6_BYTES : IP4_BYTES;
  const addresses = isIp6 ? Layout.SIZE + (direction << Layout.ADDRESSES_TUPLE_LOG2) : at + Layout.SRC_ADDR;
  setBytes(record, addresses, addressOf(tuple.src));
  setBytes(record, addresses + bytes, addressOf(tuple.dst));
  record.setUint32(at + Layout.PACKETS, tuple.packets, true);
  record.setBigUint64(at + Layout.BYTES, BigInt(tuple.bytes), true);
}

function setBytes(record: DataView, at: number, bytes: Uint8Array): void {
  new Uint8Array(record.buffer, record.byteOffset + at, bytes.length).set(bytes);
}

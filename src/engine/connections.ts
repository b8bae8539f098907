/** Connection records in the engine's memory → plain objects. */

import * as Layout from "../../assembly/layout/connection.ts";
import { ICMP, ICMP6 } from "../../assembly/layout/protocol.ts";
import { formatAddress, formatIp4 } from "../network/address.ts";
import { protocolName, stateName, statusNames } from "./names.ts";

/** One direction as its packets look on arrival. Ports are absent where the protocol has none. */
export interface Tuple {
  readonly src: string;
  readonly dst: string;
  readonly sport?: number;
  readonly dport?: number;
}

/** A tracked connection. Counts are per direction: original, reply. */
export interface Connection {
  readonly protocol: string;
  readonly original: Tuple;
  readonly reply: Tuple;
  readonly state?: string;
  readonly status: readonly string[];
  readonly packets: readonly [number, number];
  readonly bytes: readonly [number, number];
  readonly mark: number;
  /** Absent where it is none; of ended connections it is not known. */
  readonly zone?: number;
}

/** To which Service a connection counts, and what: all that reports need of it, and captures have millions. */
export interface ServedConnection {
  readonly protocol: string;
  readonly original: { readonly dst: string; readonly dport?: number };
  readonly reply: { readonly src: string; readonly sport?: number };
  readonly packets: readonly [number, number];
  readonly bytes: readonly [number, number];
}

/** Reads the record at `at`; `addresses` is where its 64 bytes of IPv6 addresses are. */
export type ReadConnection<T> = (memory: DataView, at: number, addresses: number) => T;

const IP6_BYTES = 16;

export function readConnection(memory: DataView, at: number, addresses: number): Connection {
  const protocol = memory.getUint8(at + Layout.PROTOCOL);
  const state = stateName(protocol, memory.getUint8(at + Layout.STATE));
  return {
    protocol: protocolName(protocol),
    original: readTuple(memory, at, addresses, protocol, 0),
    reply: readTuple(memory, at, addresses, protocol, 1),
    ...(state === undefined ? {} : { state }),
    status: statusNames(memory.getUint16(at + Layout.STATUS, true)),
    packets: readPackets(memory, at),
    bytes: readBytes(memory, at),
    mark: memory.getUint32(at + Layout.MARK, true),
  };
}

export function readServedConnection(memory: DataView, at: number, addresses: number): ServedConnection {
  const protocol = memory.getUint8(at + Layout.PROTOCOL);
  const reply = at + Layout.REPLY;
  const dst = readAddress(memory, at, addresses, ORIGINAL, DST);
  const src = readAddress(memory, at, addresses, REPLY, SRC);
  return {
    protocol: protocolName(protocol),
    original: hasPorts(memory, at, protocol) ? { dst, dport: memory.getUint16(at + Layout.DST_PORT) } : { dst },
    reply: hasPorts(memory, reply, protocol) ? { src, sport: memory.getUint16(reply + Layout.SRC_PORT) } : { src },
    packets: readPackets(memory, at),
    bytes: readBytes(memory, at),
  };
}

const OPEN = Layout.STATUS_LIVE | Layout.STATUS_CONFIRMED;

/** A record in use: a free one has no status at all, an unconfirmed one has not passed its last hook, one that dies waits. */
export function isOpen(memory: DataView, at: number): boolean {
  return (memory.getUint16(at + Layout.STATUS, true) & (OPEN | Layout.STATUS_DYING)) === OPEN;
}

/** The record has a zone in the table of zones. */
export function isZoned(memory: DataView, at: number): boolean {
  return memory.getUint8(at + Layout.FAMILY) > Layout.FAMILY_MASK;
}

const [ORIGINAL, REPLY] = [0, 1];
const [SRC, DST] = [0, 1];

function readTuple(memory: DataView, at: number, addresses: number, protocol: number, direction: number): Tuple {
  const tuple = at + (direction << Layout.TUPLE_LOG2);
  const src = readAddress(memory, at, addresses, direction, SRC);
  const dst = readAddress(memory, at, addresses, direction, DST);
  const sport = memory.getUint16(tuple + Layout.SRC_PORT);
  if (isIcmp(protocol)) return { src, dst, sport };
  if (!hasPorts(memory, tuple, protocol)) return { src, dst };
  return { src, dst, sport, dport: memory.getUint16(tuple + Layout.DST_PORT) };
}

/** Its identifier stands where the source's port does. */
function isIcmp(protocol: number): boolean {
  return protocol === ICMP || protocol === ICMP6;
}

function hasPorts(memory: DataView, tuple: number, protocol: number): boolean {
  if (isIcmp(protocol)) return false;
  return memory.getUint16(tuple + Layout.SRC_PORT) !== 0 || memory.getUint16(tuple + Layout.DST_PORT) !== 0;
}

function readAddress(memory: DataView, at: number, addresses: number, direction: number, end: number): string {
  if ((memory.getUint8(at + Layout.FAMILY) & Layout.FAMILY_MASK) !== 6) {
    const tuple = at + (direction << Layout.TUPLE_LOG2);
    return formatIp4(memory.getUint32(tuple + (end === SRC ? Layout.SRC_ADDR : Layout.DST_ADDR)));
  }
  const place = addresses + (direction << Layout.ADDRESSES_TUPLE_LOG2) + end * IP6_BYTES;
  return formatAddress(new Uint8Array(memory.buffer, memory.byteOffset + place, IP6_BYTES));
}

function readPackets(memory: DataView, at: number): [number, number] {
  return [memory.getUint32(at + Layout.PACKETS, true), memory.getUint32(at + Layout.REPLY + Layout.PACKETS, true)];
}

function readBytes(memory: DataView, at: number): [number, number] {
  return [readCount(memory, at + Layout.BYTES), readCount(memory, at + Layout.REPLY + Layout.BYTES)];
}

/** Exact up to 2^53. */
function readCount(memory: DataView, at: number): number {
  return memory.getUint32(at, true) + memory.getUint32(at + 4, true) * 2 ** 32;
}

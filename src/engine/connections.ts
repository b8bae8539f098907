/** Connection records in the engine's memory → plain objects. */

import * as Layout from "../../assembly/layout/connection.ts";
import { ICMP, ICMP6 } from "../../assembly/layout/protocol.ts";
import { formatAddress } from "../network/address.ts";
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

const IP4_BYTES = 4;
const IP6_BYTES = 16;

/** Reads the record at `at`; `addresses` is where its 64 bytes of IPv6 addresses are. */
export function readConnection(memory: DataView, at: number, addresses: number): Connection {
  const protocol = memory.getUint8(at + Layout.PROTOCOL);
  const state = stateName(protocol, memory.getUint8(at + Layout.STATE));
  return {
    protocol: protocolName(protocol),
    original: readTuple(memory, at, addresses, protocol, 0),
    reply: readTuple(memory, at, addresses, protocol, 1),
    ...(state === undefined ? {} : { state }),
    status: statusNames(memory.getUint16(at + Layout.STATUS, true)),
    packets: [memory.getUint32(at + Layout.PACKETS, true), memory.getUint32(at + Layout.REPLY + Layout.PACKETS, true)],
    bytes: [
      Number(memory.getBigUint64(at + Layout.BYTES, true)),
      Number(memory.getBigUint64(at + Layout.REPLY + Layout.BYTES, true)),
    ],
    mark: memory.getUint32(at + Layout.MARK, true),
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

function readTuple(memory: DataView, at: number, addresses: number, protocol: number, direction: number): Tuple {
  const tuple = at + (direction << Layout.TUPLE_LOG2);
  const ip6 = (memory.getUint8(at + Layout.FAMILY) & Layout.FAMILY_MASK) === 6;
  const pair = addresses + (direction << Layout.ADDRESSES_TUPLE_LOG2);
  const src = ip6 ? address(memory, pair, IP6_BYTES) : address(memory, tuple + Layout.SRC_ADDR, IP4_BYTES);
  const dst = ip6 ? address(memory, pair + IP6_BYTES, IP6_BYTES) : address(memory, tuple + Layout.DST_ADDR, IP4_BYTES);
  const sport = memory.getUint16(tuple + Layout.SRC_PORT);
  const dport = memory.getUint16(tuple + Layout.DST_PORT);
  if (protocol === ICMP || protocol === ICMP6) return { src, dst, sport };
  return sport === 0 && dport === 0 ? { src, dst } : { src, dst, sport, dport };
}

function address(memory: DataView, at: number, bytes: number): string {
  return formatAddress(new Uint8Array(memory.buffer, memory.byteOffset + at, bytes));
}

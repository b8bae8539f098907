/** What a protocol's tracker says of a packet, and what all trackers do with time and counters. */

import * as Connection from "../layout/connection";
import * as Descriptor from "../layout/descriptor";
import * as Engine from "../layout/engine";
import * as Protocol from "../layout/protocol";
import * as State from "../layout/state";
import * as Wire from "../layout/wire";
import { clock, count, hasFlag } from "../memory/engine";
import { ORIGIN_WIRE, Packet } from "../packet";
import { liteChecksumValid, partialSum, transportChecksumValid } from "../wire/checksum";
import { isTransportChecksumRight4 } from "../wire/checksum4";

/** It belongs to the connection; it does not; the connection is gone, look again. */
export const ACCEPT: u32 = 0;
export const INVALID: u32 = 1;
export const REPEAT: u32 = 2;

let cause: u32 = State.INVALID_UNKNOWN;

/** INVALID, and why: INVALID_* of layout/state.ts. */
export function invalid(why: u32): u32 {
  cause = why;
  return INVALID;
}

/** Why the last packet that was called invalid was. */
export function invalidCause(): u32 {
  return cause;
}

/**
 * The transport checksum is to be checked and wrong (nf_conntrack_checksum). Only packets from a wire are checked: the
 * node's own ones have checksums that are still to be made. The header must be there.
 */
export function isChecksumWrong(packet: Packet): bool {
  if (packet.origin != ORIGIN_WIRE || (packet.flags & Descriptor.FLAG_FROM_HOST) != 0) return false;
  if (!hasFlag(Engine.ENGINE_CHECKSUM) || isChecksumRight(packet)) return false;
  count(Engine.BAD_CHECKSUM);
  return true;
}

/**
 * nf_ip_checksum() and nf_checksum_partial() take UDP-Lite's pseudo header for UDP's, and an ICMP message of nothing but
 * zeros for right: their sum runs over the IP header, too.
 */
function isChecksumRight(packet: Packet): bool {
  if (packet.protocol == Protocol.TCP && packet.family == 4 && packet.transport == Wire.IP4_SIZE) {
    return isTransportChecksumRight4(packet.address, packet.bytes);
  }
  if (packet.protocol == Protocol.UDPLITE) return liteChecksumValid(packet, Protocol.UDP);
  if (packet.protocol != Protocol.ICMP) return transportChecksumValid(packet);
  return partialSum(packet.address + packet.transport, packet.bytes - packet.transport) % 0xffff == 0;
}

/** __nf_ct_refresh_acct(): a new deadline and one more packet of IP length `bytes`. */
export function refresh(connection: usize, direction: u32, bytes: u32, milliseconds: u32): void {
  const status = <u32>load<u16>(connection, Connection.STATUS);
  if ((status & Connection.STATUS_FIXED_TIMEOUT) == 0) {
    // The time of an unconfirmed connection has not begun: insertConnection() adds the clock.
    const start = status & Connection.STATUS_CONFIRMED ? clock() : 0;
    store<u32>(connection, start + milliseconds, Connection.EXPIRES_AT);
  }
  account(connection, direction, bytes);
}

/** Counts a packet. */
export function account(connection: usize, direction: u32, bytes: u32): void {
  const half = connection + (<usize>direction << Connection.DIRECTION_LOG2);
  store<u32>(half, load<u32>(half, Connection.PACKETS) + 1, Connection.PACKETS);
  store<u64>(half, load<u64>(half, Connection.BYTES) + bytes, Connection.BYTES);
}

export function statusOf(connection: usize): u32 {
  return load<u16>(connection, Connection.STATUS);
}

export function addStatus(connection: usize, bits: u32): void {
  store<u16>(connection, <u32>load<u16>(connection, Connection.STATUS) | bits, Connection.STATUS);
}

/** Remembers in a connection's record that the next packets of a direction need no rule, and which way they go. */

import * as Connection from "../layout/connection";
import * as Descriptor from "../layout/descriptor";
import * as Engine from "../layout/engine";
import * as Program from "../layout/program";
import * as Protocol from "../layout/protocol";
import * as State from "../layout/state";
import { areWindowsKnown } from "../conntrack/plain-window";
import { addressesOf } from "../conntrack/tuple";
import { NAT_BITS, cacheSums } from "../established/rewrite";
import { isRedirectable } from "../follow/redirects";
import { engine } from "../memory/engine";
import { Packet } from "../packet";
import { activeProgram } from "../rules/program";
import { isBoundToLink6 } from "../wire/ip6";
import { hookList, programHas } from "./program";

const ANSWERED: u32 = Connection.STATUS_CONFIRMED | Connection.STATUS_SEEN_REPLY;
const ANSWERED_MASK: u32 = ANSWERED | Connection.STATUS_DYING;
const BOUND: u32 = Connection.STATUS_SRC_NAT_DONE | Connection.STATUS_DST_NAT_DONE;

/**
 * Called for a packet that was forwarded whole. If it belongs to a connection that is confirmed, and nothing on the way of
 * the direction's next packets can stop or change them but the connection's own NAT, the way is cached for the direction.
 */
export function cacheWay(packet: Packet): void {
  const connection = packet.connection;
  if (connection == 0 || packet.fragments != 0 || packet.adjacency == 0) return;
  const isUnanswered = packet.ct == State.CT_NEW;
  if (!isUnanswered && packet.ct != State.CT_ESTABLISHED) return;
  const bit = isUnanswered ? Connection.FAST_UNANSWERED : Connection.FAST_ORIGINAL << packet.direction;
  const generation = <u16>load<u32>(engine, Engine.GENERATION);
  const isCurrent = load<u16>(connection, Connection.GENERATION) == generation;
  if (isCurrent && (load<u8>(connection, Connection.FAST) & bit) != 0) return;
  if (!(isUnanswered ? isSettled(packet) : isAnswered(packet)) || isRedirectable(packet)) return;
  // A program without nat chains translates nothing, not even what was translated before it.
  if ((load<u16>(connection, Connection.STATUS) & NAT_BITS) != 0 && !translates(packet)) return;
  if (packet.family == 6 && isBoundToLink(connection)) return;
  // The short way knows what the link takes, and not that a route may take less.
  if (load<u32>(packet.route, Program.ROUTE_MTU) < load<u32>(packet.adjacency, Program.ADJACENCY_MTU)) return;
  if (!isWayFree(packet, isUnanswered ? Program.HOOK_NEW_STEADY : Program.HOOK_ESTABLISHED_FREE)) return;
  const known: u32 = isCurrent ? load<u8>(connection, Connection.FAST) : 0;
  const adjacencies = activeProgram() + load<u32>(activeProgram(), Program.ADJACENCIES);
  const index = (packet.adjacency - adjacencies) / Program.ADJACENCY_SIZE;
  store<u16>(connection + (<usize>packet.direction << Connection.DIRECTION_LOG2), <u16>index, Connection.ADJACENCY);
  if (isUnanswered) store<u16>(connection, load<u16>(packet.descriptor, Descriptor.IN_INTERFACE), Connection.IN_INTERFACE);
  store<u16>(connection, generation, Connection.GENERATION);
  store<u8>(connection, <u8>(known | bit), Connection.FAST);
  cacheSums(connection);
}

/** The connection is answered, and of TCP's windows is known what conntrack/plain-window.ts takes for granted. */
function isAnswered(packet: Packet): bool {
  const connection = packet.connection;
  if ((load<u16>(connection, Connection.STATUS) & ANSWERED_MASK) != ANSWERED) return false;
  return packet.protocol != Protocol.TCP || areWindowsKnown(connection);
}

/**
 * The connection has no answer, and what the chains have let pass now they let pass again. Not so its first packet: nat
 * chains were asked about it, too, which may have marked it, before it was confirmed. Where nothing is bound they are asked
 * about each one.
 */
function isSettled(packet: Packet): bool {
  const connection = packet.connection;
  const status: u32 = load<u16>(connection, Connection.STATUS);
  if ((status & ANSWERED_MASK) != Connection.STATUS_CONFIRMED || load<u32>(connection, Connection.PACKETS) < 2) return false;
  return (status & BOUND) == BOUND || !translates(packet);
}

/** Whether the program has nat chains of the packet's family. */
function translates(packet: Packet): bool {
  return programHas(packet.family == 4 ? Program.PROGRAM_NAT4 : Program.PROGRAM_NAT6);
}

/** Of one of an IPv6 connection's four addresses, which way its packets may go depends on where they come in. */
function isBoundToLink(connection: usize): bool {
  const addresses = addressesOf(connection, State.DIRECTION_ORIGINAL);
  for (let at: usize = 0; at < 1 << Connection.ADDRESSES_SIZE_LOG2; at += 16) if (isBoundToLink6(addresses + at)) return true;
  return false;
}

function isWayFree(packet: Packet, flag: u32): bool {
  const flags = flagsOf(packet, Program.HOOK_PREROUTING) & flagsOf(packet, Program.HOOK_FORWARD);
  return (flags & flagsOf(packet, Program.HOOK_POSTROUTING) & flag) != 0;
}

/** HOOK_* flags. */
function flagsOf(packet: Packet, hook: u32): u32 {
  return load<u32>(hookList(packet, hook), Program.HOOK_FLAGS);
}

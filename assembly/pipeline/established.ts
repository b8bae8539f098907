/** Remembers in a connection's record that the next packets of a direction need no rule, and which way they go. */

import * as Connection from "../layout/connection";
import * as Engine from "../layout/engine";
import * as Program from "../layout/program";
import * as Protocol from "../layout/protocol";
import * as State from "../layout/state";
import { areWindowsKnown } from "../conntrack/established";
import { cacheSums } from "../established/rewrite";
import { isRedirectable } from "../follow/redirects";
import { engine } from "../memory/engine";
import { Packet } from "../packet";
import { activeProgram } from "../rules/program";
import { hookList } from "./program";

const LASTING: u32 = Connection.STATUS_CONFIRMED | Connection.STATUS_SEEN_REPLY;
const LASTING_MASK: u32 = LASTING | Connection.STATUS_DYING;

/**
 * Called for a packet that was forwarded whole. If it belongs to a connection that is confirmed and replied to, and
 * nothing on its way could have stopped or changed it but the connection's own NAT, the way is cached for the direction.
 */
export function cacheWay(packet: Packet): void {
  const connection = packet.connection;
  if (connection == 0 || packet.ct != State.CT_ESTABLISHED || packet.fragments != 0 || packet.adjacency == 0) return;
  if ((load<u16>(connection, Connection.STATUS) & LASTING_MASK) != LASTING) return;
  const bit: u32 = Connection.FAST_ORIGINAL << packet.direction;
  const generation = <u16>load<u32>(engine, Engine.GENERATION);
  const isCurrent = load<u16>(connection, Connection.GENERATION) == generation;
  if (isCurrent && (load<u8>(connection, Connection.FAST) & bit) != 0) return;
  if (packet.protocol == Protocol.TCP && !areWindowsKnown(connection)) return;
  if (!isWayFree(packet) || isRedirectable(packet)) return;
  const known: u32 = isCurrent ? load<u8>(connection, Connection.FAST) : 0;
  const adjacencies = activeProgram() + load<u32>(activeProgram(), Program.ADJACENCIES);
  const index = (packet.adjacency - adjacencies) / Program.ADJACENCY_SIZE;
  store<u16>(connection + (<usize>packet.direction << Connection.DIRECTION_LOG2), <u16>index, Connection.ADJACENCY);
  store<u16>(connection, generation, Connection.GENERATION);
  store<u8>(connection, <u8>(known | bit), Connection.FAST);
  cacheSums(connection);
}

function isWayFree(packet: Packet): bool {
  return (
    isFree(packet, Program.HOOK_PREROUTING) && isFree(packet, Program.HOOK_FORWARD) && isFree(packet, Program.HOOK_POSTROUTING)
  );
}

function isFree(packet: Packet, hook: u32): bool {
  return (load<u32>(hookList(packet, hook), Program.HOOK_FLAGS) & Program.HOOK_ESTABLISHED_FREE) != 0;
}

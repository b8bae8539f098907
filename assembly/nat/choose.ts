/** The choice of a tuple for a translated end, in the order of get_unique_tuple() (nf_nat_core.c). */

import * as Instructions from "../layout/instructions";
import * as Protocol from "../layout/protocol";
import * as State from "../layout/state";
import { isTupleTaken } from "../conntrack/table";
import { TUPLE_SIZE, Tuple, copyTuple, invertTuple, isSameTuple, tupleOfConnection } from "../conntrack/tuple";
import { zoneNumber } from "../conntrack/zones";
import { shownMapping } from "../follow/mappings";
import { countChoice } from "../follow/trial";
import { Packet } from "../packet";
import { chooseAddress } from "./address";
import { searchPort } from "./port";
import { NAT_SRC, NatRange, isRandom } from "./range";
import { firstOfSource, nextOfSource } from "./sources";
import { tupleDst, tupleSrc } from "./tuples";

const inverse: usize = memory.data(TUPLE_SIZE, 16);
const past: usize = memory.data(TUPLE_SIZE, 16);

/**
 * Writes to `chosen` what packets of the original direction look like behind the translation. The old tuple stays if
 * the range allows it and it is free, else the source stays what it is towards another destination; then the address is
 * chosen, the port stays if it may, and is searched for else. A search that finds nothing leaves a taken tuple: the
 * connection then dies when it is confirmed.
 */
export function chooseTuple(packet: Packet, kind: u32, range: NatRange, current: Tuple, chosen: Tuple): void {
  const connection = packet.connection;
  const keepsPort = !isRandom(range);
  if (kind == NAT_SRC && keepsPort && keepMapping(packet, range, current, chosen)) return;
  copyTuple(current, chosen);
  chooseAddress(chosen, zoneNumber(connection), kind, range);
  const hasPorts = (range.flags & Instructions.NAT_PORT) != 0;
  if (keepsPort && (!hasPorts || isPortInRange(chosen, kind, range))) {
    const isOnly = hasPorts && range.minPort == range.maxPort;
    if (isOnly || !isTranslationTaken(chosen, connection)) return;
  }
  searchPort(packet, kind, range, chosen);
}

/** The source stays as it is, or as it was translated before, if the range allows it and it makes the tuple unique. */
function keepMapping(packet: Packet, range: NatRange, current: Tuple, chosen: Tuple): bool {
  if (isSourceInRange(current, range)) copyTuple(current, chosen);
  else if (!findMapping(packet, range, current, chosen)) return false;
  return !isTranslationTaken(chosen, packet.connection);
}

/** find_appropriate_src(): a translation of the same source that the range allows, with the new destination. */
function findMapping(packet: Packet, range: NatRange, current: Tuple, chosen: Tuple): bool {
  const isLiving = findLivingMapping(range, current, chosen);
  const shown = changetype<Tuple>(past);
  if (!shownMapping(packet, current, shown) || !isSourceInRange(shown, range)) return isLiving;
  if (isLiving && isSameTuple(shown, chosen)) return true;
  copyTuple(shown, chosen);
  countChoice(packet, true);
  return true;
}

/** That of the youngest connection whose time is not over. */
function findLivingMapping(range: NatRange, current: Tuple, chosen: Tuple): bool {
  const reply = changetype<Tuple>(inverse);
  for (let known = firstOfSource(current); known != 0; known = nextOfSource(known, current)) {
    tupleOfConnection(known, State.DIRECTION_REPLY, reply);
    invertTuple(reply, chosen);
    memory.copy(tupleDst(chosen), tupleDst(current), 16);
    chosen.dstPort = current.dstPort;
    if (isSourceInRange(chosen, range)) return true;
  }
  return false;
}

/** Whether somebody else's packets would be taken for replies to this tuple's. */
export function isTranslationTaken(tuple: Tuple, except: usize): bool {
  const reply = changetype<Tuple>(inverse);
  invertTuple(tuple, reply);
  return isTupleTaken(reply, except);
}

function isSourceInRange(tuple: Tuple, range: NatRange): bool {
  if ((range.flags & Instructions.NAT_ADDRESS) != 0) {
    if (memory.compare(tupleSrc(tuple), range.minAddress, 16) < 0) return false;
    if (memory.compare(tupleSrc(tuple), range.maxAddress, 16) > 0) return false;
  }
  return (range.flags & Instructions.NAT_PORT) == 0 || isPortInRange(tuple, NAT_SRC, range);
}

function isPortInRange(tuple: Tuple, kind: u32, range: NatRange): bool {
  let port = kind == NAT_SRC ? tuple.srcPort : tuple.dstPort;
  if (tuple.protocol == Protocol.ICMP || tuple.protocol == Protocol.ICMP6) port = tuple.srcPort;
  const number = bswap<u16>(<u16>port);
  return number >= bswap<u16>(<u16>range.minPort) && number <= bswap<u16>(<u16>range.maxPort);
}

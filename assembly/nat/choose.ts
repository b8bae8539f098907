/** The choice of a tuple for a translated end, in the order of get_unique_tuple() (nf_nat_core.c). */

import * as Program from "../layout/program";
import * as Protocol from "../layout/protocol";
import { isTupleTaken } from "../conntrack/table";
import { TUPLE_SIZE, Tuple, copyTuple, invertTuple } from "../conntrack/tuple";
import { Packet } from "../packet";
import { chooseAddress } from "./address";
import { searchPort } from "./port";
import { NAT_SRC, NatRange, isRandom } from "./range";
import { tupleSrc } from "./tuples";

const inverse: usize = memory.data(TUPLE_SIZE, 16);

/**
 * Writes to `chosen` what packets of the original direction look like behind the translation. The old tuple stays if
 * the range allows it and it is free; then the address is chosen, the port stays if it may, and is searched for else.
 * A search that finds nothing leaves a taken tuple: the connection then dies when it is confirmed.
 */
export function chooseTuple(packet: Packet, kind: u32, range: NatRange, current: Tuple, chosen: Tuple): void {
  const connection = packet.connection;
  const keepsPort = !isRandom(range);
  copyTuple(current, chosen);
  if (kind == NAT_SRC && keepsPort && isSourceInRange(current, range) && !isTranslationTaken(current, connection)) return;
  chooseAddress(chosen, kind, range);
  if (keepsPort) {
    if ((range.flags & Program.NAT_PORT) == 0) {
      if (!isTranslationTaken(chosen, connection)) return;
    } else if (isPortInRange(chosen, kind, range)) {
      if (range.minPort == range.maxPort || !isTranslationTaken(chosen, connection)) return;
    }
  }
  searchPort(packet, kind, range, chosen);
}

/** Whether somebody else's packets would be taken for replies to this tuple's. */
export function isTranslationTaken(tuple: Tuple, except: usize): bool {
  const reply = changetype<Tuple>(inverse);
  invertTuple(tuple, reply);
  return isTupleTaken(reply, except);
}

function isSourceInRange(tuple: Tuple, range: NatRange): bool {
  if ((range.flags & Program.NAT_ADDRESS) != 0) {
    if (memory.compare(tupleSrc(tuple), range.minAddress, 16) < 0) return false;
    if (memory.compare(tupleSrc(tuple), range.maxAddress, 16) > 0) return false;
  }
  return (range.flags & Program.NAT_PORT) == 0 || isPortInRange(tuple, NAT_SRC, range);
}

function isPortInRange(tuple: Tuple, kind: u32, range: NatRange): bool {
  let port = kind == NAT_SRC ? tuple.srcPort : tuple.dstPort;
  if (tuple.protocol == Protocol.ICMP || tuple.protocol == Protocol.ICMP6) port = tuple.srcPort;
  const number = bswap<u16>(<u16>port);
  return number >= bswap<u16>(<u16>range.minPort) && number <= bswap<u16>(<u16>range.maxPort);
}

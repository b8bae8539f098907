/** The search for a free port or ICMP identifier, with the kernel's ranges and limits (nf_nat_l4proto_unique_tuple). */

import * as Connection from "../layout/connection";
import * as Engine from "../layout/engine";
import * as Follow from "../layout/follow";
import * as Instructions from "../layout/instructions";
import * as Protocol from "../layout/protocol";
import * as Shard from "../layout/shard";
import * as State from "../layout/state";
import { findTuple, removeConnection } from "../conntrack/table";
import { TUPLE_SIZE, Tuple, invertTuple } from "../conntrack/tuple";
import { countChoice } from "../follow/trial";
import { random } from "../memory/random";
import { Packet } from "../packet";
import { isTranslationTaken } from "./choose";
import { NAT_DST, NAT_SRC, NatRange, isRandom } from "./range";
import { tupleDst, tupleSrc } from "./tuples";

/** Tries in the first round; every further round makes half as many. 128 + 64 + 32 + 16 + 8 = 248 in all. */
const ATTEMPTS_MAX: u32 = 128;
const ATTEMPTS_LAST_ROUND: u32 = 16;
/** With so few tries left in a round, a closed TCP connection may be evicted for its port. */
const ATTEMPTS_EVICTING: u32 = 32;

/**
 * Where any port will do, the first round tries those that end in the old one's last bits: whether such a port is free
 * can be told from the connections of one class alone. Such ranges begin and end at multiples of this.
 */
const CLASSES: u32 = 1 << Shard.CLASSES_LOG2;
/** Fewer ports than this are too few to be divided. */
const DIVIDED_MIN: u32 = 1024;

const inverse: usize = memory.data(TUPLE_SIZE, 16);

/** Ports to choose from: the first, in host order, and how many. */
let firstPort: u32 = 0;
let portCount: u32 = 0;

/** Gives `tuple` a port (identifier) that makes it unique, or the last one that was tried. */
export function searchPort(packet: Packet, kind: u32, range: NatRange, tuple: Tuple): void {
  if (!choosePorts(tuple, kind, range)) return;
  const first = firstPort;
  const count = portCount;
  const isDrawn = kind == NAT_SRC || isRandom(range);
  let offset = isDrawn ? drawPort(packet, kind, tuple, first, count) : 0;
  const isAny = isDrawn && packet.follow == 0 && (range.flags & Instructions.NAT_PORT) == 0;
  let step = isAny && count > DIVIDED_MIN ? CLASSES : 1;
  let kept = bswap<u16>(<u16>tuple.srcPort) & (step - 1);
  for (let attempts = min(count, ATTEMPTS_MAX); ; attempts >>= 1) {
    offset = (offset & ~(step - 1)) | kept;
    for (let left = attempts; left > 0; left--, offset = (offset + step) & 0xffff) {
      setPort(tuple, kind, first + offset % count);
      if (!isTakenForGood(tuple, packet.connection, left)) return;
    }
    if (attempts >= count || attempts < ATTEMPTS_LAST_ROUND) return;
    offset = random() >> 16;
    step = 1;
    kept = 0;
  }
}

/** Where the search begins: 16 random bits, counted from `first`; or the port that the capture shows, if it is one. */
function drawPort(packet: Packet, kind: u32, tuple: Tuple, first: u32, count: u32): u32 {
  if (packet.follow == 0) return random() >> 16;
  const isSrc = kind == NAT_SRC || !hasPorts(tuple.protocol);
  const port: u32 = bswap<u16>(load<u16>(packet.follow + (isSrc ? Follow.SRC_PORT : Follow.DST_PORT)));
  const shown = packet.follow + (kind == NAT_SRC ? Follow.SRC : Follow.DST);
  const chosen = kind == NAT_SRC ? tupleSrc(tuple) : tupleDst(tuple);
  const isAllowed = memory.compare(shown, chosen, 16) == 0 && port - first < count;
  countChoice(packet, isAllowed);
  return isAllowed ? port - first : random() >> 16;
}

/** Where the search may look; false where there is nothing to search, as for protocols without ports. */
function choosePorts(tuple: Tuple, kind: u32, range: NatRange): bool {
  const ranged = (range.flags & Instructions.NAT_PORT) != 0;
  if (tuple.protocol == Protocol.ICMP || tuple.protocol == Protocol.ICMP6) {
    setPorts(0, 0xffff);
  } else {
    if (!hasPorts(tuple.protocol)) return false;
    if (!ranged && kind == NAT_DST) return false;
    const port: u32 = bswap<u16>(<u16>tuple.srcPort);
    if (port < 512) setPorts(1, 511);
    else if (port < 1024) setPorts(600, 1023);
    else setPorts(1024, 65535);
  }
  if (ranged) {
    const low: u32 = bswap<u16>(<u16>range.minPort);
    const high: u32 = bswap<u16>(<u16>range.maxPort);
    setPorts(min(low, high), max(low, high));
  }
  return true;
}

function setPorts(first: u32, last: u32): void {
  firstPort = first;
  portCount = last - first + 1;
}

function hasPorts(protocol: u32): bool {
  return (
    protocol == Protocol.TCP || protocol == Protocol.UDP || protocol == Protocol.SCTP || protocol == Protocol.UDPLITE
  );
}

/** The port of the translated end; an ICMP identifier stands in the source's place. */
function setPort(tuple: Tuple, kind: u32, port: u32): void {
  const word: u32 = bswap<u16>(<u16>port);
  if (kind == NAT_SRC || !hasPorts(tuple.protocol)) tuple.srcPort = word;
  else tuple.dstPort = word;
}

/**
 * nf_nat_used_tuple_harder: late in a round, a translated TCP connection that is over gives its tuple to a new SYN
 * whose sequence number is past its end.
 */
function isTakenForGood(tuple: Tuple, connection: usize, attemptsLeft: u32): bool {
  if (
    attemptsLeft > ATTEMPTS_EVICTING ||
    tuple.protocol != Protocol.TCP ||
    load<u8>(connection, Connection.STATE) != State.TCP_SYN_SENT
  ) {
    return isTranslationTaken(tuple, connection);
  }
  const reply = changetype<Tuple>(inverse);
  invertTuple(tuple, reply);
  const found = findTuple(reply);
  if (found == 0) return false;
  const other = found & ~(<usize>Connection.SIZE - 1);
  if ((found & 1) == State.DIRECTION_ORIGINAL || other == connection) return true;
  if (!mayEvict(other, connection)) return true;
  removeConnection(other, Engine.CLOSED);
  return false;
}

function mayEvict(old: usize, fresh: usize): bool {
  if (load<u8>(old, Connection.STATE) < State.TCP_TIME_WAIT) return false;
  const status: u32 = load<u16>(old, Connection.STATUS);
  if ((status & (Connection.STATUS_FIXED_TIMEOUT | Connection.STATUS_DYING)) != 0) return false;
  if ((status & Connection.STATUS_SRC_NAT) == 0) return false;
  const oldEnd = load<u32>(old, Connection.WINDOW + Connection.END);
  const freshEnd = load<u32>(fresh, Connection.WINDOW + Connection.END);
  return <i32>(freshEnd - oldEnd) > 0;
}

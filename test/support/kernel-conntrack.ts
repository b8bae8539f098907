/** The kernel's connection table, entry by entry, as ctnetlink tells it (nfnetlink_conntrack.h). */

import { formatAddress } from "../../src/network/address.ts";
import { type Attributes, type NetlinkSocket, nestedIn, numberIn } from "./kernel-netlink.ts";

/** One direction. ICMP has its identifier as `sport`, and its type and code as `dport` (type × 256 + code). */
export interface EntryTuple {
  readonly src: string;
  readonly dst: string;
  readonly sport: number;
  readonly dport: number;
}

/** A connection with all that a comparison can hold against another's. Pairs are: original, reply. */
export interface Entry {
  readonly protocol: number;
  readonly original: EntryTuple;
  readonly reply: EntryTuple;
  /** IPS_* bits. */
  readonly status: number;
  readonly mark: number;
  /** Until it ends; rounded down. */
  readonly seconds: number;
  readonly packets: readonly [number, number];
  readonly bytes: readonly [number, number];
  /** TCP and SCTP. */
  readonly state?: number;
  /** TCP: window scales and IP_CT_TCP_FLAG_* of each direction. */
  readonly scales?: readonly [number, number];
  readonly flags?: readonly [number, number];
  /** SCTP: verification tags. */
  readonly tags?: readonly [number, number];
}

const CTNETLINK = 1;
const CT_GET = 1;

const TUPLE_ORIGINAL = 1;
const TUPLE_REPLY = 2;
const STATUS = 3;
const PROTOCOL_INFO = 4;
const TIMEOUT = 7;
const MARK = 8;
const COUNTERS_ORIGINAL = 9;
const COUNTERS_REPLY = 10;

const TUPLE_IP = 1;
const TUPLE_PROTOCOL = 2;
const PROTOCOL_NUMBER = 1;
const SRC_PORT = 2;
const DST_PORT = 3;
/** Where the identifier stands; type and code follow it. */
const ICMP_ID = 4;
const ICMP6_ID = 7;
const COUNTER_PACKETS = 1;
const COUNTER_BYTES = 2;
const INFO_TCP = 1;
const INFO_SCTP = 3;

export function kernelEntries(socket: NetlinkSocket): Entry[] {
  return socket.dump(CTNETLINK, CT_GET).map(entryOf);
}

function entryOf(attributes: Attributes): Entry {
  const original = nestedIn(attributes, TUPLE_ORIGINAL);
  const counters = [nestedIn(attributes, COUNTERS_ORIGINAL), nestedIn(attributes, COUNTERS_REPLY)] as const;
  return {
    protocol: numberIn(nestedIn(original, TUPLE_PROTOCOL), PROTOCOL_NUMBER),
    original: tupleOf(original),
    reply: tupleOf(nestedIn(attributes, TUPLE_REPLY)),
    status: numberIn(attributes, STATUS),
    mark: numberIn(attributes, MARK),
    seconds: numberIn(attributes, TIMEOUT),
    packets: [numberIn(counters[0], COUNTER_PACKETS), numberIn(counters[1], COUNTER_PACKETS)],
    bytes: [numberIn(counters[0], COUNTER_BYTES), numberIn(counters[1], COUNTER_BYTES)],
    ...protocolInfo(nestedIn(attributes, PROTOCOL_INFO)),
  };
}

function tupleOf(tuple: Attributes): EntryTuple {
  const addresses = nestedIn(tuple, TUPLE_IP);
  const protocol = nestedIn(tuple, TUPLE_PROTOCOL);
  const [src, dst] = [...addresses].sort(([a], [b]) => a - b).map(([, bytes]) => formatAddress(bytes));
  const icmp = [ICMP_ID, ICMP6_ID].find((type) => protocol.has(type));
  return {
    src: src ?? "",
    dst: dst ?? "",
    sport: numberIn(protocol, icmp ?? SRC_PORT),
    dport:
      icmp === undefined
        ? numberIn(protocol, DST_PORT)
        : numberIn(protocol, icmp + 1) * 256 + numberIn(protocol, icmp + 2),
  };
}

function protocolInfo(info: Attributes): Pick<Entry, "state" | "scales" | "flags" | "tags"> {
  if (info.has(INFO_TCP)) {
    const tcp = nestedIn(info, INFO_TCP);
    // Flags are followed by a mask of those that count.
    const flags = [numberIn(tcp, 4) >> 8, numberIn(tcp, 5) >> 8] as const;
    return { state: numberIn(tcp, 1), scales: [numberIn(tcp, 2), numberIn(tcp, 3)], flags };
  }
  if (!info.has(INFO_SCTP)) return {};
  const sctp = nestedIn(info, INFO_SCTP);
  return { state: numberIn(sctp, 1), tags: [numberIn(sctp, 2), numberIn(sctp, 3)] };
}

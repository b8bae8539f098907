/** A trace as programs read it (`-o json`). Addresses are canonical, ports numbers, offsets of the engine have become names. */

import type { Tuple } from "../engine/connections.ts";
import type { PacketHeader } from "../replay/header.ts";
import type { TableFamily } from "../ruleset/types.ts";

export const SCHEMA = "sluice/trace/v1";

export interface Trace {
  readonly schema: typeof SCHEMA;
  /** Whose point of view it is. */
  readonly node: string;
  /** The packet's way, if there is a packet at all, and that of the answer that its receiver would give. */
  readonly walk?: Walk;
  readonly answer?: Walk;
  /** Why it came out as it did, in sentences; the first says most. */
  readonly explanations: readonly Explanation[];
  /** Records that found no room: the trace is not complete. 0: it is. */
  readonly lost: number;
}

export interface Explanation {
  /** A stable word for programs: "no-ready-endpoint", "wrong-port" … */
  readonly cause: string;
  readonly message: string;
  /** Single facts that belong to it: one endpoint each, for example. */
  readonly details: readonly string[];
}

/** One packet that was fed in, and all that the node did because of it. */
export interface Walk {
  /** Its number in the capture, from 1; absent for packets that were described. */
  readonly number?: number;
  readonly origin: "wire" | "node";
  readonly interface?: string;
  /** The packet as tcpdump would print it. */
  readonly packet: string;
  /** The packet itself, then what the node said because of it. */
  readonly packets: readonly PacketWalk[];
  readonly sent: readonly SentPacket[];
}

export interface SentPacket {
  readonly interface: string;
  readonly packet: string;
  /** The IP packet. */
  readonly hex: string;
}

export interface PacketWalk {
  readonly packet: string;
  /** Its addresses and ports as it came; absent where it has none. */
  readonly header?: PacketHeader;
  readonly events: readonly TraceEvent[];
  readonly verdict: string;
  readonly reason: string;
  /** In, as IP sees it, and out. */
  readonly in?: string;
  readonly out?: string;
}

export type TraceEvent =
  | HookEvent
  | TrackEvent
  | ChainEvent
  | RuleEvent
  | EndEvent
  | BindEvent
  | RewriteEvent
  | RouteEvent
  | DefragmentEvent
  | ConfirmEvent;

/** The packet enters a hook. */
export interface HookEvent {
  readonly kind: "hook";
  readonly hook: string;
}

export interface TrackEvent {
  readonly kind: "track";
  readonly ct: string;
  readonly direction?: "original" | "reply";
  /** Why it is invalid. */
  readonly cause?: string;
  /** The connection's state (TCP, SCTP) before the packet and after it. */
  readonly before?: string;
  readonly after?: string;
  readonly connection?: TupleOfConnection;
}

export interface TupleOfConnection {
  readonly protocol: string;
  readonly original: Tuple;
  readonly reply: Tuple;
  readonly status: readonly string[];
  readonly mark: number;
}

export interface Place {
  readonly family: TableFamily;
  readonly table: string;
  readonly chain: string;
}

/** A base chain begins. */
export interface ChainEvent extends Place {
  readonly kind: "chain";
  readonly type: string;
  readonly priority: number;
  readonly policy: string;
}

/** A rule was looked at. */
export interface RuleEvent extends Place {
  readonly kind: "rule";
  /** Position in the chain, from 0. */
  readonly index: number;
  /** As nft or iptables prints it. */
  readonly text: string;
  /** The object that it was made for: "Service default/web, port http". */
  readonly origin?: string;
  /** It was carried out to its end; else the last of `steps` is where it failed. */
  readonly matched: boolean;
  readonly steps: readonly RuleStep[];
  /** "accept", "drop", "jump CHAIN" … as nft's trace says it. Only where it matched. */
  readonly verdict?: string;
}

/** What a rule compared, looked up or did. */
export interface RuleStep {
  /** "ip daddr", "meta mark & 0x00004000"; of what is done: "dnat to". */
  readonly left: string;
  readonly value: string;
  readonly operator?: string;
  readonly right?: string;
  /** Whether it held; absent for what is done. */
  readonly holds?: boolean;
  /** What a map gave, or the element that a set has. */
  readonly element?: string;
  /** The object that the element was made for. */
  readonly origin?: string;
}

/** A chain came to its end: back to the one that jumped to it, or, at a base chain's, its policy. */
export interface EndEvent extends Place {
  readonly kind: "return" | "policy";
  readonly verdict: string;
}

/** An end of a new connection was bound: its address and port on the way on. */
export interface BindEvent {
  readonly kind: "bind";
  readonly end: "source" | "destination";
  readonly from: string;
  readonly to: string;
  readonly why: string;
}

/** NAT changed the packet. */
export interface RewriteEvent {
  readonly kind: "rewrite";
  readonly before: string;
  readonly after: string;
}

export interface RouteEvent {
  readonly kind: "route";
  readonly destination: string;
  /** "unicast", "local" …; absent: there is none. */
  readonly type?: string;
  readonly prefix?: string;
  readonly interface?: string;
  readonly gateway?: string;
  /** Why it cannot be taken. */
  readonly reason?: string;
}

/** Fragments were put together. */
export interface DefragmentEvent {
  readonly kind: "defragment";
  readonly packet: string;
}

/** The connection entered the table. */
export interface ConfirmEvent {
  readonly kind: "confirm";
  readonly connection: TupleOfConnection;
}

/** Connections in a Map, found by what a packet looks like. Times are seconds. */

import { quotedTuple } from "./errors.ts";
import { ICMP, ICMP6, isSound, type ModelPacket, TCP, UDP } from "./packet.ts";
import { isReset, isSyn, nextState, TCP_SECONDS, type TcpState, UNACKNOWLEDGED_SECONDS } from "./tcp.ts";

/** What packets of one direction look like. */
export interface Tuple {
  readonly protocol: number;
  readonly src: string;
  readonly dst: string;
  readonly srcPort: number;
  readonly dstPort: number;
}

export type Direction = "original" | "reply";

export interface Connection {
  readonly original: Tuple;
  /** What NAT makes of it, once that is known. */
  reply: Tuple;
  /** Which of its ends NAT has changed: bits of the connection's status. */
  srcNat: boolean;
  dstNat: boolean;
  tcp: TcpState;
  seenReply: boolean;
  confirmed: boolean;
  createdAt: number;
  expiresAt: number;
}

/** What conntrack says of a packet. */
export interface Tracked {
  readonly state: "new" | "established" | "related" | "invalid";
  readonly direction: Direction;
  readonly connection?: Connection;
}

const INVALID: Tracked = { state: "invalid", direction: "original" };
const UDP_SECONDS = 30;
const UDP_STREAM_SECONDS = 120;
const UDP_STREAM_AFTER_SECONDS = 2;
const ICMP_SECONDS = 30;
const GENERIC_SECONDS = 600;
/** Requests and what answers them. Only requests open a connection. */
const ECHO: Readonly<Record<number, { readonly request: number; readonly reply: number }>> = {
  [ICMP]: { request: 8, reply: 0 },
  [ICMP6]: { request: 128, reply: 129 },
};
const FLAGS_AT = 13;

export class Connections {
  readonly #byTuple = new Map<string, { connection: Connection; direction: Direction }>();

  /** Finds or makes the packet's connection, and moves it on. */
  track(packet: ModelPacket, now: number): Tracked {
    if (!isSound(packet)) return INVALID;
    const quoted = quotedTuple(packet);
    if (quoted !== undefined) return this.#relate(packet, quoted, now);
    const found = this.find(tupleOf(packet), now);
    if (found === undefined) return this.#open(packet, now);
    const { connection, direction } = found;
    const isAnswer = direction === "reply" || connection.seenReply;
    if (packet.protocol === TCP && !this.#trackTcp(connection, direction, packet, now)) return INVALID;
    if (packet.protocol !== TCP) connection.expiresAt = now + secondsOf(connection, packet, now);
    if (direction === "reply") connection.seenReply = true;
    return { state: isAnswer ? "established" : "new", direction, connection };
  }

  /** The connection that has this tuple, and in which direction. */
  find(tuple: Tuple, now: number): { connection: Connection; direction: Direction } | undefined {
    const found = this.#byTuple.get(keyOf(tuple));
    if (found !== undefined && found.connection.expiresAt <= now) this.#remove(found.connection);
    return this.#byTuple.get(keyOf(tuple));
  }

  /** Enters a new connection under both its tuples. False: one of them is taken. */
  confirm(connection: Connection): boolean {
    const [original, reply] = [keyOf(connection.original), keyOf(connection.reply)];
    if (this.#byTuple.has(original) || this.#byTuple.has(reply)) return false;
    this.#byTuple.set(original, { connection, direction: "original" });
    this.#byTuple.set(reply, { connection, direction: "reply" });
    connection.confirmed = true;
    return true;
  }

  /** An ICMP error belongs to the connection that it quotes, if it goes to who sent what it quotes. */
  #relate(packet: ModelPacket, quoted: Tuple, now: number): Tracked {
    const found = this.find(inverted(quoted), now);
    if (found === undefined || found.connection[found.direction].dst !== packet.dst) return INVALID;
    return { state: "related", ...found };
  }

  #open(packet: ModelPacket, now: number): Tracked {
    const { protocol } = packet;
    const echo = ECHO[protocol];
    if (echo !== undefined && packet.dstPort >> 8 !== echo.request) return INVALID;
    const original = tupleOf(packet);
    const connection: Connection = {
      original,
      reply: inverted(original),
      srcNat: false,
      dstNat: false,
      tcp: "NO",
      seenReply: false,
      confirmed: false,
      createdAt: now,
      expiresAt: now,
    };
    if (protocol === TCP && !this.#trackTcp(connection, "original", packet, now)) return INVALID;
    if (protocol !== TCP) connection.expiresAt = now + secondsOf(connection, packet, now);
    return { state: "new", direction: "original", connection };
  }

  /** False: the segment is invalid. */
  #trackTcp(connection: Connection, direction: Direction, packet: ModelPacket, now: number): boolean {
    const flags = packet.bytes[packet.headerBytes + FLAGS_AT]!;
    const state = nextState(connection.tcp, direction, flags);
    if (state === "IV") return false;
    if (state === "IG") return true;
    const isRepeatedSyn = isSyn(flags) && connection.tcp === "SS" && connection.confirmed;
    connection.tcp = state;
    if (isReset(flags) && !connection.seenReply && connection.confirmed) this.#remove(connection);
    if (isRepeatedSyn) return true;
    const isHalf = state === "ES" && !connection.seenReply && direction === "original";
    connection.expiresAt = now + (isHalf ? UNACKNOWLEDGED_SECONDS : TCP_SECONDS[state]);
    return true;
  }

  #remove(connection: Connection): void {
    this.#byTuple.delete(keyOf(connection.original));
    this.#byTuple.delete(keyOf(connection.reply));
  }
}

export function tupleOf({ protocol, src, dst, srcPort, dstPort }: ModelPacket): Tuple {
  return { protocol, src, dst, srcPort, dstPort };
}

/** What answers look like. An echo's identifier stays, its type becomes the reply's. */
export function inverted({ protocol, src, dst, srcPort, dstPort }: Tuple): Tuple {
  const echo = ECHO[protocol];
  if (echo === undefined) return { protocol, src: dst, dst: src, srcPort: dstPort, dstPort: srcPort };
  const type = dstPort >> 8 === echo.request ? echo.reply : echo.request;
  return { protocol, src: dst, dst: src, srcPort, dstPort: (type << 8) | (dstPort & 0xff) };
}

function secondsOf(connection: Connection, packet: ModelPacket, now: number): number {
  if (packet.protocol === ICMP || packet.protocol === ICMP6) return ICMP_SECONDS;
  if (packet.protocol !== UDP) return GENERIC_SECONDS;
  const isStream = connection.seenReply && now - connection.createdAt > UDP_STREAM_AFTER_SECONDS;
  return isStream ? UDP_STREAM_SECONDS : UDP_SECONDS;
}

function keyOf({ protocol, src, dst, srcPort, dstPort }: Tuple): string {
  return `${protocol} ${src} ${srcPort} ${dst} ${dstPort}`;
}

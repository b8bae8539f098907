/** A conversation through a node: hosts send packets, answer what reached them, and every turn is written down. */

import { decode } from "../support/decode.ts";
import type { Sent } from "../support/kernel-node.ts";
import { frame, type Header, ip, type Payload } from "../support/packet.ts";
import { tcp } from "../support/transport.ts";
import { type Host, NODE_MACS } from "./world.ts";

/** A frame that went into the node, and all that came out because of it. */
export interface Turn {
  readonly time: bigint;
  readonly link: string;
  readonly frame: Uint8Array;
  readonly sent: readonly Sent[];
}

/** Whoever takes a frame and says what left because of it. */
export interface Node {
  readonly inject: (link: string, frame: Uint8Array, time: bigint) => readonly Sent[];
}

/** Both ends of an exchange, as one host sees it: itself as source. */
export interface Ends {
  readonly src: string;
  readonly dst: string;
  readonly srcPort: number;
  readonly dstPort: number;
}

const START_TIME = 1_700_000_000_000_000_000n;
/** So far apart that nobody takes one turn's output for another's. */
const TURN_NANOSECONDS = 1_000n;

export class Conversation {
  readonly turns: Turn[] = [];
  readonly #node: Node;
  readonly #clock: () => bigint;

  /** `clock` tells the time of each frame in nanoseconds: the real one's pace unless given. */
  constructor(node: Node, clock = realClock()) {
    this.#node = node;
    this.#clock = clock;
  }

  /** `host` sends a packet; returns what the node sent because of it. */
  send(host: Host, packet: Uint8Array): readonly Sent[] {
    return this.sendFrame(host.link, frame(host.mac, NODE_MACS[host.link], packet));
  }

  /** The same with the packet's parts. */
  say(host: Host, ends: Ends, payload: Payload, header: Header = {}): readonly Sent[] {
    return this.send(host, ip({ ...header, src: ends.src, dst: ends.dst }, payload));
  }

  sendFrame(link: string, bytes: Uint8Array): readonly Sent[] {
    const time = this.#clock();
    const sent = this.#node.inject(link, bytes, time);
    this.turns.push({ time, link, frame: bytes, sent });
    return sent;
  }
}

/** The pace of the real clock, from a time in nanoseconds since 1970. */
export function realClock(start = START_TIME): () => bigint {
  const startedAt = process.hrtime.bigint();
  let last = 0n;
  return () => {
    const now = start + process.hrtime.bigint() - startedAt;
    last = now > last + TURN_NANOSECONDS ? now : last + TURN_NANOSECONDS;
    return last;
  };
}

/** How the receiver of a frame answers it: its own address and port first. Undefined when the frame is no IP packet. */
export function answerTo(sent: Sent | undefined): Ends | undefined {
  const seen = sent && decode(sent.frame);
  if (seen === undefined) return undefined;
  return { src: seen.dst, dst: seen.src, srcPort: seen.dstPort, dstPort: seen.srcPort };
}

/** A TCP segment of a script: who sends it, tcpdump's flags, bytes of data, and how far its numbers are off. */
export interface Segment {
  readonly from: "client" | "server";
  readonly flags: string;
  readonly data?: number;
  readonly seqOff?: number;
  readonly ackOff?: number;
  readonly window?: number;
  readonly options?: Uint8Array;
  readonly header?: Header;
}

/**
 * Plays TCP segments between two hosts. Sequence numbers follow from what was sent, but for `seqOff` and `ackOff`. The server
 * answers the addresses that it saw in the last segment that reached it; if none has, it answers the client's own.
 */
export function playTcp(
  talk: Conversation,
  hosts: { client: Host; server: Host },
  ends: Ends,
  script: readonly Segment[],
): void {
  const next = { client: 0xfffff000, server: 0x1000 };
  let answer: Ends = { src: ends.dst, dst: ends.src, srcPort: ends.dstPort, dstPort: ends.srcPort };
  for (const segment of script) {
    const { from, flags, data = 0, seqOff = 0, ackOff = 0 } = segment;
    const to = from === "client" ? "server" : "client";
    const own = from === "client" ? ends : answer;
    const fields = {
      src: own.srcPort,
      dst: own.dstPort,
      seq: (next[from] + seqOff) >>> 0,
      ack: flags.includes("A") ? (next[to] + ackOff) >>> 0 : 0,
      flags,
      window: segment.window ?? 64240,
      ...(segment.options && { options: segment.options }),
    };
    const sent = talk.say(hosts[from], own, tcp(fields, new Uint8Array(data).fill(0x61)), segment.header);
    if (from === "client") answer = answerTo(sent.find((one) => one.link === hosts.server.link)) ?? answer;
    if (seqOff === 0) next[from] = (next[from] + data + (/[SF]/.test(flags) ? 1 : 0)) >>> 0;
  }
}

/** Segments in short: "> S", "< SA", "> PA 100" (client sends 100 bytes). */
export function segments(...lines: readonly string[]): Segment[] {
  return lines.map((line) => {
    const [arrow, flags = "", data] = line.split(" ");
    return { from: arrow === ">" ? "client" : "server", flags, data: Number(data ?? 0) };
  });
}

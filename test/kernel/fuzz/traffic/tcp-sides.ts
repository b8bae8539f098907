/** The two sides of a TCP connection, what each knows of it, and the segments that they send. */

import { zeros } from "../../../support/bytes.ts";
import { decode } from "../../../support/decode.ts";
import type { Sent } from "../../../support/kernel-node.ts";
import { tcp } from "../../../support/transport.ts";
import { answerTo, type Ends } from "../../conversation.ts";
import type { Host } from "../../world.ts";
import { hostAt, type Stage } from "./stage.ts";

const TCP = 6;

export interface Side {
  host: Host;
  ends: Ends;
  /** The number of its next byte, and of the last that it knows to be acknowledged. */
  next: number;
  acknowledged: number;
  window: number;
  readonly scale: number | undefined;
}

export interface Pair {
  readonly client: Side;
  readonly server: Side;
}

export type Role = keyof Pair;
export interface SegmentFields {
  readonly flags: string;
  readonly data?: number;
  readonly seqOff?: number;
  readonly ackOff?: number;
  readonly options?: Uint8Array;
  /** It does not move the sender's numbers. */
  readonly isAside?: boolean;
}

/** One side sends; the other learns from what arrives where it stands. */
export function segment(stage: Stage, pair: Pair, role: Role, fields: SegmentFields): void {
  const { flags, data = 0, seqOff = 0, ackOff = 0, options, isAside = false } = fields;
  const own = pair[role];
  const other = pair[role === "client" ? "server" : "client"];
  const payload = tcp(
    {
      src: own.ends.srcPort,
      dst: own.ends.dstPort,
      seq: (own.next + seqOff) >>> 0,
      ack: flags.includes("A") ? (other.next + ackOff) >>> 0 : 0,
      flags,
      window: own.window,
      ...(options && { options }),
    },
    zeros(data),
  );
  const sent = stage.say(own.host, own.ends, payload);
  if (seqOff === 0 && !isAside) own.next = (own.next + data + (/[SF]/.test(flags) ? 1 : 0)) >>> 0;
  if (role === "client") meet(pair, sent);
}

/** Whoever a segment has reached is the server from now on, and answers whom it saw. */
function meet(pair: Pair, sent: readonly Sent[]): void {
  for (const one of sent) {
    const answer = answerTo(one);
    if (answer === undefined || decode(one.frame)?.protocol !== TCP) continue;
    if (answer.srcPort === pair.client.ends.srcPort && one.link === pair.client.host.link) continue;
    pair.server.ends = answer;
    pair.server.host = hostAt(one.link, answer.src);
  }
}

export function reversed({ src, dst, srcPort, dstPort }: Ends): Ends {
  return { src: dst, dst: src, srcPort: dstPort, dstPort: srcPort };
}

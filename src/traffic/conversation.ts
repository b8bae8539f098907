/** What a client and a server say to each other, in turns, whoever they are: TCP, UDP and SCTP from first word to last. */

import type { Protocol } from "../cluster/types.ts";
import type { Transport } from "./packet.ts";
import type { Random } from "./random.ts";
import { sctpConversation } from "./sctp-conversation.ts";
import { ACK, FIN, PSH, SYN, tcpSegment, udpDatagram } from "./transport.ts";

export interface Turn {
  readonly from: "client" | "server";
  readonly transport: Transport;
}

export type Conversation = Iterator<Turn, void>;

/** Small enough for any link, with the headers of both families. */
const DATA_BYTES_MAX = 1200;
const REQUEST_BYTES_MAX = 300;
const EXCHANGES_MAX = 3;

export function converse(protocol: Protocol, random: Random): Conversation {
  if (protocol === "TCP") return tcpConversation(random);
  return protocol === "UDP" ? udpConversation(random) : sctpConversation(random);
}

/** Handshake, requests and answers, both sides close. Every segment is in window and acknowledges all there is. */
export function* tcpConversation(random: Random, exchanges = random.between(1, EXCHANGES_MAX)): Generator<Turn, void> {
  const next = { client: random.below(2 ** 32), server: random.below(2 ** 32) };
  const say = (from: Turn["from"], flags: number, data?: Uint8Array): Turn => {
    const to = from === "client" ? "server" : "client";
    const ack = flags & ACK ? next[to] : 0;
    const transport = tcpSegment({ flags, seq: next[from], ack }, data);
    next[from] = (next[from] + (data?.length ?? 0) + (flags & (SYN | FIN) ? 1 : 0)) >>> 0;
    return { from, transport };
  };
  yield say("client", SYN);
  yield say("server", SYN | ACK);
  yield say("client", ACK);
  for (let exchange = 0; exchange < exchanges; exchange++) {
    yield say("client", PSH | ACK, someBytes(random, REQUEST_BYTES_MAX));
    yield say("server", PSH | ACK, someBytes(random, DATA_BYTES_MAX));
    yield say("client", ACK);
  }
  yield say("client", FIN | ACK);
  yield say("server", FIN | ACK);
  yield say("client", ACK);
}

export function* udpConversation(random: Random, exchanges = random.between(1, EXCHANGES_MAX)): Generator<Turn, void> {
  for (let exchange = 0; exchange < exchanges; exchange++) {
    yield { from: "client", transport: udpDatagram(someBytes(random, REQUEST_BYTES_MAX)) };
    yield { from: "server", transport: udpDatagram(someBytes(random, DATA_BYTES_MAX)) };
  }
}

/** At least one, and not all zeros, so that a byte that changed shows. */
export function someBytes(random: Random, countMax: number): Uint8Array {
  return Uint8Array.from({ length: random.between(1, countMax) }, () => random.below(256));
}

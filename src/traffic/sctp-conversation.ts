/** An SCTP association from INIT to SHUTDOWN COMPLETE (RFC 9260, sections 5.1 and 9.2). */

import type { Turn } from "./conversation.ts";
import type { Random } from "./random.ts";
import { type Chunk, sctpPacket } from "./transport.ts";

const DATA = 0;
const INIT = 1;
const INIT_ACK = 2;
const SACK = 3;
const SHUTDOWN = 7;
const SHUTDOWN_ACK = 8;
const COOKIE_ECHO = 10;
const COOKIE_ACK = 11;
const SHUTDOWN_COMPLETE = 14;

const WHOLE_MESSAGE = 3;
const RECEIVER_WINDOW = 106_496;
const STREAMS = 10;
const STATE_COOKIE = 7;
const COOKIE_BYTES = 32;
const MESSAGE_BYTES_MAX = 200;

/** Each side's packets carry the tag that the other has chosen; only INIT carries none. */
export function* sctpConversation(random: Random): Generator<Turn, void> {
  const tags = { client: random.between(1, 0xffffffff), server: random.between(1, 0xffffffff) };
  const tsn = { client: random.below(2 ** 32), server: random.below(2 ** 32) };
  const cookie = Uint8Array.from({ length: COOKIE_BYTES }, () => random.below(256));
  const say = (from: Turn["from"], ...chunks: readonly Chunk[]): Turn => {
    const tag = tags[from === "client" ? "server" : "client"];
    return { from, transport: sctpPacket(tag, ...chunks) };
  };
  yield { from: "client", transport: sctpPacket(0, { type: INIT, value: initiation(tags.client, tsn.client) }) };
  const parameter = Uint8Array.of(0, STATE_COOKIE, 0, 4 + COOKIE_BYTES, ...cookie);
  yield say("server", { type: INIT_ACK, value: initiation(tags.server, tsn.server, parameter) });
  yield say("client", { type: COOKIE_ECHO, value: cookie });
  yield say("server", { type: COOKIE_ACK });
  yield say("client", message(random, tsn.client));
  yield say("server", acknowledgement(tsn.client));
  yield say("server", message(random, tsn.server));
  yield say("client", acknowledgement(tsn.server));
  yield say("client", { type: SHUTDOWN, value: words(tsn.server) });
  yield say("server", { type: SHUTDOWN_ACK });
  yield say("client", { type: SHUTDOWN_COMPLETE });
}

function initiation(tag: number, tsn: number, parameter: Uint8Array = new Uint8Array(0)): Uint8Array {
  return Uint8Array.of(...words(tag, RECEIVER_WINDOW, (STREAMS << 16) | STREAMS, tsn), ...parameter);
}

function message(random: Random, tsn: number): Chunk {
  const data = Uint8Array.from({ length: random.between(1, MESSAGE_BYTES_MAX) }, () => random.below(256));
  return { type: DATA, flags: WHOLE_MESSAGE, value: Uint8Array.of(...words(tsn, 0, 0), ...data) };
}

function acknowledgement(tsn: number): Chunk {
  return { type: SACK, value: words(tsn, RECEIVER_WINDOW, 0) };
}

function words(...numbers: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * numbers.length));
  for (const [index, number] of numbers.entries()) view.setUint32(4 * index, number);
  return new Uint8Array(view.buffer);
}

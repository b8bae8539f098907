/** UDP, UDP-Lite, pings, and protocols of which conntrack knows nothing: questions, answers, and odd ones among them. */

import { concat, uint16, zeros } from "../../../support/bytes.ts";
import type { Payload } from "../../../support/packet.ts";
import type { Random } from "../../../support/random.ts";
import { icmp4, icmp6, raw, udp } from "../../../support/transport.ts";
import { answerTo, type Ends } from "../../conversation.ts";
import { type Actor, hostAt, type Stage } from "./stage.ts";

const BYTES = [0, 0, 1, 30, 512, 1200, 1372, 1472] as const;
/** GRE, ESP, IPIP, one that nobody has, OSPF. */
const PORTLESS = [47, 50, 4, 253, 89] as const;
const UDPLITE = 136;
/** ICMP queries with their answers, and messages that are neither. */
const QUERIES4 = [8, 8, 8, 15, 17] as const;
const QUERIES6 = [128, 128, 128] as const;
const ODD4 = [0, 9, 10, 16, 18, 30, 42, 200] as const;
const ODD6 = [129, 139, 140, 144, 151, 200] as const;

/** Whom a message from a client has reached, and how that one answers. */
type Make = (random: Random, ends: Ends) => Payload;

/** A few questions from one port, mostly answered by whoever they reach. */
export function* udpExchange(stage: Stage): Actor {
  yield* exchange(stage, stage.random.once(8) ? udpLite : datagram);
}

export function* portlessExchange(stage: Stage): Actor {
  const protocol = stage.random.pick(PORTLESS);
  yield* exchange(stage, (random) => raw(protocol, protocol === 47 ? gre(random) : random.bytes(random.below(40))));
}

/** Pings with an identifier that others have too. */
export function* pinging(stage: Stage): Actor {
  const { random } = stage;
  const client = stage.client();
  const ends = stage.ends(client);
  const isIp6 = ends.src.includes(":");
  const message = isIp6 ? icmp6 : icmp4;
  const id = random.pick([1, 2, 40000, random.below(65536)]);
  for (let count = 1 + random.below(4); count > 0; count--) {
    const type = random.once(8) ? random.pick(isIp6 ? ODD6 : ODD4) : random.pick(isIp6 ? QUERIES6 : QUERIES4);
    const data = zeros(random.pick(BYTES));
    const rest = ((id << 16) | count) >>> 0;
    const sent = stage.say(client, ends, message(type, random.once(10) ? random.below(4) : 0, rest, data));
    yield;
    for (const one of sent) {
      const answer = answerTo(one);
      if (answer === undefined || one.link === client.link || random.once(5)) continue;
      // The identifier may have been translated: the third word of what arrived.
      const reply = message(isIp6 ? 129 : type === 8 ? 0 : type + 1, 0, identifierOf(one.frame, isIp6) ?? rest, data);
      stage.say(hostAt(one.link, answer.src), answer, reply);
      yield;
    }
  }
}

function* exchange(stage: Stage, make: Make): Actor {
  const { random } = stage;
  const client = stage.client();
  const ends = stage.ends(client);
  for (let count = 1 + random.below(5); count > 0; count--) {
    const sent = stage.say(client, ends, make(random, ends));
    yield;
    for (const one of sent) {
      const answer = answerTo(one);
      if (answer === undefined || one.link === client.link || random.once(4)) continue;
      stage.say(hostAt(one.link, answer.src), answer, make(random, answer));
      yield;
    }
  }
}

function datagram(random: Random, { srcPort: src, dstPort: dst }: Ends): Payload {
  const data = zeros(random.pick(BYTES));
  const length = random.once(20) ? { length: random.below(100) } : {};
  return udp({ src, dst, checksum: !random.once(6), ...length }, data);
}

function udpLite(random: Random, { srcPort, dstPort }: Ends): Payload {
  const coverage = random.pick([0, 8, 8, 1, 20, 65535]);
  const bytes = concat(uint16(srcPort), uint16(dstPort), uint16(coverage), [0, 0], zeros(20));
  return { protocol: UDPLITE, bytes, checksum: { offset: 6, kind: "pseudo" } };
}

/** Plain, with a key, or PPTP's with a call id. */
function gre(random: Random): Uint8Array {
  return Uint8Array.from(
    random.pick([
      [0, 0, 8, 0, 1, 2, 3, 4],
      [0x20, 0, 8, 0, 0, 0, 0, random.below(3)],
      [0x30, 1, 0x88, 0x0b, 0, 4, 0, random.below(3), 0, 0, 0, 1, 1, 2, 3, 4],
      [0x30, 1, 8, 0, 0, 4, 0, 1],
      [0, 0],
    ]),
  );
}

/** The second word of an ICMP message in a frame. */
function identifierOf(frame: Uint8Array, isIp6: boolean): number | undefined {
  const at = 14 + (isIp6 ? 40 : (frame[14]! & 15) * 4) + 4;
  if (at + 4 > frame.length) return undefined;
  return new DataView(frame.buffer, frame.byteOffset).getUint32(at);
}

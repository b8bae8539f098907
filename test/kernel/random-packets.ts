/** Random packets around a few tuples: conversations that mostly make sense, and what goes wrong with them. */

import { concat, uint32, zeros } from "../support/bytes.ts";
import { decode } from "../support/decode.ts";
import { evenPieces, fragments } from "../support/fragments.ts";
import { frame, type Header, ip, type Payload } from "../support/packet.ts";
import type { Random } from "../support/random.ts";
import { type Chunk, icmp4, icmp6, sctp, tcp, udp } from "../support/transport.ts";
import { answerTo, type Conversation, type Ends } from "./conversation.ts";
import { EMPTY, type Family, NARROW, UNALLOCATED, WEB } from "./services.ts";
import { CLIENT, type Host, NODE, NODE_MACS, POD, POD_BESIDE, POD_NARROW } from "./world.ts";

const CLIENTS = [CLIENT, POD_NARROW, POD_BESIDE] as const;
const HOSTS: readonly Host[] = [POD, ...CLIENTS];
const FLAGS = ["S", "SA", "A", "A", "A", "PA", "PA", "FA", "R", "RA", "SF", "", "FPU", "SEW"] as const;
const PORTS = [40000, 40001, 700] as const;
/** IPv4 options, of four bytes: nothing, a record of routes that is full, router alert, an unknown one, bad ones. */
const OPTIONS = [
  [1, 1, 1, 1],
  [7, 3, 4, 0],
  [148, 4, 0, 0],
  [158, 4, 1, 2],
  [7, 2, 0, 0],
  [200, 9, 0, 0],
] as const;
/** Sequence numbers move within a few windows, so that most segments are near the edges that trackers look at. */
const SEQ_STEP = 512;
const SEQ_STEPS = 300;

/** Sends `count` random packets; some are answers to what came out. */
export function chatter(talk: Conversation, random: Random, family: Family, count: number): void {
  for (let i = 0; i < count; i++) {
    const last = talk.turns.at(-1)?.sent.at(-1);
    const answer = random.once(2) ? answerTo(last) : undefined;
    if (last !== undefined && answer !== undefined) reply(talk, random, family, last.link, answer, last.frame);
    else ask(talk, random, family);
  }
}

function ask(talk: Conversation, random: Random, family: Family): void {
  const client = random.pick(CLIENTS);
  const [target, dstPort] = random.pick([
    [WEB, WEB.port],
    [WEB, WEB.port],
    [NODE, WEB.nodePort],
    [NARROW, NARROW.port],
    [EMPTY, EMPTY.port],
    [UNALLOCATED, 80],
    [WEB, 81],
    [POD, 8080],
    [NODE, 22],
  ] as const);
  send(talk, random, family, client, {
    src: client[family],
    dst: target[family],
    srcPort: random.pick(PORTS),
    dstPort,
  });
}

/** Whoever got `received` answers, or complains about it. */
function reply(
  talk: Conversation,
  random: Random,
  family: Family,
  link: string,
  answer: Ends,
  received: Uint8Array,
): void {
  const host =
    HOSTS.find((one) => one.link === link && one[family] === answer.src) ?? HOSTS.find((one) => one.link === link)!;
  if (!random.once(8)) {
    send(talk, random, family, host, answer);
    return;
  }
  const quote = decode(received)!.packet.slice(0, random.pick([20, 27, 28, 40, 48, 60, 1500]));
  const message = family === "ip4" ? icmp4 : icmp6;
  const type = family === "ip4" ? random.pick([3, 3, 4, 5, 11, 12]) : random.pick([1, 1, 2, 3, 4]);
  talk.say(host, answer, message(type, random.below(5), random.below(2) * 1300, quote));
}

function send(talk: Conversation, random: Random, family: Family, host: Host, own: Ends): void {
  const packet = ip({ ...header(random), src: own.src, dst: own.dst }, payload(random, family, own));
  if (random.once(12) && packet[0] !== 0x46) {
    for (const fragment of shuffled(
      random,
      fragments(
        packet,
        evenPieces(packet.length - (family === "ip4" ? 20 : 40), 8 * (1 + random.below(20))),
        random.below(65536),
      ),
    ))
      talk.send(host, fragment);
  } else {
    if (random.once(10)) packet[random.below(packet.length)] = random.below(256);
    talk.sendFrame(host.link, frame(host.mac, NODE_MACS[host.link], packet));
  }
}

function payload(random: Random, family: Family, { srcPort: src, dstPort: dst }: Ends): Payload {
  const data = zeros(random.pick([0, 0, 1, 30, 512, 1200]));
  const kind = random.below(10);
  if (kind === 0)
    return (family === "ip4" ? icmp4 : icmp6)(
      family === "ip4" ? random.pick([8, 8, 0]) : random.pick([128, 128, 129]),
      0,
      random.below(3) << 16,
      data,
    );
  if (kind === 1 && random.once(2)) return sctp({ src, dst, tag: random.below(3) }, chunk(random));
  if (kind < 4) return udp({ src, dst, checksum: family === "ip6" || !random.once(4) }, data);
  const [seq, ack] = [random.below(SEQ_STEPS) * SEQ_STEP, random.below(SEQ_STEPS) * SEQ_STEP];
  return tcp({ src, dst, seq, ack, flags: random.pick(FLAGS), window: random.pick([0, 1000, 65535]) }, data);
}

/** INIT, INIT ACK, COOKIE ECHO, COOKIE ACK, DATA, HEARTBEAT and its answer, ABORT, SHUTDOWN and what ends it. */
function chunk(random: Random): Chunk {
  const type = random.pick([0, 1, 1, 2, 4, 5, 6, 7, 8, 10, 11, 14]);
  return { type, flags: random.below(2), value: concat(uint32(random.below(3)), zeros(12)) };
}

function header(random: Random): Header {
  const ttl = random.once(20) ? random.below(3) : 64;
  const tos = random.once(5) ? random.below(256) : 0;
  const damage = random.once(20) ? 1 + random.below(65535) : 0;
  const options = random.once(20) ? { options: Uint8Array.from(random.pick(OPTIONS)) } : {};
  return {
    ...options,
    ttl,
    hopLimit: ttl,
    tos,
    trafficClass: tos,
    damage,
    dontFragment: random.once(2),
    id: random.below(65536),
  };
}

/** Mostly in order, sometimes not. */
function shuffled<T>(random: Random, items: readonly T[]): T[] {
  if (!random.once(3)) return [...items];
  const rest = [...items];
  return items.map(() => rest.splice(random.below(rest.length), 1)[0]!);
}

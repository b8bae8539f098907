/** Who else sends: those who complain about what they got, strangers who guess, crowds that want the same port. */

import { zeros } from "../../../support/bytes.ts";
import { decode } from "../../../support/decode.ts";
import { icmp4, icmp6, tcp, udp } from "../../../support/transport.ts";
import { answerTo } from "../../conversation.ts";
import { CLIENT, POD, ROUTER } from "../../world.ts";
import { type Actor, hostAt, type Stage } from "./stage.ts";

const QUOTED_BYTES = [0, 19, 20, 24, 27, 28, 40, 44, 47, 48, 60, 68, 100, 1500] as const;
const ERRORS4 = [3, 3, 3, 4, 5, 11, 12] as const;
const ERRORS6 = [1, 1, 2, 3, 4, 100] as const;
const RECENT_TURNS = 40;
const FLAGS = ["S", "SA", "A", "A", "PA", "FA", "R", "RA", "SF", ""] as const;
/** Sequence numbers within a few windows, so that most segments are near the edges that trackers look at. */
const SEQ_STEP = 512;
const SEQ_STEPS = 300;

/** ICMP errors about packets that lately left the node: from whoever got them, from a router, from nobody. */
export function* complaints(stage: Stage): Actor {
  const { random } = stage;
  for (let count = 1 + random.below(4); count > 0; count--) {
    const { turns } = stage.talk;
    const turn = turns[turns.length - 1 - random.below(Math.min(RECENT_TURNS, turns.length))];
    // What it quotes may also be a packet that the node has never sent.
    const seen = turn && (turn.sent.length > 0 && !random.once(8) ? random.pick(turn.sent) : turn);
    const answer = answerTo(seen);
    if (seen !== undefined && answer !== undefined) {
      const { packet, family } = decode(seen.frame)!;
      const quote = packet.slice(0, random.pick(QUOTED_BYTES));
      if (random.once(6) && quote.length > 0) quote[random.below(quote.length)] = random.below(256);
      const type = random.pick(family === 4 ? ERRORS4 : ERRORS6);
      const code = random.once(5) ? random.below(100) : random.below(6);
      const rest = random.pick([0, 1300, 1400, random.below(65536)]);
      const router = family === 4 ? ROUTER.ip4 : ROUTER.ip6;
      const own = random.once(3) ? { ...answer, src: router } : answer;
      const damage = random.once(12) ? { damage: 1 } : {};
      stage.say(hostAt(seen.link, answer.src), own, (family === 4 ? icmp4 : icmp6)(type, code, rest, quote), damage);
    }
    yield;
  }
}

/** Segments out of nowhere, around few tuples and few sequence numbers. */
export function* stranger(stage: Stage): Actor {
  const { random } = stage;
  for (let count = 1 + random.below(6); count > 0; count--) {
    const client = stage.client();
    const ends = stage.ends(client);
    const { turns } = stage.talk;
    const last = turns.at(-1)?.sent.at(-1);
    const answer = random.once(2) ? answerTo(last) : undefined;
    const own = answer ?? ends;
    const host = answer === undefined || last === undefined ? client : hostAt(last.link, answer.src);
    const [seq, ack] = [random.below(SEQ_STEPS) * SEQ_STEP, random.below(SEQ_STEPS) * SEQ_STEP];
    const fields = { src: own.srcPort, dst: own.dstPort, seq, ack, flags: random.pick(FLAGS) };
    stage.say(host, own, tcp({ ...fields, window: random.pick([0, 1000, 65535]) }, zeros(random.pick([0, 1, 512]))));
    yield;
  }
}

/** Many clients with the same port and target, so that translations clash and few ports run out. */
export function* crowd(stage: Stage): Actor {
  const { random } = stage;
  const { srcPort, dstPort, dst, src } = stage.ends(CLIENT);
  const isUdp = random.once(3);
  const first = random.below(200);
  const seq = random.below(0x7fffffff);
  for (let n = 2 + random.below(12); n > 0; n--) {
    const last = 1 + ((first + n) % 250);
    const own = {
      src: src.includes(":") ? `2001:db8::${last.toString(16)}` : `203.0.113.${last}`,
      dst,
      srcPort: random.once(4) ? srcPort + n : srcPort,
      dstPort,
    };
    const payload = isUdp
      ? udp({ src: own.srcPort, dst: dstPort }, zeros(8))
      : tcp({ src: own.srcPort, dst: dstPort, flags: "S", seq: (seq + random.pick([0, 1, 17, -17, 1 << 20])) >>> 0 });
    const sent = stage.say(CLIENT, own, payload);
    yield;
    const answer = answerTo(sent.find((one) => one.link !== CLIENT.link));
    if (isUdp || answer === undefined || random.once(4)) continue;
    // Mostly refused at once, so that ports of closed connections can be had again.
    const flags = random.pick(["RA", "RA", "SA"]);
    const refusal = tcp({ src: answer.srcPort, dst: answer.dstPort, flags, ack: (seq + 1) >>> 0 });
    stage.say(hostAt(sent.find((one) => one.link !== CLIENT.link)?.link ?? POD.link, answer.src), answer, refusal);
    yield;
  }
}

/**
 * What a rule set may do with a new connection. The engine alone judges, and it draws at random; so it is asked again and
 * again, each time long after the last so that neither connections nor affinity remember, until nothing new comes.
 */

import type { Node, ProcessResult } from "../library/node.ts";
import { type PacketHeader, readHeader } from "../replay/header.ts";
import { addressAndPort } from "../report/services.ts";
import { type Ends, makePacket, type Transport } from "../traffic/packet.ts";
import { SYN, sctpPacket, tcpSegment, udpDatagram } from "../traffic/transport.ts";
import { answerKind } from "./answer-kind.ts";
import type { Outcomes } from "./types.ts";

/** A connection's first packet, as far as rules can tell. */
export interface Question {
  readonly proto: string;
  readonly ends: Ends;
  /** Where it comes in; undefined: where its source address stands. */
  readonly interface: string | undefined;
  readonly fromHost: boolean;
}

/** More than a day, the longest affinity there is. */
const STEP = 90_000_000_000_000n;
/** The engine counts seconds in 32 bits: so many steps fit well below its end. */
const SAMPLES_PER_NODE = 20_000;
/** Of n + 1 equally likely outcomes, one is missed with a probability of e^-25 if n have shown for so long. */
const PATIENCE = 25;
const SAMPLES_MAX = 100_000;
const SHORTLY = 1_000_000n;
const FIRST_TIME = 1_000_000_000_000_000_000n;

const SCTP_INIT = Uint8Array.of(0, 0, 0, 1, 0, 1, 0, 0, 0, 10, 0, 10, 0, 0, 0, 1);

export class Sampler {
  readonly #create: () => Promise<Node>;
  readonly #known = new Map<string, Outcomes>();
  #node: Node | undefined;
  #samples = 0;

  /** `create` makes a node without any connection. */
  constructor(create: () => Promise<Node>) {
    this.#create = create;
  }

  async outcomes(question: Question): Promise<Outcomes> {
    const { proto, ends } = question;
    const key = `${proto} ${ends.src} ${ends.dst} ${ends.dport} ${question.interface} ${question.fromHost}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const outcomes = await this.#ask(question);
    this.#known.set(key, outcomes);
    return outcomes;
  }

  async #ask(question: Question): Promise<Outcomes> {
    const packet = makePacket(question.ends, firstWords(question), 1);
    const fields = new OutcomeFields();
    for (let asked = 0, sinceNew = 0; asked < SAMPLES_MAX && sinceNew < PATIENCE * (fields.count + 1); asked++) {
      const result = await this.#sample(packet, question);
      sinceNew = fields.add(question.ends, result) ? 0 : sinceNew + 1;
    }
    const outcomes = fields.outcomes();
    const isSticky = outcomes.endpoints.length > 1 && (await this.#isSticky(packet, question));
    return { ...outcomes, affinity: isSticky ? ["client"] : [] };
  }

  /** Whether a client that comes back, by another port, always meets whom it met before. */
  async #isSticky(packet: Uint8Array, question: Question): Promise<boolean> {
    const { ends } = question;
    const again = makePacket({ ...ends, sport: ends.sport ^ 1 }, firstWords(question), 2);
    for (let asked = 0; asked < PATIENCE; asked++) {
      const first = translation(ends, readHeader((await this.#sample(packet, question)).packet));
      const second = translation(ends, readHeader((await this.#sample(again, question, SHORTLY)).packet));
      if (first.endpoint !== second.endpoint) return false;
    }
    return true;
  }

  /** `after`: not long after the last sample, but so many nanoseconds. */
  async #sample(packet: Uint8Array, { interface: link, fromHost }: Question, after?: bigint): Promise<ProcessResult> {
    if (after === undefined) this.#samples++;
    const step = this.#samples % SAMPLES_PER_NODE;
    if (this.#node === undefined || (step === 0 && after === undefined)) this.#node = await this.#create();
    const time = FIRST_TIME + BigInt(step) * STEP + (after ?? 0n);
    const where = fromHost ? { fromHost } : link === undefined ? {} : { interface: link };
    return this.#node.process(packet, { ...where, time });
  }
}

/** Sets of what was seen, field by field. */
class OutcomeFields {
  /** Whole outcomes: fields may go together. */
  readonly #seen = new Set<string>();
  readonly #fields = {
    verdicts: new Set<string>(),
    reasons: new Set<string>(),
    endpoints: new Set<string>(),
    masquerade: new Set<string>(),
    interfaces: new Set<string>(),
    answers: new Set<string>(),
  };

  get count(): number {
    return this.#seen.size;
  }

  /** Says whether it is new. */
  add(ends: Ends, result: ProcessResult): boolean {
    const now = readHeader(result.packet);
    const answers = result.answers.map(({ packet }) => answerKind(packet));
    const { endpoint, masquerade } = translation(ends, now);
    const output = result.verdict === "forward" ? result.interface : undefined;
    const parts = [result.verdict, result.reason, endpoint, masquerade, output ?? "", ...answers];
    const key = parts.join("|");
    if (this.#seen.has(key)) return false;
    this.#seen.add(key);
    this.#fields.verdicts.add(result.verdict);
    this.#fields.reasons.add(result.reason);
    if (endpoint !== "") this.#fields.endpoints.add(endpoint);
    if (masquerade !== "") this.#fields.masquerade.add(masquerade);
    if (output !== undefined) this.#fields.interfaces.add(output);
    for (const answer of answers) this.#fields.answers.add(answer);
    return true;
  }

  outcomes(): Omit<Outcomes, "affinity"> {
    const sorted = Object.entries(this.#fields).map(([field, values]) => [field, [...values].sort()]);
    return Object.fromEntries(sorted) as Omit<Outcomes, "affinity">;
  }
}

function translation(ends: Ends, now: PacketHeader | undefined): { endpoint: string; masquerade: string } {
  if (now === undefined) return { endpoint: "", masquerade: "" };
  const isKept = now.dst === ends.dst && (now.dport ?? ends.dport) === ends.dport;
  return {
    endpoint: isKept ? "" : addressAndPort(now.dst, now.dport ?? 0),
    masquerade: now.src === ends.src ? "" : now.src,
  };
}

/** What clients of each protocol say first. */
function firstWords({ proto, ends }: Question): Transport {
  if (proto === "tcp") return tcpSegment({ flags: SYN, seq: 1, ack: 0 });
  if (proto === "udp") return udpDatagram(Uint8Array.of(1));
  if (proto === "sctp") return sctpPacket(0, { type: 1, value: SCTP_INIT });
  throw new Error(`no first word of ${proto} from ${ends.src}`);
}

/** Protocols that the sampler can speak. */
export function isSpoken(proto: string): boolean {
  return proto === "tcp" || proto === "udp" || proto === "sctp";
}

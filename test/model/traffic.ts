/** Random conversations that keep to what the model knows: segments in window, whole packets, no options. */

import { answerTo, type Conversation, type Ends } from "../kernel/conversation.ts";
import { EMPTY, type Family, NARROW, TWINS, UNALLOCATED, WEB } from "../kernel/services.ts";
import { CLIENT, type Host, NODE, POD, POD_BESIDE, POD_NARROW } from "../kernel/world.ts";
import { addressBytes } from "../support/address.ts";
import { zeros } from "../support/bytes.ts";
import { decode, hex } from "../support/decode.ts";
import type { Sent } from "../support/kernel-node.ts";
import type { Header, Payload } from "../support/packet.ts";
import type { Random } from "../support/random.ts";
import { icmp4, icmp6, tcp, udp } from "../support/transport.ts";

const HOSTS = [POD, POD_BESIDE, POD_NARROW, CLIENT] as const;
const CLIENTS = [CLIENT, POD_NARROW, POD_BESIDE, POD] as const;
const FIRST_PORT = 700;
const PORT_STEP = 97;
const CONVERSATIONS = 6;

/** Lets `count` packets pass, of a few conversations at a time. */
export function converse(talk: Conversation, random: Random, family: Family, count: number): void {
  let port = FIRST_PORT;
  const next = () => {
    port += PORT_STEP;
    return makeTalker(talk, random, family, port);
  };
  const talkers = Array.from({ length: CONVERSATIONS }, next);
  while (talk.turns.length < count) {
    const index = random.below(talkers.length);
    if (talkers[index]!.step() === "over") talkers[index] = next();
  }
}

interface Talker {
  readonly step: () => "on" | "over";
}

function makeTalker(talk: Conversation, random: Random, family: Family, srcPort: number): Talker {
  const client = random.pick(CLIENTS);
  const [target, dstPort] = random.pick([
    [WEB, WEB.port],
    [WEB, WEB.port],
    [TWINS, TWINS.port],
    [NODE, WEB.nodePort],
    [NARROW, NARROW.port],
    [EMPTY, EMPTY.port],
    [UNALLOCATED, 80],
    [NODE, 22],
    [POD, WEB.targetPort],
  ] as const);
  const ends = { src: client[family], dst: target[family], srcPort, dstPort };
  const kind = random.below(8);
  if (kind === 0)
    return new Pings(talk, random, family, client, { ...ends, dst: random.pick([POD, NODE, WEB])[family] });
  return kind < 3
    ? new Datagrams(talk, random, family, client, ends)
    : new Segments(talk, random, family, client, ends);
}

/** Whether a frame carries what was asked, rather than an answer to it: its ICMP type or its TCP flags tell. */
function goesOn(asked: Payload, { frame }: Sent): boolean {
  const seen = decode(frame)!;
  if (seen.protocol !== asked.protocol) return false;
  const at = { 1: 0, 58: 0, 6: 13 }[asked.protocol];
  return at === undefined || seen.payload[at] === asked.bytes[at];
}

/** A client and, once something has reached it, a server. */
abstract class Exchange implements Talker {
  protected server: Host | undefined;
  protected answer: Ends | undefined;
  protected readonly random: Random;
  readonly #talk: Conversation;
  readonly #family: Family;
  readonly #client: Host;
  readonly #ends: Ends;

  constructor(talk: Conversation, random: Random, family: Family, client: Host, ends: Ends) {
    this.#talk = talk;
    this.random = random;
    this.#family = family;
    this.#client = client;
    this.#ends = ends;
  }

  abstract step(): "on" | "over";

  protected ask(payload: (own: Ends) => Payload, header: Header = {}): void {
    const asked = payload(this.#ends);
    const arrived = this.#talk.say(this.#client, this.#ends, asked, header).find((one) => goesOn(asked, one));
    if (arrived === undefined) return;
    this.server = this.#receiver(arrived);
    this.answer = answerTo(arrived);
    if (this.random.once(25)) this.#complain(arrived);
  }

  protected reply(payload: (own: Ends) => Payload): void {
    if (this.server !== undefined && this.answer !== undefined)
      this.#talk.say(this.server, this.answer, payload(this.answer));
  }

  protected echo(isRequest: boolean, id: number): Payload {
    const types = this.#family === "ip4" ? [0, 8] : [129, 128];
    return this.#message(types[isRequest ? 1 : 0]!, 0, id << 16, zeros(40));
  }

  #receiver({ link, frame }: Sent): Host | undefined {
    const dst = hex(addressBytes(decode(frame)!.dst));
    return HOSTS.find((one) => one.link === link && hex(addressBytes(one[this.#family])) === dst);
  }

  /** The server reports an error about what it got. */
  #complain(arrived: Sent): void {
    const [type, code] =
      this.#family === "ip4"
        ? this.random.pick([
            [3, 3],
            [3, 1],
            [11, 0],
          ] as const)
        : this.random.pick([
            [1, 4],
            [1, 0],
            [3, 0],
          ] as const);
    const quote = decode(arrived.frame)!.packet.slice(0, 200);
    if (this.server !== undefined) this.#talk.say(this.server, this.answer!, this.#message(type, code, 0, quote));
  }

  #message(type: number, code: number, rest: number, data: Uint8Array): Payload {
    return this.#family === "ip4" ? icmp4(type, code, rest, data) : icmp6(type, code, rest, data);
  }
}

class Datagrams extends Exchange {
  step(): "on" | "over" {
    const data = zeros(this.random.below(600)).fill(this.random.below(256));
    const datagram = ({ srcPort, dstPort }: Ends) => udp({ src: srcPort, dst: dstPort }, data);
    if (this.random.once(2)) this.reply(datagram);
    else this.ask(datagram, oddHeader(this.random));
    return this.random.once(8) ? "over" : "on";
  }
}

class Pings extends Exchange {
  #id = 0;

  step(): "on" | "over" {
    this.#id ||= this.random.below(65535) + 1;
    if (this.random.once(2)) this.reply(() => this.echo(false, this.#id));
    else this.ask(() => this.echo(true, this.#id), oddHeader(this.random));
    return this.random.once(5) ? "over" : "on";
  }
}

/** A TCP connection whose sides take all that is sent to them. */
class Segments extends Exchange {
  readonly #next = { client: 0, server: 0 };
  #step: () => "on" | "over" = this.#ask;

  step(): "on" | "over" {
    return this.#step();
  }

  #ask(): "on" | "over" {
    this.#next.client = this.random.below(0xffffffff);
    this.#next.server = this.random.below(0xffffffff);
    this.#fromClient("S", 0, oddHeader(this.random));
    this.#step = this.#accept;
    return "on";
  }

  #accept(): "on" | "over" {
    if (this.server === undefined) return this.random.once(2) ? "over" : this.#ask();
    const isRefused = this.random.once(10);
    this.#fromServer(isRefused ? "RA" : "SA");
    if (!isRefused) this.#fromClient("A");
    this.#step = this.#exchange;
    return isRefused ? "over" : "on";
  }

  #exchange(): "on" | "over" {
    const choice = this.random.below(20);
    if (choice === 0) return this.#close();
    if (choice === 1) this.#fromClient("R");
    else if (choice < 10)
      this.#fromClient(this.random.pick(["A", "PA"]), this.random.below(900), oddHeader(this.random));
    else this.#fromServer(this.random.pick(["A", "PA"]), this.random.below(900));
    return choice === 1 ? "over" : "on";
  }

  #close(): "over" {
    this.#fromClient("FA");
    this.#fromServer("FA");
    this.#fromClient("A");
    return "over";
  }

  #fromClient(flags: string, bytes = 0, header: Header = {}): void {
    this.ask((own) => this.#segment("client", "server", own, flags, bytes), header);
  }

  #fromServer(flags: string, bytes = 0): void {
    this.reply((own) => this.#segment("server", "client", own, flags, bytes));
  }

  #segment(from: "client" | "server", to: "client" | "server", own: Ends, flags: string, bytes: number): Payload {
    const seq = this.#next[from];
    this.#next[from] = (seq + bytes + (/[SF]/.test(flags) ? 1 : 0)) >>> 0;
    const ack = flags.includes("A") ? this.#next[to] : 0;
    return tcp({ src: own.srcPort, dst: own.dstPort, seq, ack, flags }, zeros(bytes).fill(from.length));
  }
}

/** Now and then a TTL at its end, or a type of service. A packet that does not get through is not repeated. */
function oddHeader(random: Random): Header {
  const tos = random.once(4) ? random.below(64) << 2 : 0;
  const ttl = random.once(30) ? random.below(2) : 2 + random.below(200);
  return { ttl, hopLimit: ttl, tos, trafficClass: tos, dontFragment: random.once(2), id: random.below(65536) };
}

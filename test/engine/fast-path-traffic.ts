/** Random conversations that get established, and what disturbs them: for engines that are held equal. */

import { canonicalAddress } from "../../src/network/address.ts";
import { answerTo, type Ends } from "../kernel/conversation.ts";
import { FAMILIES, type Family, NARROW, TWINS, WEB } from "../kernel/services.ts";
import { CLIENT, type Host, NODE, NODE_MACS, POD, POD_BESIDE, POD_NARROW } from "../kernel/world.ts";
import { zeros } from "../support/bytes.ts";
import { decode } from "../support/decode.ts";
import { evenPieces, fragments } from "../support/fragments.ts";
import { type Extension, frame, type Header, ip, type Payload } from "../support/packet.ts";
import { type CapturedFrame, readPcapng } from "../support/pcapng.ts";
import type { Random } from "../support/random.ts";
import { icmp4, icmp6, tcp, udp } from "../support/transport.ts";

const HOSTS: readonly Host[] = [CLIENT, POD, POD_BESIDE, POD_NARROW];
const TARGETS = [
  [WEB, WEB.port],
  [TWINS, TWINS.port],
  [NARROW, NARROW.port],
  [NODE, WEB.nodePort],
  [NODE, 7000],
  [POD, 8080],
] as const;
/** Of which families a crowd's conversations are: one or the other, or both mixed. */
export const MIXTURES: readonly (readonly Family[])[] = [["ip4"], ["ip6"], FAMILIES];
const IP_BYTES: Readonly<Record<Family, number>> = { ip4: 20, ip6: 40 };
const DESTINATION_OPTIONS: Extension = { protocol: 60, bytes: Uint8Array.of(0, 0, 1, 4, 0, 0, 0, 0) };
const SPEAKERS_MAX = 12;
const TCP = 6;
const UDP = 17;
const MICROSECOND = 1_000n;
const WINDOW = 65535;

/** One end of a conversation, as far as it knows: its own and the other's next sequence numbers. */
interface Speaker {
  readonly host: Host;
  readonly family: Family;
  readonly ends: Ends;
  readonly protocol: number;
  seq: number;
  ack: number;
  opened: boolean;
}

/** Who answers what reaches it: all, few, or nobody, so that connections stay without an answer. */
export type Answering = "all" | "few" | "nobody";

export class Crowd {
  readonly #random: Random;
  readonly #answering: Answering;
  readonly #families: readonly Family[];
  readonly #speakers: Speaker[] = [];

  constructor(random: Random, families: readonly Family[], answering: Answering = "all") {
    this.#random = random;
    this.#answering = answering;
    this.#families = families;
  }

  /** The next `count` frames, a few microseconds apart. */
  frames(count: number, start: bigint): CapturedFrame[] {
    return Array.from({ length: count }, (_, i) => {
      const speaker = this.#speaker();
      const time = start + BigInt(i) * MICROSECOND;
      const link = this.#answering === "all" ? speaker.host.link : this.#linkOf(speaker);
      return { link, time, outbound: false, frame: this.#say(speaker, link) };
    });
  }

  /** Mostly its own; now and then a packet comes by another one. */
  #linkOf({ host }: Speaker): Host["link"] {
    return this.#random.once(20) ? this.#random.pick(HOSTS).link : host.link;
  }

  /** Whoever got something becomes a speaker, too: as the other end of what it got. */
  hear(output: Uint8Array, links: readonly string[]): void {
    for (const { link, frame: bytes } of readPcapng(output, links)) {
      if (this.#answering !== "all" && (this.#answering === "nobody" || !this.#random.once(16))) continue;
      const seen = decode(bytes);
      const answer = answerTo({ link, frame: bytes });
      if (seen === undefined || answer === undefined) continue;
      const ends = { ...answer, src: canonicalAddress(answer.src)!, dst: canonicalAddress(answer.dst)! };
      const family = seen.family === 4 ? "ip4" : "ip6";
      const host = HOSTS.find((one) => one.link === link && one[family] === ends.src);
      if (host === undefined || (seen.protocol !== TCP && seen.protocol !== UDP)) continue;
      this.#answer({ host, family, ends, protocol: seen.protocol }, seen.payload);
    }
  }

  #answer(end: Pick<Speaker, "host" | "family" | "ends" | "protocol">, header: Uint8Array): void {
    const { ends, protocol } = end;
    const same = this.#speakers.find((one) => one.protocol === protocol && isSame(one.ends, ends));
    const speaker = same ?? { ...end, seq: this.#random.below(2 ** 32), ack: 0, opened: false };
    if (protocol === TCP && header.length >= 20) {
      const view = new DataView(header.buffer, header.byteOffset, header.length);
      const data = header.length - (header[12]! >> 4) * 4;
      speaker.ack = (view.getUint32(4) + data + ((header[13]! & 3) !== 0 ? 1 : 0)) >>> 0;
    }
    if (same === undefined) this.#join(speaker);
  }

  #speaker(): Speaker {
    if (this.#speakers.length > 0 && !this.#random.once(6)) return this.#random.pick(this.#speakers);
    const host = this.#random.pick(HOSTS);
    const family = this.#random.pick(this.#families);
    const [target, dstPort] = this.#random.pick(TARGETS);
    const ends = { src: host[family], dst: target[family], srcPort: this.#random.pick([40000, 40001, 700]), dstPort };
    const protocol = this.#random.pick([TCP, TCP, UDP]);
    const known = this.#speakers.find((one) => one.protocol === protocol && isSame(one.ends, ends));
    if (known !== undefined) return known;
    return this.#join({ host, family, ends, protocol, seq: this.#random.below(2 ** 32), ack: 0, opened: false });
  }

  #join(speaker: Speaker): Speaker {
    if (this.#speakers.length === SPEAKERS_MAX) this.#speakers.splice(this.#random.below(SPEAKERS_MAX), 1);
    this.#speakers.push(speaker);
    return speaker;
  }

  #say(speaker: Speaker, link: Host["link"]): Uint8Array {
    const random = this.#random;
    const { host, ends, family } = speaker;
    const id = random.below(65536);
    const headerBytes = IP_BYTES[family];
    let packet = ip({ ...this.#header(id), src: ends.src, dst: ends.dst }, this.#payload(speaker));
    if (random.once(30)) packet = fragments(packet, evenPieces(packet.length - headerBytes, 64), id)[0]!;
    if (random.once(40)) packet[random.below(packet.length)] = random.below(256);
    if (random.once(40)) packet = packet.slice(0, headerBytes + random.below(packet.length - headerBytes));
    const mac = random.once(40) ? "02:00:00:00:77:77" : NODE_MACS[link];
    return frame(host.mac, mac, packet, random.once(8) ? 60 : 0);
  }

  #header(id: number): Header {
    const random = this.#random;
    const hops = random.once(24) ? random.below(3) : 64;
    const tos = random.once(8) ? random.below(256) : 0;
    return {
      ttl: hops,
      hopLimit: hops,
      tos,
      trafficClass: tos,
      flowLabel: random.once(8) ? random.below(1 << 20) : 0,
      id,
      dontFragment: random.once(2),
      damage: random.once(24) ? 1 + random.below(65535) : 0,
      headerDamage: random.once(40) ? 1 + random.below(65535) : 0,
      ...(random.once(30) && { options: Uint8Array.of(1, 1, 1, 0), extensions: [DESTINATION_OPTIONS] }),
    };
  }

  #payload(speaker: Speaker): Payload {
    const random = this.#random;
    const { ends, family } = speaker;
    const data = zeros(random.pick([0, 0, 1, 30, 512, 1200, 1460, 1500])).fill(random.below(256));
    const ports = { src: ends.srcPort, dst: ends.dstPort };
    if (speaker.protocol === UDP) return udp({ ...ports, checksum: !random.once(6) }, data);
    if (random.once(60)) {
      const identifier = random.below(3) << 16;
      return family === "ip4" ? icmp4(8, 0, identifier, data) : icmp6(128, 0, identifier, data);
    }
    const flags = this.#flags(speaker);
    const off = random.once(16) ? random.pick([-1, 1, -100_000, 100_000, 2 ** 31]) : 0;
    const seq = (speaker.seq + off) >>> 0;
    const ackOff = random.once(16) ? random.pick([-1, 1, 70_000, -70_000]) : 0;
    if (off === 0) speaker.seq = (speaker.seq + data.length + (/[SF]/.test(flags) ? 1 : 0)) >>> 0;
    const options = random.once(4) ? Uint8Array.of(1, 1, 8, 10, 0, 0, 0, random.below(256), 0, 0, 0, 1) : zeros(0);
    const window = random.pick([0, 1000, WINDOW, WINDOW]);
    return tcp({ ...ports, seq, ack: (speaker.ack + ackOff) >>> 0, flags, window, options }, data);
  }

  /**
   * SYN or SYN-ACK first, then mostly data; now and then what ends a connection, or makes no sense. Where few answer, most
   * conversations are in their middle.
   */
  #flags(speaker: Speaker): string {
    const random = this.#random;
    const isFirst = !speaker.opened;
    speaker.opened = !random.once(50);
    if (isFirst && this.#answering !== "all" && !random.once(4)) return "A";
    if (isFirst) return speaker.ack === 0 ? "S" : "SA";
    return random.pick([
      "A",
      "A",
      "A",
      "PA",
      "PA",
      "PA",
      "PA",
      random.pick(["FA", "R", "RA", "S", "SA", "", "PU", "AU"]),
    ]);
  }
}

function isSame(a: Ends, b: Ends): boolean {
  return a.src === b.src && a.dst === b.dst && a.srcPort === b.srcPort && a.dstPort === b.dstPort;
}

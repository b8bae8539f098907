/** A node among hosts: packets are said to it, and what it makes of them decides who hears them. */

import type { Node } from "../library/node.ts";
import { readHeader } from "../replay/header.ts";
import type { Client } from "./clients.ts";
import { type Ends, makePacket, type Transport } from "./packet.ts";

/** A packet as the node's interface shows it. */
export interface StagedPacket {
  /** undefined: a process of the node has sent it. */
  readonly link: string | undefined;
  readonly time: bigint;
  readonly isOutbound: boolean;
  readonly packet: Uint8Array;
  /** With the link header that the node gave it. */
  readonly frame?: Uint8Array;
}

/** Somebody who has got a packet, and how the answer is addressed. */
export interface Listener {
  readonly link: string | undefined;
  readonly ends: Ends;
}

/** Nothing listens on the node: it has refused by itself. */
const CLOSED = "closed-port";

export class Stage {
  /** In the order of their times; whoever takes them empties it. */
  readonly packets: StagedPacket[] = [];
  readonly #node: Node;
  readonly #hasHost: boolean;
  readonly #stepNanoseconds: bigint;
  #time: bigint;
  #id = 0;

  /** `hasHost`: processes of the node speak, too. */
  constructor(node: Node, options: { start: bigint; stepNanoseconds: bigint; hasHost: boolean }) {
    this.#node = node;
    this.#hasHost = options.hasHost;
    this.#time = options.start;
    this.#stepNanoseconds = options.stepNanoseconds;
  }

  /** Sends a packet into the node; returns who hears it, if it gets through. */
  say(link: Client["link"], ends: Ends, transport: Transport): Listener | undefined {
    this.#id++;
    const packet = makePacket(ends, transport, this.#id);
    const time = this.#time;
    this.#time += this.#stepNanoseconds;
    this.packets.push({ link, time, isOutbound: false, packet });
    const where = link === undefined ? { fromHost: true } : { interface: link };
    const result = this.#node.process(packet, { ...where, time });
    for (const sent of result.sent) {
      const frame = sent.frame.slice();
      const packet = frame.subarray(frame.length - sent.packet.length);
      this.packets.push({ link: sent.interface, time, isOutbound: true, packet, frame });
    }
    if (result.verdict === "local") {
      const isHeard = this.#hasHost && result.reason !== CLOSED;
      return isHeard ? listener(undefined, result.packet) : undefined;
    }
    const heard = result.sent.find((sent) => !result.answers.includes(sent));
    return heard && listener(heard.interface, heard.packet);
  }
}

function listener(link: string | undefined, packet: Uint8Array): Listener | undefined {
  const header = readHeader(packet);
  if (header?.sport === undefined || header.dport === undefined) return undefined;
  return { link, ends: { src: header.dst, dst: header.src, sport: header.dport, dport: header.sport } };
}

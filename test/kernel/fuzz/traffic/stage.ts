/** Where actors meet: the conversation, the dice, who there is to talk to, and what can go wrong with any packet. */

import { formatAddress } from "../../../../src/network/address.ts";
import { addressBytes } from "../../../support/address.ts";
import type { Sent } from "../../../support/kernel-node.ts";
import { frame, type Header, ip, type Payload } from "../../../support/packet.ts";
import type { Random } from "../../../support/random.ts";
import type { Conversation, Ends } from "../../conversation.ts";
import type { Family } from "../../services.ts";
import { CLIENT, type Host, LINKS, NARROW_MTU, NODE_MACS, POD, POD_BESIDE, POD_NARROW, ROUTER } from "../../world.ts";
import type { Target } from "../settings.ts";
import { inFragments } from "./fragments.ts";
import { damaged, oddHeader } from "./noise.ts";

/** Somebody who does one thing at a time, until there is nothing left to do. */
export type Actor = Generator<void, void, void>;

const PODS: readonly Host[] = [POD, POD_BESIDE, POD_NARROW];
const MTU = 1500;
/** The node's IPv6 addresses. */
const NODE_IP6: ReadonlySet<string> = new Set(
  LINKS.flatMap(({ addresses }) => addresses.map((address) => address.split("/")[0] ?? "")),
);
const CLIENTS_BEYOND = 200;
/** Ports that clients use: a few, so that they clash. */
const CLIENT_PORTS = [40000, 40001, 40002, 700, 520, 7000, 5353] as const;

/** How often something goes wrong, once in so many packets; 0: never. */
export interface Mishaps {
  readonly fragmented: number;
  readonly damaged: number;
  readonly oddHeader: number;
}

export class Stage {
  readonly talk: Conversation;
  readonly random: Random;
  readonly targets: readonly Target[];
  readonly families: readonly Family[];
  readonly #mishaps: Mishaps;
  readonly #clients: number;
  #packets = 0;

  constructor(
    talk: Conversation,
    random: Random,
    targets: readonly Target[],
    families: readonly Family[],
    mishaps: Mishaps,
  ) {
    this.talk = talk;
    this.random = random;
    this.targets = targets;
    this.families = families;
    this.#mishaps = mishaps;
    this.#clients = random.pick([1, 3, CLIENTS_BEYOND]);
  }

  /** Somebody who asks: a pod, or a client beyond the router. */
  client(): Host {
    const { random } = this;
    if (random.once(2)) return random.pick(PODS);
    const last = 1 + random.below(this.#clients);
    return { ...CLIENT, ip4: `203.0.113.${last}`, ip6: `2001:db8::${last.toString(16)}` };
  }

  /** A client's address and port, and what it wants to reach. */
  ends(client: Host): Ends {
    const { random } = this;
    const family = random.pick(this.families);
    const target = random.pick(this.targets);
    const srcPort = random.once(3) ? 1 + random.below(65535) : random.pick(CLIENT_PORTS);
    return { src: client[family], dst: target[family], srcPort, dstPort: random.pick(target.ports) };
  }

  /** `host` sends a packet, to which something may happen on its way to the node. Returns what left because of it. */
  say(host: Host, own: Ends, payload: Payload, header: Header = {}): readonly Sent[] {
    // It would be forwarded back to the node's own redirects.
    if (own.src.includes(":") && NODE_IP6.has(formatAddress(addressBytes(own.src)))) return [];
    const { random } = this;
    const { oddHeader: odd } = this.#mishaps;
    const fields = { id: ++this.#packets, ...(odd > 0 && random.once(odd) ? oddHeader(random) : {}), ...header };
    return this.send(host, ip({ ...fields, src: own.src, dst: own.dst }, payload));
  }

  /** The same with a packet that is ready. */
  send(host: Host, packet: Uint8Array): readonly Sent[] {
    const { random } = this;
    const { fragmented, damaged: damage } = this.#mishaps;
    if (fragmented > 0 && random.once(fragmented)) {
      const id = 0x8000 | ++this.#packets;
      return inFragments(packet, random, id).flatMap((fragment) => this.deliver(host, fragment));
    }
    return this.deliver(host, damage > 0 && random.once(damage) ? damaged(packet, random) : packet);
  }

  /** The packet as it is, in a frame; sometimes with padding behind it. What its link does not take is not sent. */
  deliver(host: Host, packet: Uint8Array): readonly Sent[] {
    if (isToGroup6(packet)) return [];
    if (packet.length > (host.link === POD_NARROW.link ? NARROW_MTU : MTU)) return [];
    const padTo = this.random.once(20) ? 60 + this.random.below(20) : 0;
    return this.talk.sendFrame(host.link, frame(host.mac, NODE_MACS[host.link], packet, padTo));
  }
}

/** Which IPv6 groups the node has joined nothing tells. */
function isToGroup6(packet: Uint8Array): boolean {
  return packet[0]! >> 4 === 6 && packet[24] === 0xff;
}

/** Who gets frames for an address on a link: a pod, or the router. */
export function hostAt(link: string, address: string): Host {
  const bare = formatAddress(addressBytes(address));
  const pod = PODS.find((one) => one.link === link && (one.ip4 === bare || one.ip6 === bare));
  return pod ?? PODS.find((one) => one.link === link) ?? ROUTER;
}

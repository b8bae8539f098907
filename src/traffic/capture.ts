/** Staged packets as a capture file: what a capture on all of the node's interfaces would hold. */

import { ETHERTYPE_IP4, ETHERTYPE_IP6, LINKTYPE_ETHERNET, LINKTYPE_RAW } from "../../assembly/layout/protocol.ts";
import { type OutputInterface, packetBlock, pcapngHeader } from "../capture/write.ts";
import type { NetworkInterface, NodeNetwork } from "../network/types.ts";
import type { StagedPacket } from "./stage.ts";

/** Of frames between a node and hosts whose link addresses nobody knows. */
const HOST_MAC = "02:00:00:00:00:01";
const NODE_MAC = "02:00:00:00:00:02";
const ETHERNET_BYTES = 14;
/** As the node's own packets are captured before they are routed: without a link header. */
const HOST_INTERFACE: OutputInterface = { name: "host", linkType: LINKTYPE_RAW };

export class TrafficCapture {
  readonly #network: NodeNetwork;
  readonly #numbers = new Map<string, number>();

  constructor(network: NodeNetwork) {
    this.#network = network;
    for (const [index, { name }] of network.interfaces.entries()) this.#numbers.set(name, index);
  }

  /** What stands before the first block of interfaces. */
  header(): Uint8Array {
    return pcapngHeader(
      this.#network.interfaces.map((device) => ({
        name: device.name,
        linkType: isEthernet(device) ? LINKTYPE_ETHERNET : LINKTYPE_RAW,
      })),
    );
  }

  block(staged: StagedPacket): Uint8Array {
    const { link, time, isOutbound } = staged;
    const number = this.#numbers.get(link ?? "");
    const device = this.#network.interfaces[number ?? -1];
    if (number === undefined || device === undefined) throw new Error(`the node has no interface "${link}"`);
    const frame = this.#frameOf(staged, device);
    return packetBlock({ interface: number, time, direction: isOutbound ? "out" : "in", frame });
  }

  #frameOf({ isOutbound, packet, frame }: StagedPacket, device: NetworkInterface): Uint8Array {
    if (frame !== undefined && this.#network.linkAddresses) return frame;
    return isEthernet(device) ? ethernetFrame(device.mac ?? NODE_MAC, isOutbound, packet) : packet;
  }
}

/** The same for what processes of the node send. */
export const HOST_CAPTURE = {
  header: (): Uint8Array => pcapngHeader([HOST_INTERFACE]),
  block: ({ time, packet }: StagedPacket): Uint8Array => packetBlock({ interface: 0, time, frame: packet }),
};

function isEthernet({ linkType }: NetworkInterface): boolean {
  return linkType === "ether" || linkType === "loopback";
}

function ethernetFrame(nodeMac: string, isOutbound: boolean, packet: Uint8Array): Uint8Array {
  const [src, dst] = isOutbound ? [nodeMac, HOST_MAC] : [HOST_MAC, nodeMac];
  const frame = new Uint8Array(ETHERNET_BYTES + packet.length);
  frame.set(macBytes(dst), 0);
  frame.set(macBytes(src), 6);
  const etherType = (packet[0] ?? 0) >> 4 === 6 ? ETHERTYPE_IP6 : ETHERTYPE_IP4;
  frame.set([etherType >> 8, etherType & 0xff], ETHERNET_BYTES - 2);
  frame.set(packet, ETHERNET_BYTES);
  return frame;
}

function macBytes(mac: string): number[] {
  return mac.split(":").map((digits) => Number.parseInt(digits, 16));
}

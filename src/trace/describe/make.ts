/** A described packet as bytes, with the way on which it comes in. */

import { addressOf, familyOf } from "../../network/address.ts";
import { parsePrefix, prefixContains } from "../../network/prefix.ts";
import type { NodeNetwork, Route } from "../../network/types.ts";
import { packetOf } from "../packet.ts";
import type { MadePacket } from "../tracer.ts";
import { senderOf } from "./sender.ts";
import { targetOf } from "./target.ts";
import {
  type DescribedPacket,
  type Resolved,
  type Sender,
  type Surroundings,
  type Target,
  unresolved,
} from "./types.ts";

export interface MadeFromWords {
  readonly sender: Sender;
  readonly target: Target;
  readonly packet: MadePacket;
}

/** Packets have a time; described ones all have the same, so that the same words give the same bytes. */
const TIME = 1_000_000_000n;
const FIRST_SEQUENCE = 1;

export function makeDescribed(described: DescribedPacket, around: Surroundings): Resolved<MadeFromWords> {
  const sender = senderOf(described.from, around);
  if ("explanation" in sender) return sender;
  const target = targetOf(described, sender.value, around);
  if ("explanation" in target) return target;
  const { address, port, protocol } = target.value;
  const src = sourceFor(address, sender.value, around);
  if (src === undefined) {
    return unresolved("no-source-address", `node ${around.node.name} has no ${familyOf(address)} address to send from`);
  }
  const packet = packetOf({
    src,
    dst: address,
    protocol,
    sport: sender.value.port,
    dport: port,
    flags: described.flags,
    sequence: FIRST_SEQUENCE,
  });
  const { fromHost } = sender.value;
  return { value: { sender: sender.value, target: target.value, packet: { packet, time: TIME, fromHost } } };
}

/** The sender's address of the family; the node's is the one that its route prefers (ip_route_output_key). */
function sourceFor(dst: string, { addresses }: Sender, { network, node }: Surroundings): string | undefined {
  const isFit = (address: string) => familyOf(address) === familyOf(dst);
  if (addresses.length > 0) return addresses.find(isFit);
  const route = routeTo(network, dst);
  if (route?.type === "local") return dst;
  const device = network.interfaces.find(({ name }) => name === route?.interface);
  const own = device?.addresses.filter(({ scope }) => scope === "global").map(({ address }) => address);
  return [route?.source, ...(own ?? []), ...node.addresses].filter((one) => one !== undefined).find(isFit);
}

/** The route with the longest prefix; of those the one with the lowest metric. */
function routeTo({ routes }: NodeNetwork, dst: string): Route | undefined {
  const address = addressOf(dst);
  const lengthOf = (route: Route) => parsePrefix(route.destination)?.length ?? 0;
  return routes
    .filter(({ destination }) => {
      const prefix = parsePrefix(destination);
      return prefix !== undefined && prefixContains(prefix, address);
    })
    .sort((a, b) => lengthOf(b) - lengthOf(a) || a.metric - b.metric)[0];
}

/** Why a packet came out as it did: which endpoint it reached, or what kept it from one. */

import { familyOf } from "../../network/address.ts";
import type { PacketHeader } from "../../replay/header.ts";
import type { MadeFromWords } from "../describe/make.ts";
import type { Explanation, PacketWalk, Walk } from "../types.ts";
import { meaningOf } from "./destination.ts";
import { endpointDetails, obstacleOf } from "./endpoints.ts";
import { invalidExplanation, reasonExplanation } from "./reasons.ts";
import { type Destination, explanation, type Known, portTitle } from "./types.ts";

export function explainWalk(known: Known, walk: Walk): readonly Explanation[] {
  const [packet] = walk.packets;
  if (packet === undefined) return [];
  const { header } = packet;
  const services = header === undefined ? [] : aboutService(known, packet, header);
  return [invalidExplanation(packet), ...services, reasonExplanation(packet)].filter((one) => one !== undefined);
}

/** A described packet may also begin where it never would. */
export function explainDescribed(known: Known, walk: Walk, { sender: { pod } }: MadeFromWords): readonly Explanation[] {
  const explanations = explainWalk(known, walk);
  if (pod?.node === undefined || pod.node === known.node.name) return explanations;
  const message = `pod ${pod.namespace}/${pod.name} is on node ${pod.node}, and this is what ${known.node.name} does: its packets meet ${pod.node}'s rules first`;
  return [explanation("wrong-node", message, [`see what happens there with --node ${pod.node}`]), ...explanations];
}

/** Packets of connections that are known have been through all this with their first one. */
function aboutService(known: Known, packet: PacketWalk, header: PacketHeader): readonly (Explanation | undefined)[] {
  const track = packet.events.find((event) => event.kind === "track");
  if (track?.kind === "track" && track.direction === "reply") return [];
  const destination: Destination = {
    address: header.dst,
    port: header.dport ?? 0,
    protocol: header.proto,
    family: familyOf(header.dst),
  };
  const meaning = meaningOf(known, destination);
  if (meaning === undefined) return [podExplanation(known, destination)];
  if ("explanation" in meaning) return [meaning.explanation];
  const { meant } = meaning;
  const endpoint = endpointOf(packet);
  if (endpoint !== undefined) {
    const details = endpointDetails(known, meant).filter((detail) => detail.startsWith(`${endpoint.host} `));
    const message = `${portTitle(meant)}, by its ${meant.way}: endpoint ${endpoint.text}`;
    return [explanation("endpoint", message, details)];
  }
  return [obstacleOf(known, meant, destination, header.src)];
}

/** Where the packet's connection leads, if that is not where the packet was sent to. */
function endpointOf({ events }: PacketWalk): { readonly host: string; readonly text: string } | undefined {
  const bound = events.findLast((event) => event.kind === "bind" && event.end === "destination");
  if (bound?.kind === "bind") return { host: hostOf(bound.to), text: bound.to };
  const track = events.find((event) => event.kind === "track");
  if (track?.kind !== "track" || track.connection === undefined) return undefined;
  const { original, reply } = track.connection;
  if (original.dst === reply.src && original.dport === reply.sport) return undefined;
  const text = reply.src.includes(":") ? `[${reply.src}]:${reply.sport}` : `${reply.src}:${reply.sport}`;
  return { host: reply.src, text };
}

function hostOf(end: string): string {
  return end.startsWith("[") ? end.slice(1, end.indexOf("]")) : (end.split(":")[0] ?? end);
}

function podExplanation({ cluster }: Known, { address }: Destination): Explanation | undefined {
  const pod = cluster.pods.find(({ addresses, hostNetwork }) => !hostNetwork && addresses.includes(address));
  if (pod === undefined) return undefined;
  const where = pod.node === undefined ? "" : ` on node ${pod.node}`;
  return explanation("pod", `${address} is pod ${pod.namespace}/${pod.name}${where}: no Service is asked`);
}

/** A deck of packets for rules to tell apart: protocols, fields, options, both directions, both families. */

import { concat, uint16, uint32, zeros } from "../support/bytes.ts";
import type { Extension, Header, Payload } from "../support/packet.ts";
import { icmp4, icmp6, raw, sctp, tcp, udp } from "../support/transport.ts";
import { type Conversation, type Ends, playTcp, segments } from "./conversation.ts";
import { FAMILIES, type Family } from "./services.ts";
import { CLIENT, type Host, POD, POD_NARROW } from "./world.ts";

const HOP_BY_HOP = 0;
const ROUTING = 43;
const FRAGMENT = 44;
const DESTINATION = 60;
const UDPLITE = 136;

/** Maximum segment 1460, SACK permitted, timestamps, a NOP, window scale 7. */
const SYN_OPTIONS = concat([2, 4], uint16(1460), [4, 2], [8, 10], uint32(5), uint32(0), [1, 3, 3, 7]);
/** Two NOPs and a SACK block; a maximum segment that is cut off by the header's end. */
const SACK_OPTIONS = concat([1, 1, 5, 10], uint32(3), uint32(9));
const CUT_OPTIONS = Uint8Array.of(1, 1, 2, 4);

/** Everything once, from the client to the pod, and a few from the pod. */
export function playDeck(talk: Conversation): void {
  playPlain(talk);
  options4(talk);
  extensions6(talk);
}

/** Without options of IP and extension headers. */
export function playPlain(talk: Conversation): void {
  for (const family of FAMILIES) {
    connections(talk, family);
    segmentsAlone(talk, family);
    datagrams(talk, family);
    messages(talk, family);
  }
}

function connections(talk: Conversation, family: Family): void {
  const ends = between(CLIENT, POD, family, 40000, 80);
  const script = [...segments("> S", "< SA", "> A", "> PA 100", "< PA 600", "> FA", "< FA", "> A")];
  playTcp(talk, { client: CLIENT, server: POD }, ends, script);
  playTcp(talk, { client: POD, server: CLIENT }, between(POD, CLIENT, family, 5, 443), segments("> S", "< RA"));
}

function segmentsAlone(talk: Conversation, family: Family): void {
  const all = [
    { flags: "S", options: SYN_OPTIONS, header: tos(0x20) },
    { flags: "S", options: SACK_OPTIONS, header: { ttl: 3, hopLimit: 3 } },
    { flags: "S", options: CUT_OPTIONS, header: { id: 5, flowLabel: 7 } },
    { flags: "SEW", header: tos(0xb9) },
    { flags: "SA" },
    { flags: "FPU", header: tos(0x03) },
    { flags: "" },
    { flags: "R" },
  ];
  all.forEach(({ header = {}, ...fields }, index) => {
    const ends = between(CLIENT, POD, family, 41000 + index, index % 2 === 0 ? 8080 : 22);
    talk.say(CLIENT, ends, tcp({ src: ends.srcPort, dst: ends.dstPort, seq: 5 + index, window: 5, ...fields }), header);
  });
}

function datagrams(talk: Conversation, family: Family): void {
  const send = (host: Host, ends: Ends, payload: Payload, header: Header = {}) => talk.say(host, ends, payload, header);
  for (const bytes of [0, 1, 60, 400]) {
    const ends = between(CLIENT, POD, family, 5353, bytes === 60 ? 53 : 5);
    send(CLIENT, ends, udp({ src: 5353, dst: ends.dstPort }, zeros(bytes)), tos(bytes === 400 ? 0x88 : 0));
  }
  send(CLIENT, between(CLIENT, POD, family, 5, 5), udp({ src: 5, dst: 5, checksum: family !== "ip4" }));
  send(POD, between(POD, CLIENT, family, 5, 5353), udp({ src: 5, dst: 5353 }, zeros(9)));
  send(POD_NARROW, between(POD_NARROW, POD, family, 1024, 65535), udp({ src: 1024, dst: 65535 }, zeros(20)));
  const init = { type: 1, value: concat(uint32(77), uint32(1000), uint16(5), uint16(5), uint32(1)) };
  send(CLIENT, between(CLIENT, POD, family, 9, 9), sctp({ src: 9, dst: 9, tag: 0 }, init));
  send(CLIENT, between(CLIENT, POD, family, 0, 0), raw(47, concat([0, 0, 8, 0], zeros(20))));
  send(CLIENT, between(CLIENT, POD, family, 0, 0), raw(50, concat(uint32(5), uint32(6), zeros(16))));
  send(CLIENT, between(CLIENT, POD, family, 0, 0), raw(UDPLITE, concat(uint16(5), uint16(5), uint16(8), [0, 0])));
}

function messages(talk: Conversation, family: Family): void {
  const ends = between(CLIENT, POD, family, 0, 0);
  const kinds = family === "ip4" ? [8, 0, 13, 3, 11] : [128, 129, 1, 4, 2];
  for (const type of kinds) {
    const message = family === "ip4" ? icmp4 : icmp6;
    talk.say(CLIENT, ends, message(type, type === 3 ? 3 : 0, 0x00050005, zeros(60)));
  }
}

function options4(talk: Conversation): void {
  const ends = between(CLIENT, POD, "ip4", 7, 7);
  for (const options of [
    [1, 1, 1, 1],
    [148, 4, 0, 0],
    [7, 7, 4, 0, 0, 0, 0, 1],
  ]) {
    talk.say(CLIENT, ends, udp({ src: 7, dst: 7 }, zeros(4)), { options: Uint8Array.from(options) });
  }
}

function extensions6(talk: Conversation): void {
  const ends = between(CLIENT, POD, "ip6", 7, 7);
  const padding = [1, 4, 0, 0, 0, 0];
  const fragment: Extension = { protocol: FRAGMENT, bytes: concat([0, 0], uint16(0), uint32(5)) };
  const all: readonly Extension[][] = [
    [{ protocol: HOP_BY_HOP, bytes: concat([0, 0], padding) }],
    [{ protocol: DESTINATION, bytes: concat([0, 0], padding) }],
    [{ protocol: ROUTING, bytes: concat([0, 2, 0, 3], zeros(20)) }],
    [{ protocol: HOP_BY_HOP, bytes: concat([0, 0], padding) }, fragment],
  ];
  for (const extensions of all) {
    talk.say(CLIENT, ends, udp({ src: 7, dst: 7 }, zeros(4)), { extensions });
    talk.say(CLIENT, ends, tcp({ src: 7, dst: 7, flags: "S" }), { extensions });
  }
}

function tos(value: number): Header {
  return { tos: value, trafficClass: value };
}

function between(from: Host, to: Host, family: Family, srcPort: number, dstPort: number): Ends {
  return { src: from[family], dst: to[family], srcPort, dstPort };
}

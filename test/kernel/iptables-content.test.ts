/** What iptables finds in packets wherever it stands, in the kernel and in the engine. */

import { text } from "../support/bytes.ts";
import { tcp, udp } from "../support/transport.ts";
import type { Conversation } from "./conversation.ts";
import { agreeOnIptables, type IptablesCase } from "./iptables-rules.ts";
import { cases, FAMILIES, inFilter } from "./iptables-variety.ts";
import type { Family } from "./services.ts";
import { CLIENT, POD } from "./world.ts";

const PAYLOADS: readonly Uint8Array[] = [
  text("GET /index.html HTTP/1.1"),
  text("get /INDEX.html http/1.1"),
  text("say GET / and GET"),
  text("GE"),
  text("GGET"),
  Uint8Array.of(0xc4, 0xdf, 0xf7, 0xe4, 0xff, 0x0a, 0x0b),
  Uint8Array.of(0xe4, 0xbf, 0xd7, 0xc4, 0xdf, 0x0a, 0x0b),
  Uint8Array.from({ length: 128 }, (_, index) => index),
  new Uint8Array(0),
];

function words(talk: Conversation, family: Family): void {
  const ends = { src: CLIENT[family], dst: POD[family], srcPort: 40000, dstPort: 80 };
  for (const payload of PAYLOADS) {
    talk.say(CLIENT, ends, udp({ src: ends.srcPort, dst: ends.dstPort }, payload));
    talk.say(CLIENT, ends, tcp({ src: ends.srcPort, dst: ends.dstPort, flags: "PA" }, payload));
  }
}

const ALPHABET = Array.from({ length: 126 }, (_, index) => index.toString(16).padStart(2, "0")).join("");
/** Offsets count from the IP header: IPv4 has 20 bytes and IPv6 40, UDP 8 and TCP 20. */
const STRINGS = [
  '--string "GET /" --algo bm',
  '--string "GET /" --algo kmp',
  '! --string "GET /" --algo bm',
  '--string "GET /" --algo bm --icase',
  '--string "get" --algo kmp --icase',
  '--string "GET" --algo bm --from 28',
  '--string "GET" --algo bm --from 29',
  '--string "GET" --algo bm --from 20 --to 31',
  '--string "GET" --algo bm --from 20 --to 30',
  '--string "GET" --algo kmp --from 49 --to 51',
  '--string "GET" --algo bm --from 60 --to 63',
  '! --string "GET" --algo bm --from 9000',
  '--hex-string "|e4ff0a|" --algo bm',
  '--hex-string "|e4dff7c4|" --algo bm --icase',
  '--hex-string "|e4dfd7c4|" --algo kmp --icase',
  `--hex-string "|${ALPHABET}|" --algo bm`,
].map((one) => `-m string ${one}`);

const U32_IP4 = [
  "0x6&0xff=0x11",
  "0x6&0xff=0x6&&0x4&0x1fff=0x0&&0x0>>0x16&0x3c@0xc>>0x1a&0x3c@0x0=0x47455420",
  "0x0>>0x16&0x3c@0x0>>0x10=0x9c40:0x9c50,0x1",
  "0x0>>0x16&0x3c@0x0&0xffff=0x50,0x1bb",
  "0x0>>0x1c<<0x1e=0x0",
];
const U32_IP6 = ["0x4>>0x8&0xff=0x11", "0x28>>0x10=0x9c40", "0x30=0x47455420", "0x0>>0x1c@0x0>>0x1f=0x0:0x1"];
const U32_BOTH = ["0x0&0x0@0xffffffff=0x0", "0x0@0x0=0x0", "0x64=0x0:0xffffffff", "0x3c=0x0:0xffffffff&&0x50=0x0"];

function u32(tests: readonly string[]): readonly string[] {
  return tests.flatMap((one) => [`-m u32 --u32 "${one}"`, `-m u32 ! --u32 "${one}"`]);
}

function spoken(one: IptablesCase): IptablesCase {
  return { ...one, play: (talk) => words(talk, one.family) };
}

agreeOnIptables("iptables: bytes wherever they stand", [
  ...cases(STRINGS, FAMILIES, inFilter).map(spoken),
  ...cases(u32([...U32_IP4, ...U32_BOTH]), ["ip4"], inFilter).map(spoken),
  ...cases(u32([...U32_IP6, ...U32_BOTH]), ["ip6"], inFilter).map(spoken),
]);

/**
 * What conntrack knows after each packet, and for how long: all protocols and TCP's and SCTP's states, with the kernel's
 * timeouts and with others, and with each of the switches that change what is invalid.
 */

import { afterAll, beforeAll, expect, it } from "vitest";
import { concat, uint16, uint32, zeros } from "../support/bytes.ts";
import { describeKernel } from "../support/kernel.ts";
import { ip, type Payload } from "../support/packet.ts";
import { icmp4, icmp6, raw, sctp, tcp, udp } from "../support/transport.ts";
import { type Conversation, playTcp, type Segment, segments } from "./conversation.ts";
import { droppingInvalid } from "./rules.ts";
import { FAMILIES, type Family } from "./services.ts";
import { Twins } from "./twins.ts";
import { CLIENT, POD } from "./world.ts";

interface Story {
  readonly name: string;
  readonly play: (talk: Conversation, family: Family) => void;
  readonly only?: Family;
}

const client = (flags: string, more: Partial<Segment> = {}): Segment => ({ from: "client", flags, ...more });
const server = (flags: string, more: Partial<Segment> = {}): Segment => ({ from: "server", flags, ...more });
const HANDSHAKE = segments("> S", "< SA", "> A");

function forth(talk: Conversation, family: Family, payload: Payload): void {
  talk.send(CLIENT, ip({ src: CLIENT[family], dst: POD[family] }, payload));
}

function back(talk: Conversation, family: Family, payload: Payload): void {
  talk.send(POD, ip({ src: POD[family], dst: CLIENT[family] }, payload));
}

function tcpStory(name: string, script: readonly Segment[]): Story {
  return {
    name,
    play: (talk, family) => {
      const ends = { src: CLIENT[family], dst: POD[family], srcPort: 40000, dstPort: 8080 };
      playTcp(talk, { client: CLIENT, server: POD }, ends, script);
    },
  };
}

/** Both directions of one payload that looks the same in both, twice. */
function exchange(name: string, payload: Payload, answer = payload): Story {
  return {
    name,
    play: (talk, family) => {
      for (let times = 0; times < 2; times++) {
        forth(talk, family, payload);
        back(talk, family, answer);
      }
    },
  };
}

const GRE = 47;
const GRE_KEYED = raw(GRE, concat([0x20, 0, 0x08, 0], uint32(77), zeros(20)));
const pptp = (callId: number) =>
  raw(GRE, concat([0x30, 0x01, 0x88, 0x0b], uint16(8), uint16(callId), uint32(1), zeros(8)));
const INIT = { type: 1, value: concat(uint32(0x1111), uint32(1500), uint16(1), uint16(1), uint32(1)) };
const INIT_ACK = { type: 2, value: concat(uint32(0x2222), uint32(1500), uint16(1), uint16(1), uint32(1)) };

const sctpStory: Story = {
  name: "SCTP from INIT to SHUTDOWN COMPLETE",
  play: (talk, family) => {
    const up = (tag: number, chunk: { type: number; value?: Uint8Array }) =>
      forth(talk, family, sctp({ src: 5000, dst: 5001, tag }, chunk));
    const down = (tag: number, chunk: { type: number; value?: Uint8Array }) =>
      back(talk, family, sctp({ src: 5001, dst: 5000, tag }, chunk));
    up(0, INIT);
    down(0x1111, INIT_ACK);
    up(0x2222, { type: 10, value: zeros(8) });
    down(0x1111, { type: 11 });
    up(0x2222, { type: 0, value: zeros(16) });
    up(0x2222, { type: 7, value: uint32(1) });
    down(0x1111, { type: 8 });
    up(0x2222, { type: 14 });
  },
};

const STORIES: readonly Story[] = [
  exchange("UDP", udp({ src: 5000, dst: 53 }, zeros(8)), udp({ src: 53, dst: 5000 }, zeros(8))),
  exchange("GRE with a key is told by its addresses alone", GRE_KEYED),
  {
    name: "GRE of PPTP is told by its call identifiers",
    play: (talk, family) => {
      for (const id of [1, 2, 1]) forth(talk, family, pptp(id));
      for (const id of [1, 3]) back(talk, family, pptp(id));
    },
  },
  exchange("a protocol that is not known has a timeout, and is never ASSURED", raw(89, zeros(24))),
  {
    name: "echo requests, each identifier apart",
    play: (talk, family) => {
      const echo = (type4: number, type6: number, id: number) =>
        family === "ip4" ? icmp4(type4, 0, id << 16, zeros(8)) : icmp6(type6, 0, id << 16, zeros(8));
      for (const id of [1, 2]) forth(talk, family, echo(8, 128, id));
      for (const id of [1, 3]) back(talk, family, echo(0, 129, id));
    },
  },
  sctpStory,
  tcpStory("TCP from SYN to TIME_WAIT", [...HANDSHAKE, ...segments("> PA 100", "< A", "< FA", "> A", "> FA", "< A")]),
  tcpStory("both sides close at once", [...HANDSHAKE, ...segments("> FA", "< FA", "> A", "< A")]),
  tcpStory("a reset, and a SYN after it", [...HANDSHAKE, ...segments("> PA 10", "< RA", "> S", "< SA")]),
  tcpStory("a SYN is refused, and comes again", segments("> S", "< RA", "> S")),
  tcpStory("both sides open at once", segments("> S", "< S", "> SA", "< SA")),
  tcpStory("picked up in mid-stream", segments("> PA 10", "< A", "> A")),
  tcpStory("a segment that comes again and again", [
    ...HANDSHAKE,
    ...segments("> PA 10", "< A"),
    ...Array.from({ length: 4 }, () => server("A")),
  ]),
  tcpStory("a window of nothing", [...HANDSHAKE, ...segments("> PA 10"), server("A", { window: 0 }), client("A")]),
  tcpStory("far out of window", [...HANDSHAKE, client("PA", { data: 10, seqOff: 10_000_000 }), ...segments("> A")]),
  tcpStory("a RST far out of window", [
    ...HANDSHAKE,
    ...segments("> PA 10", "< A"),
    server("R", { seqOff: -5_000_000 }),
  ]),
  {
    name: "a wrong checksum",
    play: (talk, family) => {
      talk.send(CLIENT, ip({ src: CLIENT[family], dst: POD[family], damage: 1 }, tcp({ src: 1, dst: 2, flags: "S" })));
    },
  },
];

/** Names without `net.netfilter.nf_conntrack_`. */
const SETTINGS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  "with the kernel's settings": {},
  "with other timeouts": {
    ...Object.fromEntries(
      ["syn_sent", "syn_recv", "established", "fin_wait", "close_wait", "last_ack", "time_wait", "close"].map(
        (state, index) => [`tcp_timeout_${state}`, 1000 + 10 * index],
      ),
    ),
    tcp_timeout_max_retrans: 400,
    tcp_timeout_unacknowledged: 500,
    tcp_max_retrans: 1,
    udp_timeout: 71,
    udp_timeout_stream: 72,
    icmp_timeout: 73,
    icmpv6_timeout: 74,
    generic_timeout: 75,
    gre_timeout: 76,
    gre_timeout_stream: 77,
    ...Object.fromEntries(
      [
        "closed",
        "cookie_wait",
        "cookie_echoed",
        "established",
        "shutdown_sent",
        "shutdown_recd",
        "shutdown_ack_sent",
      ].map((state, index) => [`sctp_timeout_${state}`, 2000 + 10 * index]),
    ),
    sctp_timeout_heartbeat_sent: 2100,
  },
  "with liberal windows": { tcp_be_liberal: 1 },
  "without picking up": { tcp_loose: 0 },
  "believing resets": { tcp_ignore_invalid_rst: 1 },
  "without looking at checksums": { checksum: 0 },
};

for (const [name, settings] of Object.entries(SETTINGS)) {
  describeKernel(`connections ${name}`, () => {
    const entries = Object.entries(settings).map(([key, value]) => [`net.netfilter.nf_conntrack_${key}`, value]);
    let twins: Twins;
    beforeAll(() => {
      twins = new Twins({ ruleset: droppingInvalid(), sysctls: Object.fromEntries(entries) });
    });
    afterAll(() => twins?.close());

    // The switches do not know families.
    const families = name.includes("timeouts") || name.includes("kernel") ? FAMILIES : (["ip4"] as const);
    for (const { name: story, play } of STORIES) {
      it.each(families)(`${story} (%s)`, async (family) => {
        await twins.forget();
        play(twins.talk, family);
        expect(twins.talk.turns.length).toBeGreaterThan(0);
      });
    }
  });
}

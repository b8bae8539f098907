/** TCP through kube-proxy's rules: handshakes, data, ends, strange flags and numbers. */

import { concat } from "../support/bytes.ts";
import { ip } from "../support/packet.ts";
import { tcp } from "../support/transport.ts";
import { agree, type Scenario } from "./agreement.ts";
import { type Conversation, type Ends, playTcp, type Segment, segments } from "./conversation.ts";
import { kubeProxy } from "./rules.ts";
import { EMPTY, type Family, NARROW, TWINS, UNALLOCATED, WEB } from "./services.ts";
import { CLIENT, type Host, NODE, POD, POD_BESIDE, POD_NARROW } from "./world.ts";

const HANDSHAKE = segments("> S", "< SA", "> A");
const MSS_SCALE_SACK = Uint8Array.of(2, 4, 5, 0xb4, 4, 2, 1, 3, 3, 7, 1, 1);

function ends(client: Host, target: { ip4: string; ip6: string }, family: Family, dstPort: number): Ends {
  return { src: client[family], dst: target[family], srcPort: 40000, dstPort };
}

/** A pod talks to the Service `web`. */
function podToWeb(talk: Conversation, family: Family, script: readonly Segment[]): void {
  playTcp(talk, { client: POD_NARROW, server: POD }, ends(POD_NARROW, WEB, family, WEB.port), script);
}

/** The script as a scenario of a pod that talks to `web`. */
function web(name: string, script: readonly Segment[]): Scenario {
  return { name, play: (talk, family) => podToWeb(talk, family, script) };
}

const client = (flags: string, more: Partial<Segment> = {}): Segment => ({ from: "client", flags, ...more });
const server = (flags: string, more: Partial<Segment> = {}): Segment => ({ from: "server", flags, ...more });

const CLOSED_PORT = 7;

/** The sequence number of a SYN to a closed port whose reset has a checksum of zero. */
function sequenceAnsweredByZero(from: string, to: string): number {
  const words = Array.from({ length: 1 << 16 }, (_, seq) => seq);
  const found = words.find((seq) => {
    const fields = { src: CLOSED_PORT, dst: 40000, flags: "RA", seq: 0, ack: seq + 1, window: 0 };
    return [0, 0xffff].includes(checksumOf(ip({ src: to, dst: from }, tcp(fields))));
  });
  if (found === undefined) throw new Error("no sequence number leads to a checksum of zero");
  return found;
}

/** The last two words of a segment without options and data are its checksum and the urgent pointer. */
function checksumOf(packet: Uint8Array): number {
  return Buffer.from(packet).readUInt16BE(packet.length - 4);
}

const FIRST_FLAGS = [
  "S",
  "A",
  "PA",
  "F",
  "FA",
  "R",
  "RA",
  "SA",
  "SF",
  "SFA",
  "SR",
  "",
  "U",
  "P",
  "PU",
  "FPU",
  "SEW",
  "SFRPAUEW",
];

agree("TCP", { ruleset: kubeProxy() }, [
  {
    name: "a reset from a closed port whose checksum comes to zero",
    play: (talk, family) => {
      const [src, dst] = [CLIENT[family], NODE[family]];
      const seq = sequenceAnsweredByZero(src, dst);
      talk.send(CLIENT, ip({ src, dst }, tcp({ src: 40000, dst: CLOSED_PORT, flags: "S", seq })));
    },
  },
  web("a pod talks to a ClusterIP and both sides close", [
    ...HANDSHAKE,
    ...segments("> PA 100", "< A", "< PA 1000", "> A", "> FA", "< A", "< FA", "> A", "> A", "< A"),
  ]),
  web("a server closes first, and data still flows", [
    ...HANDSHAKE,
    ...segments("< FA", "> A", "> PA 50", "< A", "> FA", "< A"),
  ]),
  web("both sides close at once", [...HANDSHAKE, ...segments("> FA", "< FA", "> A", "< A")]),
  web("a handshake with options scales windows", [
    client("S", { options: MSS_SCALE_SACK, window: 65535 }),
    server("SA", { options: MSS_SCALE_SACK, window: 65535 }),
    client("A", { window: 512 }),
    ...segments("< PA 1300", "< PA 1300", "> A"),
    server("PA", { data: 1300, seqOff: 60000 }),
    server("PA", { data: 1300, seqOff: 70000 }),
  ]),
  web("a reset ends a connection; what comes later is invalid", [
    ...HANDSHAKE,
    ...segments("> R", "< PA 10", "> A", "> S", "< SA"),
  ]),
  web("a refused connection", segments("> S", "< RA", "> S", "< RA")),
  web("a reset with the expected number", [...HANDSHAKE, ...segments("> PA 10", "< A", "< RA", "> A")]),
  web("a reset far out of window is invalid", [
    ...HANDSHAKE,
    server("RA", { seqOff: 10_000_000 }),
    ...segments("> PA 10", "< A"),
  ]),
  web("a reset slightly beside the expected number", [
    ...HANDSHAKE,
    server("R", { seqOff: 7 }),
    ...segments("> A", "< A"),
  ]),
  web("data out of window is invalid", [
    ...HANDSHAKE,
    client("PA", { seqOff: 1_000_000, data: 10 }),
    server("A", { ackOff: 1_000_000 }),
    ...segments("> PA 10", "< A"),
  ]),
  web("an ACK of what was never sent", [
    ...HANDSHAKE,
    server("A", { ackOff: 200_000 }),
    client("A", { ackOff: 200_000 }),
  ]),
  web("retransmissions of everything", [
    ...segments("> S"),
    client("S", { seqOff: -1 }),
    ...segments("< SA"),
    server("SA", { seqOff: -1 }),
    ...segments("> A", "> PA 10"),
    client("PA", { seqOff: -10, data: 10 }),
    ...segments("< A", "< A"),
  ]),
  web("a SYN inside a connection, a challenge ACK, a reset", [
    ...HANDSHAKE,
    client("S", { seqOff: 5_000_000 }),
    server("A"),
    client("R", { seqOff: 1 }),
    ...segments("> A", "< A"),
  ]),
  web("the port is used again after both sides closed", [
    ...HANDSHAKE,
    ...segments("> FA", "< FA", "> A", "> S", "< SA", "> A", "> PA 10", "< A"),
  ]),
  web("a new SYN with another number replaces an unanswered one", [
    client("S"),
    client("S", { seqOff: 1000 }),
    server("SA"),
    server("SA", { seqOff: -1, ackOff: 1000 }),
  ]),
  web("two sides open at once", segments("> S", "< S", "> SA", "< SA", "> PA 5", "< A")),
  web(
    "a connection that is picked up in the middle",
    segments("> PA 10", "< A", "< PA 1000", "> A", "> FA", "< FA", "> A"),
  ),
  web("a reply that nobody asked for", segments("< SA", "< A", "> A")),
  web("TTL and ECN pass", [
    client("SEW", { header: { tos: 0x03, trafficClass: 0x03, ttl: 2, hopLimit: 2 } }),
    server("SAE", { header: { tos: 0xb8, trafficClass: 0xb8 } }),
  ]),
  ...FIRST_FLAGS.map((flags) => web(`first segment with flags "${flags}"`, [client(flags), server("A"), client("A")])),
  ...FIRST_FLAGS.map((flags) =>
    web(`flags "${flags}" inside a connection`, [
      ...HANDSHAKE,
      client(flags),
      server(flags),
      ...segments("> PA 5", "< A"),
    ]),
  ),
  {
    name: "a client from outside is masqueraded",
    play: (talk, family) =>
      playTcp(talk, { client: CLIENT, server: POD }, ends(CLIENT, WEB, family, WEB.port), [
        ...HANDSHAKE,
        ...segments("> PA 10", "< PA 20", "> FA", "< FA", "> A"),
      ]),
  },
  {
    name: "a nodePort is masqueraded, too",
    play: (talk, family) =>
      playTcp(talk, { client: CLIENT, server: POD }, ends(CLIENT, NODE, family, WEB.nodePort), [
        ...HANDSHAKE,
        ...segments("> PA 10", "< PA 20", "> R"),
      ]),
  },
  {
    name: "a pod that reaches itself through its Service is masqueraded",
    play: (talk, family) =>
      playTcp(talk, { client: POD, server: POD }, ends(POD, WEB, family, WEB.port), [
        ...HANDSHAKE,
        ...segments("> PA 10", "< PA 20"),
      ]),
  },
  {
    name: "the first endpoint is chosen once per connection",
    play: (talk, family) =>
      playTcp(
        talk,
        { client: POD_NARROW, server: POD },
        ends(POD_NARROW, TWINS, family, TWINS.port),
        segments("> S", "> S", "> S"),
      ),
  },
  {
    name: "a pod reaches a neighbour on its own link",
    play: (talk, family) =>
      playTcp(talk, { client: POD_BESIDE, server: POD }, ends(POD_BESIDE, WEB, family, WEB.port), HANDSHAKE),
  },
  ...["S", "A", "R", "FA", ""].map(
    (flags): Scenario => ({
      name: `flags "${flags}" to a Service without endpoints, a wrong port, an unallocated ClusterIP, a closed nodePort`,
      play: (talk, family) => {
        for (const [target, dstPort] of [
          [EMPTY, EMPTY.port],
          [WEB, 81],
          [UNALLOCATED, 80],
          [NODE, EMPTY.nodePort],
          [NODE, 22],
          [NARROW, NARROW.port],
        ] as const) {
          talk.say(
            CLIENT,
            ends(CLIENT, target, family, dstPort),
            tcp({ src: 40000, dst: dstPort, seq: 7, ack: 9, flags }),
          );
        }
      },
    }),
  ),
  {
    name: "a wrong checksum is invalid, and forwarded as it is",
    play: (talk, family) => {
      const own = ends(POD_NARROW, WEB, family, WEB.port);
      const syn = tcp({ src: own.srcPort, dst: own.dstPort, flags: "S" });
      talk.say(POD_NARROW, own, syn, { damage: 0x1234 });
      talk.say(POD_NARROW, own, syn);
      talk.say(POD_NARROW, own, tcp({ src: own.srcPort, dst: own.dstPort, flags: "A", seq: 1 }), { damage: 1 });
    },
  },
  {
    name: "a header that is cut or too long is invalid",
    play: (talk, family) => {
      const own = ends(POD_NARROW, WEB, family, WEB.port);
      const syn = tcp({ src: own.srcPort, dst: own.dstPort, flags: "S" });
      for (const words of [0, 4, 6, 15]) {
        const bytes = concat(syn.bytes);
        bytes[12] = words << 4;
        talk.say(POD_NARROW, own, { ...syn, bytes });
      }
      for (const bytes of [0, 1, 3, 4, 8, 12, 19])
        talk.say(POD_NARROW, own, { protocol: 6, bytes: syn.bytes.subarray(0, bytes) });
    },
  },
]);

/** UDP through kube-proxy's rules: questions and answers, checksums, fragments, errors that come back. */

import { zeros } from "../support/bytes.ts";
import { evenPieces, fragments, type Piece } from "../support/fragments.ts";
import { ip } from "../support/packet.ts";
import { udp } from "../support/transport.ts";
import { agree, type Scenario } from "./agreement.ts";
import { answerTo, type Conversation, type Ends } from "./conversation.ts";
import { kubeProxy } from "./rules.ts";
import { EMPTY, type Family, NARROW, TWINS, UNALLOCATED, WEB } from "./services.ts";
import { CLIENT, type Host, NODE, POD, POD_NARROW } from "./world.ts";

function ends(client: Host, target: { ip4: string; ip6: string }, family: Family, dstPort: number): Ends {
  return { src: client[family], dst: target[family], srcPort: 5000, dstPort };
}

function datagram(own: Ends, bytes: number, checksum = true) {
  return udp({ src: own.srcPort, dst: own.dstPort, checksum }, zeros(bytes).fill(0x62));
}

/** A client asks a target, the server answers whoever it saw, three times. */
function ask(talk: Conversation, client: Host, server: Host, own: Ends, checksum = true): void {
  for (const bytes of [0, 1, 512]) {
    const sent = talk.say(client, own, datagram(own, bytes, checksum));
    const answer = answerTo(sent.find((one) => one.link === server.link));
    if (answer !== undefined) talk.say(server, answer, datagram(answer, bytes, checksum));
  }
}

/** A datagram to `web` in pieces, in the order given, with an id of its own: what does not get whole stays in the kernel. */
function inPieces(talk: Conversation, family: Family, bytes: number, pieces: readonly Piece[], id: number): void {
  const own = ends(POD_NARROW, WEB, family, WEB.port);
  const whole = ip({ src: own.src, dst: own.dst }, datagram(own, bytes - 8));
  for (const fragment of fragments(whole, pieces, id)) talk.send(POD_NARROW, fragment);
}

const even = evenPieces(1600, 400);
const fragmented: readonly (readonly [name: string, bytes: number, pieces: readonly Piece[]])[] = [
  ["two fragments", 1600, evenPieces(1600, 800)],
  ["four fragments", 1600, even],
  ["four fragments in reverse order", 1600, even.toReversed()],
  ["an exact duplicate among the fragments", 1600, [even[0]!, even[1]!, even[1]!, even[2]!, even[3]!]],
  ["an overlapping fragment", 1600, [even[0]!, { offset: 200, bytes: 400 }, even[1]!, even[2]!, even[3]!]],
  ["a missing fragment", 1600, [even[0]!, even[1]!, even[3]!]],
  ["fragments of eight bytes", 64, evenPieces(64, 8)],
  ["a last fragment of one byte", 801, evenPieces(801, 400)],
  [
    "a fragment whose length is no multiple of eight",
    1600,
    [{ offset: 0, bytes: 404 }, { offset: 400, bytes: 400 }, even[2]!, even[3]!],
  ],
  ["a second fragment alone, then the first", 1600, [even[1]!, even[0]!, even[2]!, even[3]!]],
  ["a fragment after the datagram is complete", 800, [...evenPieces(800, 400), { offset: 400, bytes: 400 }]],
  ["a datagram that is whole, with a fragment header", 64, [{ offset: 0, bytes: 64 }]],
];

agree("UDP", { ruleset: kubeProxy() }, [
  {
    name: "a pod asks a ClusterIP",
    play: (talk, family) => ask(talk, POD_NARROW, POD, ends(POD_NARROW, WEB, family, WEB.port)),
  },
  {
    name: "a client from outside asks a ClusterIP",
    play: (talk, family) => ask(talk, CLIENT, POD, ends(CLIENT, WEB, family, WEB.port)),
  },
  {
    name: "a client from outside asks a nodePort",
    play: (talk, family) => ask(talk, CLIENT, POD, ends(CLIENT, NODE, family, WEB.nodePort)),
  },
  {
    name: "a pod asks itself through its Service",
    play: (talk, family) => ask(talk, POD, POD, ends(POD, WEB, family, WEB.port)),
  },
  {
    name: "one of two endpoints is asked",
    play: (talk, family) => ask(talk, POD_NARROW, POD, ends(POD_NARROW, TWINS, family, TWINS.port)),
  },
  {
    name: "no checksum stays no checksum",
    play: (talk, family) => ask(talk, POD_NARROW, POD, ends(POD_NARROW, WEB, family, WEB.port), false),
  },
  {
    name: "Services without endpoints, wrong ports, unallocated addresses",
    play: (talk, family) => {
      for (const [target, dstPort] of [
        [EMPTY, EMPTY.port],
        [WEB, 81],
        [UNALLOCATED, 80],
        [NODE, EMPTY.nodePort],
        [NODE, 53],
      ] as const) {
        const own = ends(CLIENT, target, family, dstPort);
        talk.say(CLIENT, own, datagram(own, 20), { tos: 0xb8, trafficClass: 0xb8 });
        talk.say(POD, { ...own, src: POD[family] }, datagram(own, 1200));
      }
    },
  },
  {
    name: "a wrong checksum, a wrong length, a cut header",
    play: (talk, family) => {
      const own = ends(POD_NARROW, WEB, family, WEB.port);
      talk.say(POD_NARROW, own, datagram(own, 10), { damage: 0x8000 });
      for (const length of [0, 7, 17, 19, 65535])
        talk.say(POD_NARROW, own, udp({ src: 5000, dst: 80, length }, zeros(10)));
      for (const bytes of [0, 1, 4, 7])
        talk.say(POD_NARROW, own, { protocol: 17, bytes: datagram(own, 0).bytes.subarray(0, bytes) });
    },
  },
  {
    name: "a payload that makes the checksum zero, before and after translation",
    play: (talk, family) => {
      const own = ends(POD_NARROW, WEB, family, WEB.port);
      for (const seen of [own, { ...own, dst: POD[family], dstPort: WEB.targetPort }]) {
        // The checksum of a datagram with zeros as data, put in their place, leaves nothing for the checksum to say.
        const checksumAt = ip(seen, udp({ src: seen.srcPort, dst: seen.dstPort }, zeros(2))).slice(-4, -2);
        talk.say(POD_NARROW, own, udp({ src: own.srcPort, dst: own.dstPort }, checksumAt));
      }
    },
  },
  ...fragmented.map(
    ([name, bytes, pieces], index): Scenario => ({
      name,
      play: (talk, family) => inPieces(talk, family, bytes, pieces, 0x1200 + index),
    }),
  ),
  {
    name: "a datagram that the narrow link does not take",
    play: (talk, family) => {
      for (const dontFragment of [false, true]) {
        for (const bytes of [1351, 1352, 1353, 1371, 1372, 1373, 1440]) {
          const own = ends(POD, NARROW, family, NARROW.port);
          talk.say(POD, own, datagram(own, bytes), { dontFragment, id: bytes });
        }
      }
    },
  },
  {
    name: "fragments of a datagram to a Service without endpoints",
    play: (talk, family) => {
      const own = ends(POD, EMPTY, family, EMPTY.port);
      const whole = ip({ src: own.src, dst: own.dst }, datagram(own, 1592));
      for (const fragment of fragments(whole, even, 77)) talk.send(POD, fragment);
    },
  },
]);

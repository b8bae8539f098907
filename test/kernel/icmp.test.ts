/** ICMP and ICMPv6 through kube-proxy's rules: echoes, errors about translated packets, what the node answers itself. */

import { zeros } from "../support/bytes.ts";
import { decode } from "../support/decode.ts";
import type { Header, Payload } from "../support/packet.ts";
import { icmp4, icmp6, tcp, udp } from "../support/transport.ts";
import { agree, type Scenario } from "./agreement.ts";
import { answerTo, type Conversation, type Ends } from "./conversation.ts";
import { kubeProxy } from "./rules.ts";
import { EMPTY, type Family, NARROW, UNALLOCATED, WEB } from "./services.ts";
import { CLIENT, type Host, NODE, POD, POD_NARROW, ROUTER } from "./world.ts";

type Message = (type: number, code: number, rest: number, data?: Uint8Array) => Payload;
const MESSAGE: Readonly<Record<Family, Message>> = { ip4: icmp4, ip6: icmp6 };
const ECHO = { ip4: { request: 8, reply: 0 }, ip6: { request: 128, reply: 129 } } as const;
const UNREACHABLE = { ip4: 3, ip6: 1 } as const;
const TIME_EXCEEDED = { ip4: 11, ip6: 3 } as const;
const TOO_BIG = { ip4: [3, 4], ip6: [2, 0] } as const;
const PORT_UNREACHABLE = { ip4: 3, ip6: 4 } as const;

function ends(client: Host, target: { ip4: string; ip6: string }, family: Family, dstPort = 80): Ends {
  return { src: client[family], dst: target[family], srcPort: 6000, dstPort };
}

function ping(
  talk: Conversation,
  from: Host,
  to: { ip4: string; ip6: string },
  family: Family,
  header: Header = {},
): void {
  talk.say(from, ends(from, to, family), MESSAGE[family](ECHO[family].request, 0, 0x00070001, zeros(56)), header);
}

/** `who` sends an error about the last frame that came out on `server`'s link, quoting `bytes` of it. */
function complain(
  talk: Conversation,
  who: Host,
  server: Host,
  family: Family,
  [type, code]: readonly number[],
  bytes: number,
  rest = 0,
): void {
  const frame = talk.turns.at(-1)?.sent.find((one) => one.link === server.link)?.frame;
  const answer = answerTo(frame && { link: server.link, frame });
  if (frame === undefined || answer === undefined) return;
  const quote = decode(frame)!.packet.subarray(0, bytes);
  talk.say(who, { ...answer, src: who[family] }, MESSAGE[family](type!, code!, rest, quote));
}

/** Errors about a packet that went to `web`: after each a fresh packet, so that there is something to quote. */
function errors(name: string, client: Host, who: Host, payload: (own: Ends) => Payload): Scenario {
  return {
    name,
    play: (talk, family) => {
      const own = ends(client, WEB, family);
      const kinds = [
        [UNREACHABLE[family], PORT_UNREACHABLE[family]],
        [UNREACHABLE[family], 99],
        [TIME_EXCEEDED[family], 0],
        TOO_BIG[family],
      ];
      for (const kind of kinds) {
        for (const bytes of [4, 20, 24, 27, 28, 40, 44, 48, 60, 2000]) {
          talk.say(client, own, payload(own));
          complain(talk, who, POD, family, kind, bytes, 1300);
        }
      }
    },
  };
}

const datagram = (own: Ends) => udp({ src: own.srcPort, dst: own.dstPort }, zeros(30));
const syn = (own: Ends) => tcp({ src: own.srcPort, dst: own.dstPort, flags: "S" });

agree("ICMP", { ruleset: kubeProxy() }, [
  {
    name: "a ping through the node and its reply",
    play: (talk, family) => {
      ping(talk, POD_NARROW, POD, family);
      talk.say(POD, ends(POD, POD_NARROW, family), MESSAGE[family](ECHO[family].reply, 0, 0x00070001, zeros(56)));
      ping(talk, CLIENT, POD, family);
      talk.say(POD, ends(POD, CLIENT, family), MESSAGE[family](ECHO[family].reply, 0, 0x00070001, zeros(56)));
    },
  },
  {
    name: "a pod's ping to the outside",
    play: (talk, family) => {
      ping(talk, POD, CLIENT, family);
      talk.say(CLIENT, ends(CLIENT, POD, family), MESSAGE[family](ECHO[family].reply, 0, 0x00070001, zeros(56)));
    },
  },
  {
    name: "pings to a ClusterIP, an unallocated one, and the node",
    play: (talk, family) => {
      for (const target of [WEB, EMPTY, UNALLOCATED, NODE])
        ping(talk, CLIENT, target, family, { tos: 0x04, trafficClass: 0x04 });
      ping(talk, POD, NODE, family, { ttl: 1, hopLimit: 1 });
    },
  },
  {
    name: "replies and errors that nobody caused",
    play: (talk, family) => {
      for (const type of [0, 3, 4, 5, 9, 10, 11, 12, 13, 14, 15, 17, 30, 42, 127, 129, 130, 200, 255]) {
        talk.say(CLIENT, ends(CLIENT, POD, family), MESSAGE[family](type, 0, 0x00070001, zeros(48)));
      }
    },
  },
  {
    name: "a wrong checksum, codes, cut messages",
    play: (talk, family) => {
      const own = ends(CLIENT, POD, family);
      const request = MESSAGE[family](ECHO[family].request, 0, 0x00070001, zeros(10));
      talk.say(CLIENT, own, request, { damage: 0x0100 });
      talk.say(CLIENT, own, MESSAGE[family](ECHO[family].request, 7, 0x00070002));
      talk.say(CLIENT, ends(CLIENT, NODE, family), MESSAGE[family](ECHO[family].request, 7, 0x00070002));
      for (const bytes of [0, 1, 4, 7])
        talk.say(CLIENT, own, { protocol: request.protocol, bytes: request.bytes.subarray(0, bytes) });
    },
  },
  errors("an endpoint's errors about UDP reach a pod", POD_NARROW, POD, datagram),
  errors("an endpoint's errors about TCP reach a pod", POD_NARROW, POD, syn),
  errors("an endpoint's errors reach a client that was masqueraded", CLIENT, POD, datagram),
  {
    name: "a router's errors about an answer reach the endpoint",
    play: (talk, family) => {
      const own = ends(CLIENT, WEB, family);
      const answer = answerTo(talk.say(CLIENT, own, datagram(own)).find((one) => one.link === POD.link));
      if (answer === undefined) return;
      for (const kind of [
        [UNREACHABLE[family], PORT_UNREACHABLE[family]],
        [TIME_EXCEEDED[family], 0],
        TOO_BIG[family],
      ]) {
        talk.say(POD, answer, datagram(answer));
        complain(talk, ROUTER, CLIENT, family, kind, 2000, 1300);
      }
    },
  },
  {
    name: "a TTL that ends here",
    play: (talk, family) => {
      for (const ttl of [0, 1, 2]) {
        for (const target of [WEB, POD, NODE, EMPTY]) {
          const own = ends(CLIENT, target, family);
          talk.say(CLIENT, own, datagram(own), { ttl, hopLimit: ttl });
          talk.say(CLIENT, own, syn(own), { ttl, hopLimit: ttl });
        }
      }
    },
  },
  {
    name: "long packets are quoted in part",
    play: (talk, family) => {
      for (const bytes of [500, 520, 548, 600, 1200, 1300, 1400]) {
        const own = ends(CLIENT, EMPTY, family);
        talk.say(CLIENT, own, udp({ src: own.srcPort, dst: own.dstPort }, zeros(bytes)));
        talk.say(CLIENT, ends(CLIENT, POD, family), udp({ src: 1, dst: 2 }, zeros(bytes)), { ttl: 1, hopLimit: 1 });
      }
    },
  },
  {
    name: "packets too big for the narrow link",
    play: (talk, family) => {
      const own = ends(CLIENT, NARROW, family);
      talk.say(CLIENT, own, tcp({ src: own.srcPort, dst: own.dstPort, flags: "S" }));
      for (const bytes of [1340, 1360, 1361, 1380, 1440]) {
        talk.say(CLIENT, own, tcp({ src: own.srcPort, dst: own.dstPort, flags: "PA", seq: 1 }, zeros(bytes)), {
          dontFragment: true,
        });
      }
      ping(talk, CLIENT, POD_NARROW, family, { dontFragment: true });
      talk.say(CLIENT, ends(CLIENT, POD_NARROW, family), MESSAGE[family](ECHO[family].request, 0, 9, zeros(1440)), {
        dontFragment: true,
      });
    },
  },
]);

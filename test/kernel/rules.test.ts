/** Rules other than kube-proxy's: port ranges, redirects, ways to refuse, what is done to invalid packets. */

import { zeros } from "../support/bytes.ts";
import type { Payload } from "../support/packet.ts";
import { icmp4, icmp6, tcp, udp } from "../support/transport.ts";
import { agree, type Scenario } from "./agreement.ts";
import { answerTo, type Conversation, type Ends, playTcp, segments } from "./conversation.ts";
import {
  kubeProxyDroppingInvalid,
  redirecting,
  refusing,
  resettingInvalid,
  sourcePorts,
  translating,
} from "./rules.ts";
import { type Family, WEB } from "./services.ts";
import { CLIENT, type Host, NODE, POD, POD_BESIDE, POD_NARROW, ROUTER } from "./world.ts";

function ends(
  client: Host,
  target: { ip4: string; ip6: string },
  family: Family,
  dstPort: number,
  srcPort = 40000,
): Ends {
  return { src: client[family], dst: target[family], srcPort, dstPort };
}

const syn = (own: Ends, flags = "S", more: Partial<Parameters<typeof tcp>[0]> = {}): Payload =>
  tcp({ src: own.srcPort, dst: own.dstPort, flags, ...more });
const datagram = (own: Ends, bytes = 20): Payload => udp({ src: own.srcPort, dst: own.dstPort }, zeros(bytes));

const HANDSHAKE = segments("> S", "< SA", "> A");
const CLOSING = segments("> FA", "< FA", "> A");

/** Clients on different ports, all to one endpoint: more of them than there are source ports. */
function crowd(talk: Conversation, family: Family, srcPorts: readonly number[], payload: (own: Ends) => Payload): void {
  for (const srcPort of srcPorts) {
    const own = ends(CLIENT, NODE, family, 7000, srcPort);
    const answer = answerTo(talk.say(CLIENT, own, payload(own)).find((one) => one.link === POD.link));
    if (answer !== undefined) talk.say(POD, answer, payload(answer));
    talk.say(CLIENT, own, payload(own));
  }
}

const RANGE: readonly Scenario[] = [
  {
    name: "UDP clients inside and outside of the range",
    play: (talk, family) => crowd(talk, family, [40001, 50000], datagram),
  },
  {
    name: "one port alone: the second client is dropped",
    play: (talk, family) => crowd(talk, family, [40000, 41000, 42000], (own) => datagram(own, 0)),
  },
];

agree("a range of one source port", { ruleset: translating(sourcePorts(40000, 40000)) }, [
  ...RANGE,
  ...[0x1000, 0x20000000, 0xfffff000, 0xfffff001, 0xfffff002, 0xfffff003, 17].map(
    (seq): Scenario => ({
      name: `a SYN with number ${seq} takes over the port of a connection in TIME_WAIT if the number is a later one`,
      play: (talk, family) => {
        playTcp(talk, { client: CLIENT, server: POD }, ends(CLIENT, NODE, family, 7000, 1111), [
          ...HANDSHAKE,
          ...CLOSING,
        ]);
        const own = ends(CLIENT, NODE, family, 7000, 2222);
        talk.say(CLIENT, own, syn(own, "S", { seq }));
      },
    }),
  ),
  {
    name: "the port of an open connection is not taken over",
    play: (talk, family) => {
      playTcp(talk, { client: CLIENT, server: POD }, ends(CLIENT, NODE, family, 7000, 1111), HANDSHAKE);
      const own = ends(CLIENT, NODE, family, 7000, 2222);
      talk.say(CLIENT, own, syn(own, "S", { seq: 0x20000000 }));
    },
  },
]);

/** Two clients with the same two source ports; the second one goes on to ports where the first has not been. */
function clash(talk: Conversation, family: Family, payload: (own: Ends) => Payload): void {
  const say = (host: Host, target: { ip4: string; ip6: string }, dstPort: number) => {
    for (const srcPort of [40000, 40001]) {
      const own = ends(host, target, family, dstPort, srcPort);
      talk.say(host, own, payload(own));
    }
  };
  say(CLIENT, NODE, 7000);
  say(ROUTER, NODE, 7000);
  for (const port of [9090, 9091, 8080]) say(ROUTER, POD, port);
  say(CLIENT, POD, 9090);
}

const MAPPINGS: readonly Scenario[] = [
  {
    name: "a port that was changed for a clash is the same to other destinations",
    play: (talk, family) => clash(talk, family, syn),
  },
  {
    name: "a port of UDP that was changed for a clash is the same to other destinations",
    play: (talk, family) => clash(talk, family, datagram),
  },
];

agree("a masquerade", { ruleset: translating({ kind: "masquerade", flags: [] }) }, [
  ...MAPPINGS,
  {
    name: "equal identifiers of pings behind one address",
    play: (talk, family) => {
      const message = family === "ip4" ? icmp4 : icmp6;
      for (const host of [CLIENT, ROUTER]) {
        for (const target of [POD, POD_BESIDE, POD])
          talk.say(host, ends(host, target, family, 0), message(family === "ip4" ? 8 : 128, 0, 0x70001, zeros(8)));
      }
    },
  },
]);

agree("a range of four source ports", { ruleset: translating(sourcePorts(40000, 40003)) }, [
  ...MAPPINGS,
  {
    name: "ports inside the range are kept",
    play: (talk, family) => crowd(talk, family, [40000, 40001, 40002, 40003, 40000], datagram),
  },
  {
    name: "the last free port is found",
    play: (talk, family) => crowd(talk, family, [40000, 40001, 40003, 50000, 50001], datagram),
  },
]);

agree("a redirect to the node", { ruleset: redirecting() }, [
  {
    name: "a closed port answers with the address that was asked",
    play: (talk, family) => {
      for (const target of [POD, NODE, WEB]) {
        const own = ends(CLIENT, target, family, 7001);
        talk.say(CLIENT, own, syn(own, "S", { seq: 5 }));
        talk.say(CLIENT, own, datagram(own));
      }
    },
  },
]);

const REFUSALS = [
  { type: "tcp reset" },
  { type: "icmpx", code: "port-unreachable" },
  { type: "icmpx", code: "no-route" },
  { type: "icmpx", code: "host-unreachable" },
  { type: "icmpx", code: "admin-prohibited" },
] as const;

agree("ways to refuse", { ruleset: refusing(REFUSALS) }, [
  {
    name: "resets and ICMP errors",
    play: (talk, family) => {
      for (const target of [POD, NODE]) {
        REFUSALS.forEach((refusal, n) => {
          const own = ends(CLIENT, target, family, 9000 + n);
          for (const flags of ["S", "SA", "A", "R", "FA", "FPU", ""]) {
            talk.say(
              CLIENT,
              own,
              tcp({ src: own.srcPort, dst: own.dstPort, flags, seq: 1000, ack: 2000 }, zeros(flags === "A" ? 9 : 0)),
              { tos: 0xb8, trafficClass: 0xb8 },
            );
          }
          if (refusal.type !== "tcp reset") talk.say(CLIENT, own, datagram(own, 700));
        });
      }
    },
  },
  {
    name: "nothing to a wrong checksum",
    play: (talk, family) => {
      REFUSALS.forEach((_, n) => {
        const own = ends(CLIENT, POD, family, 9000 + n);
        talk.say(CLIENT, own, syn(own), { damage: 3 });
        talk.say(CLIENT, own, datagram(own), { damage: 3 });
      });
    },
  },
]);

agree("resets for what is invalid", { ruleset: resettingInvalid() }, [
  {
    name: "strange flags, wrong numbers, wrong checksums",
    play: (talk, family) => {
      const own = ends(POD_NARROW, POD, family, 80);
      for (const flags of ["", "FPU", "SA", "R", "SF", "F"])
        talk.say(POD_NARROW, own, syn(own, flags, { seq: 77, ack: 99 }));
      talk.say(POD_NARROW, own, syn(own), { damage: 1 });
      playTcp(talk, { client: POD_NARROW, server: POD }, own, [
        ...HANDSHAKE,
        { from: "client", flags: "PA", data: 10, seqOff: 1_000_000 },
        { from: "server", flags: "R", seqOff: 1_000_000 },
      ]);
    },
  },
]);

agree("kube-proxy's rules with invalid packets dropped", { ruleset: kubeProxyDroppingInvalid() }, [
  {
    name: "what is invalid does not leave",
    play: (talk, family) => {
      const own = ends(POD_NARROW, WEB, family, WEB.port);
      for (const flags of ["", "FPU", "SA", "R"]) talk.say(POD_NARROW, own, syn(own, flags));
      talk.say(POD_NARROW, own, syn(own), { damage: 1 });
      if (family === "ip4") talk.say(POD_NARROW, own, icmp4(0, 0, 1));
      playTcp(talk, { client: POD_NARROW, server: POD }, own, [
        ...HANDSHAKE,
        { from: "client", flags: "PA", data: 9, seqOff: 1_000_000 },
        ...CLOSING,
      ]);
    },
  },
]);

const TRACKING = { "net.netfilter.nf_conntrack_checksum": 0, "net.netfilter.nf_conntrack_tcp_loose": 0 };

agree(
  "conntrack without checksums and without loose pick-up",
  { ruleset: kubeProxyDroppingInvalid(), sysctls: TRACKING },
  [
    {
      name: "wrong checksums stay wrong by as much, the middle of a connection is invalid",
      play: (talk, family) => {
        const own = ends(POD_NARROW, WEB, family, WEB.port);
        talk.say(POD_NARROW, own, syn(own), { damage: 0x0101 });
        talk.say(POD_NARROW, own, datagram(own), { damage: 0x0101 });
        const middle = { ...own, srcPort: 40001 };
        for (const flags of ["A", "PA"]) talk.say(POD_NARROW, middle, syn(middle, flags, { seq: 3, ack: 4 }));
      },
    },
  ],
);

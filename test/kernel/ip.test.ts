/** The IP layer: addresses that are not forwarded, options, extension headers, lengths, protocols that nobody speaks. */

import { concat, uint16, uint32, zeros } from "../support/bytes.ts";
import { type Extension, frame, ip, ip4, ip6, type Payload } from "../support/packet.ts";
import { icmp6, raw, tcp, udp } from "../support/transport.ts";
import { agree } from "./agreement.ts";
import { kubeProxy } from "./rules.ts";
import { WEB } from "./services.ts";
import { CLIENT, NODE, NODE_MACS, POD, ROUTER } from "./world.ts";

const DATAGRAM = udp({ src: 7000, dst: WEB.port }, zeros(24));
const HOP_BY_HOP = 0;
const ROUTING = 43;
const FRAGMENT = 44;
const AUTHENTICATION = 51;
const NO_NEXT_HEADER = 59;
const DESTINATION = 60;
const MOBILITY = 135;

const STRANGE_4 = [
  "0.0.0.0",
  "0.1.2.3",
  "127.0.0.1",
  "127.1.2.3",
  "169.254.1.1",
  "224.0.0.1",
  "239.1.2.3",
  "240.0.0.1",
  "255.255.255.255",
  NODE.ip4,
  "192.168.10.255",
  "10.244.1.255",
  "10.244.1.1",
];
const STRANGE_6 = [
  "::",
  "::1",
  "fe80::1",
  "fec0::1",
  "ff02::1",
  "ff05::2",
  "::ffff:10:1",
  "2002:a00:1::1",
  NODE.ip6,
  "fd00:244:1::1",
];
const OPTIONS_4: Readonly<Record<string, readonly number[]>> = {
  "no operation": [1, 1, 1, 1],
  "end of list": [0, 0, 0, 0],
  "record route": [7, 7, 4, 0, 0, 0, 0, 0],
  "record route, full": [7, 7, 8, 10, 0, 0, 1, 0],
  "record route, bad pointer": [7, 7, 2, 0, 0, 0, 0, 0],
  "record route, too short": [7, 2, 0, 0],
  "record route, too long": [7, 200, 4, 0],
  "loose source route": [131, 7, 4, 10, 0, 0, 1, 0],
  "strict source route": [137, 7, 4, 10, 0, 0, 1, 0],
  "router alert": [148, 4, 0, 0],
  security: [130, 4, 0, 0],
  "length zero": [200, 0, 0, 0],
  experimental: [158, 4, 1, 2],
};
const OPTION = {
  pad: [1, 4, 0, 0, 0, 0],
  skip: [0x1e, 4, 0, 0, 0, 0],
  discard: [0x5e, 4, 0, 0, 0, 0],
  complain: [0x9e, 4, 0, 0, 0, 0],
  complainUnlessMulticast: [0xde, 4, 0, 0, 0, 0],
};

const options = (protocol: number, body: readonly number[]): Extension => ({ protocol, bytes: concat([0, 0], body) });
const fragmentHeader = (offset: number): Extension => ({
  protocol: FRAGMENT,
  bytes: concat([0, 0], uint16(offset), uint32(99)),
});
const routing = (type: number, left: number): Extension => ({
  protocol: ROUTING,
  bytes: concat([0, 2, type, left], zeros(20)),
});

/** Eight or nine destination options without data that are to be skipped, and padding. */
function manyOptions(count: 8 | 9): Extension {
  const bodies = Array.from({ length: count }, () => [0x1e, 0]);
  const padding = 20 - 2 * count;
  return { protocol: DESTINATION, bytes: concat([0, 2], ...bodies, [1, padding], zeros(padding)) };
}

const EXTENSIONS_6: Readonly<Record<string, readonly Extension[]>> = {
  "hop-by-hop, padding": [options(HOP_BY_HOP, OPTION.pad)],
  "hop-by-hop, to be skipped": [options(HOP_BY_HOP, OPTION.skip)],
  "hop-by-hop, to be discarded": [options(HOP_BY_HOP, OPTION.discard)],
  "hop-by-hop, to be complained about": [options(HOP_BY_HOP, OPTION.complain)],
  "hop-by-hop, to be complained about to unicast": [options(HOP_BY_HOP, OPTION.complainUnlessMulticast)],
  "hop-by-hop, jumbo payload": [options(HOP_BY_HOP, [0xc2, 4, 0, 1, 0, 0])],
  "hop-by-hop, router alert": [options(HOP_BY_HOP, [5, 2, 0, 0, 1, 0])],
  "hop-by-hop not first": [options(DESTINATION, OPTION.pad), options(HOP_BY_HOP, OPTION.pad)],
  "destination options": [options(DESTINATION, OPTION.pad)],
  "destination options, unknown": [options(DESTINATION, OPTION.complain)],
  "destination options, padding that is not zero": [options(DESTINATION, [1, 4, 0, 0, 9, 0])],
  "destination options, eight": [manyOptions(8)],
  "destination options, nine": [manyOptions(9)],
  "routing type 0, done": [routing(0, 0)],
  "routing type 0, one left": [routing(0, 1)],
  "routing type 2, done": [routing(2, 0)],
  "atomic fragment": [fragmentHeader(0)],
  "three of a kind": [
    options(DESTINATION, OPTION.pad),
    options(DESTINATION, OPTION.pad),
    options(DESTINATION, OPTION.pad),
  ],
  "every order": [
    options(HOP_BY_HOP, OPTION.pad),
    options(DESTINATION, OPTION.pad),
    routing(0, 0),
    fragmentHeader(0),
    options(DESTINATION, OPTION.pad),
  ],
  authentication: [{ protocol: AUTHENTICATION, bytes: concat([0, 4], zeros(22)) }],
  mobility: [{ protocol: MOBILITY, bytes: concat([0, 0], zeros(6)) }],
};

agree("IP", { ruleset: kubeProxy() }, [
  {
    name: "strange sources",
    play: (talk, family) => {
      for (const src of family === "ip4" ? STRANGE_4 : STRANGE_6) {
        talk.send(CLIENT, ip({ src, dst: WEB[family] }, DATAGRAM));
        talk.send(CLIENT, ip({ src, dst: POD[family] }, DATAGRAM));
        talk.send(CLIENT, ip({ src, dst: NODE[family] }, DATAGRAM));
      }
    },
  },
  {
    name: "strange destinations",
    play: (talk, family) => {
      for (const dst of family === "ip4" ? STRANGE_4 : STRANGE_6) {
        talk.send(CLIENT, ip({ src: CLIENT[family], dst }, DATAGRAM));
        talk.send(POD, ip({ src: POD[family], dst }, DATAGRAM));
      }
    },
  },
  {
    name: "source equals destination",
    play: (talk, family) => {
      for (const host of [CLIENT, POD, ROUTER])
        talk.send(CLIENT, ip({ src: host[family], dst: host[family] }, DATAGRAM));
    },
  },
  {
    name: "frames to somebody else, to everybody, padded, cut",
    play: (talk, family) => {
      const packet = ip({ src: CLIENT[family], dst: WEB[family] }, udp({ src: 1, dst: WEB.port }, zeros(2)));
      const mine = frame(CLIENT.mac, NODE_MACS.eth0, packet);
      for (const mac of ["02:00:00:00:77:77", "ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:01", "33:33:00:00:00:01"])
        talk.sendFrame("eth0", frame(CLIENT.mac, mac, packet));
      talk.sendFrame("eth0", frame(CLIENT.mac, NODE_MACS.eth0, packet, 90));
      for (let bytes = 14; bytes < mine.length; bytes += 3) talk.sendFrame("eth0", mine.subarray(0, bytes));
    },
  },
  {
    name: "every field of the header wrong",
    only: "ip4",
    play: (talk) => {
      const own = { src: CLIENT.ip4, dst: WEB.ip4 };
      for (const version of [0, 3, 5, 6, 15])
        talk.sendFrame("eth0", frame(CLIENT.mac, NODE_MACS.eth0, ip4({ ...own, version }, DATAGRAM)));
      for (const headerWords of [0, 4, 6, 15]) talk.send(CLIENT, ip4({ ...own, headerWords }, DATAGRAM));
      for (const totalLength of [0, 19, 20, 28, 51, 53, 1000, 65535])
        talk.send(CLIENT, ip4({ ...own, totalLength }, DATAGRAM));
      for (const headerDamage of [1, 0x8000, 0xffff]) talk.send(CLIENT, ip4({ ...own, headerDamage }, DATAGRAM));
    },
  },
  {
    name: "every field of the IPv6 header wrong",
    only: "ip6",
    play: (talk) => {
      const own = { src: CLIENT.ip6, dst: WEB.ip6 };
      for (const payloadLength of [0, 1, 8, 31, 33, 1000, 65535])
        talk.send(CLIENT, ip6({ ...own, payloadLength }, DATAGRAM));
      talk.send(CLIENT, ip6({ ...own, flowLabel: 0xabcde, trafficClass: 0xff }, DATAGRAM));
    },
  },
  {
    name: "IPv4 options",
    only: "ip4",
    play: (talk) => {
      for (const list of Object.values(OPTIONS_4)) {
        for (const dst of [WEB.ip4, POD.ip4, NODE.ip4])
          talk.send(CLIENT, ip4({ src: CLIENT.ip4, dst, options: Uint8Array.from(list) }, DATAGRAM));
      }
    },
  },
  ...Object.entries(EXTENSIONS_6).map(([name, extensions]) => ({
    name: `IPv6 extension headers: ${name}`,
    only: "ip6" as const,
    play: (talk: Parameters<Parameters<typeof agree>[2][number]["play"]>[0]) => {
      for (const dst of [WEB.ip6, POD.ip6, NODE.ip6]) {
        talk.send(CLIENT, ip6({ src: CLIENT.ip6, dst, extensions }, DATAGRAM));
        talk.send(CLIENT, ip6({ src: CLIENT.ip6, dst, extensions }, tcp({ src: 7001, dst: WEB.port, flags: "S" })));
      }
    },
  })),
  {
    name: "protocols that nobody speaks",
    play: (talk, family) => {
      for (const protocol of [0, 2, 41, 47, 50, 51, NO_NEXT_HEADER, 89, 103, 136, 200, 255]) {
        for (const dst of [WEB[family], POD[family], NODE[family]])
          talk.send(CLIENT, ip({ src: CLIENT[family], dst }, raw(protocol, zeros(24))));
      }
    },
  },
  {
    name: "the anycast addresses of a router's subnets",
    only: "ip6",
    play: (talk) => {
      for (const from of [CLIENT, POD]) {
        for (const dst of ["fd00:10::", "fd00:244:1::", "fd00:244:2::"]) {
          const send = (payload: Payload) => talk.send(from, ip6({ src: from.ip6, dst }, payload));
          send(DATAGRAM);
          send(tcp({ src: 7002, dst: WEB.port, flags: "S" }));
          send(tcp({ src: 7003, dst: WEB.port, flags: "A", ack: 9 }));
          send(icmp6(128, 0, 0x70010001, zeros(16)));
          for (const protocol of [41, NO_NEXT_HEADER, 103, 132, 200]) send(raw(protocol, zeros(24)));
        }
      }
    },
  },
]);

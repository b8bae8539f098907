/** Every target of iptables, in the kernel and in the engine. */

import { zeros } from "../support/bytes.ts";
import { icmp4, icmp6, tcp, udp } from "../support/transport.ts";
import { answerTo, type Conversation, playTcp, segments } from "./conversation.ts";
import { agreeOnIptables, type IptablesCase } from "./iptables-rules.ts";
import type { Family } from "./services.ts";
import { CLIENT, type Host, NODE, POD, POD_NARROW } from "./world.ts";

const FAMILIES: readonly Family[] = ["ip4", "ip6"];
const CHAINS: Readonly<Record<string, readonly string[]>> = {
  raw: ["PREROUTING", "OUTPUT"],
  mangle: ["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"],
  nat: ["PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"],
  filter: ["INPUT", "FORWARD", "OUTPUT"],
};
const TALK = segments("> S", "< SA", "> A", "> PA 100", "< PA 1000", "> A", "> FA", "< FA", "> A");

/** A table with its chains, those of the rules' own, and the rules. */
function table(name: string, rules: readonly string[], own: readonly string[] = []): string {
  const chains = [
    ...CHAINS[name]!.map((chain) => `:${chain} ACCEPT [0:0]`),
    ...own.map((chain) => `:${chain} - [0:0]`),
  ];
  return [`*${name}`, ...chains, ...rules.map((rule) => `-A ${rule}`), "COMMIT", ""].join("\n");
}

/** TCP, UDP and a ping from a client to a pod, which answers whoever asked. */
function exchange(talk: Conversation, family: Family, target: { ip4: string; ip6: string } = POD): void {
  const ends = { src: CLIENT[family], dst: target[family], srcPort: 40000, dstPort: 80 };
  playTcp(talk, { client: CLIENT, server: POD }, ends, TALK);
  for (const dstPort of [53, 80, 90]) {
    const sent = talk.say(CLIENT, { ...ends, dstPort }, udp({ src: 40000, dst: dstPort }, zeros(20)), {
      tos: 0x41,
      trafficClass: 0x41,
    });
    answer(talk, sent, POD, (src, dst) => udp({ src, dst }, zeros(30)));
  }
  const message = family === "ip4" ? icmp4 : icmp6;
  const ping = { ...ends, srcPort: 0, dstPort: 0 };
  talk.say(CLIENT, ping, message(family === "ip4" ? 8 : 128, 0, 0x10001, zeros(8)));
}

function answer(
  talk: Conversation,
  sent: readonly { readonly link: string; readonly frame: Uint8Array }[],
  host: Host,
  payload: (src: number, dst: number) => ReturnType<typeof udp>,
): void {
  const back = answerTo(sent.find(({ link }) => link === host.link));
  if (back !== undefined) talk.say(host, back, payload(back.srcPort, back.dstPort));
}

function both(name: string, rules: string | ((family: Family) => string), play = exchange): readonly IptablesCase[] {
  return FAMILIES.map((family) => ({
    name,
    family,
    rules: typeof rules === "string" ? rules : rules(family),
    play: (talk) => play(talk, family),
  }));
}

function only(family: Family, name: string, rules: string, play = exchange): IptablesCase {
  return { name, family, rules, play: (talk) => play(talk, family) };
}

const REJECTS = {
  ip4: [
    "net-unreachable",
    "host-unreachable",
    "proto-unreachable",
    "port-unreachable",
    "net-prohibited",
    "host-prohibited",
    "admin-prohibited",
  ].map((code) => `icmp-${code}`),
  ip6: ["no-route", "adm-prohibited", "addr-unreachable", "port-unreachable"].map((code) => `icmp6-${code}`),
};

agreeOnIptables("iptables: verdicts and chains", [
  ...both(
    "returns, gotos and policies",
    table(
      "filter",
      [
        "FORWARD -p udp -j first",
        "FORWARD -p tcp -j ACCEPT",
        "FORWARD -j DROP",
        "first -p udp -m udp --dport 53 -g second",
        "first -p udp -m udp --dport 90 -j RETURN",
        "first -j ACCEPT",
        "second -p udp -m udp --sport 53 -j DROP",
      ],
      ["first", "second"],
    ),
  ),
  ...both(
    "what only tells lets packets pass",
    table("filter", [
      'FORWARD -p tcp -j LOG --log-prefix "a tcp " --log-level 7',
      "FORWARD -p udp -j NFLOG --nflog-prefix x --nflog-group 5",
      "FORWARD -j AUDIT --type accept",
      "FORWARD",
    ]).replace("\n-A FORWARD\n", "\n-A FORWARD -p udp\n"),
  ),
  ...FAMILIES.flatMap((family) =>
    REJECTS[family].map((word) =>
      only(family, word, table("filter", [`FORWARD -p udp -j REJECT --reject-with ${word}`])),
    ),
  ),
  ...both(
    "queues that nobody reads",
    table("filter", ["FORWARD -p udp -j NFQUEUE --queue-num 5", "FORWARD -p tcp -j NFQUEUE --queue-balance 1:3"]),
  ),
  ...both("resets", table("filter", ["FORWARD -p tcp -j REJECT --reject-with tcp-reset"])),
]);

agreeOnIptables("iptables: marks and tracking", [
  ...both(
    "marks are set, masked, saved and restored",
    `${table("mangle", [
      "PREROUTING -j CONNMARK --restore-mark --nfmask 0xffff --ctmask 0xffff",
      "PREROUTING -p tcp -j MARK --set-xmark 0x12345678/0xffffffff",
      "PREROUTING -p udp -j MARK --set-xmark 0x40/0xf0",
      "PREROUTING -p udp -m udp --dport 53 -j MARK --set-xmark 0x0/0xffffffbf",
      "FORWARD -m mark --mark 0x40/0xf0 -j MARK --set-xmark 0x3/0x0",
      "FORWARD -m mark --mark 0x43 -j CONNMARK --save-mark --nfmask 0xf --ctmask 0xff",
      "FORWARD -p tcp -j CONNMARK --set-xmark 0x7/0xff",
      "POSTROUTING -m connmark --mark 0x3 -j ACCEPT",
      "POSTROUTING -m connmark --mark 0x7/0x7 -j ACCEPT",
      "POSTROUTING -p udp -j CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xffffffff",
    ])}${table("filter", ["FORWARD -m mark --mark 0x12345678 -j ACCEPT", "FORWARD -m mark --mark 0x43 -j DROP", "FORWARD -m mark --mark 0x7/0x7 -j ACCEPT"])}`,
  ),
  ...both(
    "what is not tracked is untracked",
    `${table("raw", ["PREROUTING -p udp -j NOTRACK", "PREROUTING -p tcp -j CT --notrack"])}${table("filter", ["FORWARD -m conntrack --ctstate UNTRACKED -j ACCEPT", "FORWARD -m conntrack --ctstate NEW -j DROP"])}`,
  ),
]);

agreeOnIptables("iptables: zones", [
  ...both(
    "connections of one zone are not those of another",
    `${table("raw", ["PREROUTING -i eth0 -p tcp -j CT --zone 5", "PREROUTING -i pod0 -p udp -j CT --zone 7", "PREROUTING -i eth0 -p udp -j CT --zone-orig 7"])}${table("filter", ["FORWARD -m conntrack --ctstate NEW -j ACCEPT", "FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT"])}`,
  ),
]);

agreeOnIptables("iptables: headers", [
  only("ip4", "the TTL", table("mangle", ["FORWARD -p udp -j TTL --ttl-set 9"])),
  only("ip6", "the hop limit", table("mangle", ["FORWARD -p udp -j HL --hl-set 9"])),
  ...["inc 7", "inc 250", "dec 9", "dec 200"].flatMap((change) => [
    only("ip4", `the TTL, ${change}`, table("mangle", [`FORWARD -p udp -j TTL --ttl-${change}`])),
    only("ip4", `the TTL before routing, ${change}`, table("mangle", [`PREROUTING -p udp -j TTL --ttl-${change}`])),
    only("ip6", `the hop limit, ${change}`, table("mangle", [`FORWARD -p udp -j HL --hl-${change}`])),
  ]),
  ...both("DSCP", table("mangle", ["FORWARD -p udp -j DSCP --set-dscp 0x2e"])),
  ...both(
    "the type of service",
    table("mangle", ["PREROUTING -p udp -j TOS --set-tos 0x10/0x3f", "FORWARD -p tcp -j TOS --set-tos 0xb8/0xff"]),
  ),
  ...["TCPMSS --set-mss 1000", "TCPMSS --clamp-mss-to-pmtu"].flatMap((target) =>
    both(target, table("mangle", [`FORWARD -p tcp -m tcp --tcp-flags SYN,RST SYN -j ${target}`]), (talk, family) => {
      for (const [index, size] of [500, 1000, 1361, 1460, 9000].entries()) {
        const ends = { src: CLIENT[family], dst: POD_NARROW[family], srcPort: 40000 + index, dstPort: 80 };
        const options = Uint8Array.of(1, 1, 4, 2, 2, 4, size >> 8, size & 0xff);
        talk.say(CLIENT, ends, tcp({ src: ends.srcPort, dst: 80, flags: "S", seq: 5, options }));
      }
    }),
  ),
]);

agreeOnIptables("iptables: translations", [
  ...both(
    "a destination",
    (family) =>
      table("nat", [
        `PREROUTING -d ${NODE[family]}/${bits(family)} -p tcp -m tcp --dport 80 -j DNAT --to-destination ${withPort(POD[family], "8080")}`,
        `PREROUTING -d ${NODE[family]}/${bits(family)} -p udp -j DNAT --to-destination ${POD[family]}`,
      ]),
    (talk, family) => exchange(talk, family, NODE),
  ),
  ...both("a source", (family) =>
    table("nat", [
      `POSTROUTING -p tcp -j SNAT --to-source ${withPort(NODE[family], "2000-2010")}`,
      `POSTROUTING -p udp -j SNAT --to-source ${NODE[family]}`,
    ]),
  ),
  ...both(
    "a masquerade",
    table("nat", ["POSTROUTING -p tcp -j MASQUERADE --to-ports 3000-3010", "POSTROUTING -j MASQUERADE"]),
  ),
  ...both(
    "a redirect",
    table("nat", [
      "PREROUTING -p tcp -m tcp --dport 80 -j REDIRECT --to-ports 8081",
      "PREROUTING -p udp -m udp --dport 90 -j REDIRECT",
    ]),
  ),
  ...both("a range of addresses", (family) =>
    table("nat", [
      `POSTROUTING -p udp -j SNAT --to-source ${family === "ip4" ? "192.168.10.20-192.168.10.29" : "fd00:10::20-fd00:10::29"} --persistent`,
    ]),
  ),
]);

agreeOnIptables("iptables: NETMAP", [
  only(
    "ip4",
    "destinations and sources keep the bits behind the prefix",
    table("nat", [
      "PREROUTING -d 198.18.1.0/24 -j NETMAP --to 10.244.1.0/24",
      "POSTROUTING -s 203.0.113.0/24 -j NETMAP --to 198.19.0.0/24",
    ]),
    (talk, family) => exchange(talk, family, { ip4: "198.18.1.10", ip6: "" }),
  ),
]);

function bits(family: Family): number {
  return family === "ip4" ? 32 : 128;
}

function withPort(address: string, ports: string): string {
  return address.includes(":") ? `[${address}]:${ports}` : `${address}:${ports}`;
}

/** What rules do to packets, count and remember: each statement with the deck of packets, in the kernel and in the engine. */

import { playDeck, playPlain } from "./deck.ts";
import { agreeOnRules, type NftCase } from "./nft-agreement.ts";

/** One rule, before routing and after it. */
function statement(text: string, hook = "forward"): NftCase {
  const chain = `chain c {\n type filter hook ${hook} priority -10;\n ${text}\n counter\n }`;
  const play = LEAVES_CHECKSUM_WRONG.includes(text) ? playPlain : playDeck;
  return { name: `${text} (${hook})`, rules: `table inet t {\n ${chain}\n}\n`, play };
}

/** Where a header has options, too, the engine makes its checksum right again on the way out. */
const LEAVES_CHECKSUM_WRONG = ["ip checksum set 0", "@nh,8,8 set 0x20"];

const STORES = [
  "ip ttl set 5",
  "ip dscp set cs3",
  "ip ecn set ce",
  "ip id set 77",
  "ip saddr set 192.168.10.77",
  "ip protocol udp ip saddr set ip daddr",
  "ip checksum set 0",
  "ip6 hoplimit set 3",
  "ip6 dscp set cs3",
  "ip6 ecn set ce",
  "ip6 flowlabel set 0x12345",
  "ip6 saddr set fd00:10::77",
  "tcp dport set 81",
  "tcp window set 1000",
  "tcp sequence set 5",
  "tcp flags set syn",
  "tcp checksum set 0",
  "udp dport set 81",
  "udp checksum set 0",
  "udp length set 9",
  "th dport set 81",
  "sctp dport set 10",
  "icmp type echo-request icmp id set 9",
  "icmpv6 type echo-request icmpv6 id set 9",
  "@th,0,16 set 7",
  "@nh,8,8 set 0x20",
  "tcp option maxseg size set 1400",
  "tcp option maxseg size set 1500",
  "tcp option maxseg size set rt mtu",
  "tcp option timestamp tsval set 9",
  "reset tcp option sack-perm",
  "reset tcp option timestamp",
];

agreeOnRules(
  "statements that write into packets",
  STORES.flatMap((text) => [statement(text), ...(/saddr|rt mtu/.test(text) ? [] : [statement(text, "prerouting")])]),
);

const MARKS = [
  "meta mark set 5 meta mark 5 drop",
  "ct mark set 5 ct mark 5 counter",
  "ct mark set tcp dport map { 80 : 7, 22 : 9 } ct mark 7 drop",
  "meta mark set meta mark or 0x10 meta mark and 0x10 != 0 counter",
  "ct mark set (ct mark & 0xff00) | 1 ct mark 1 counter",
  "meta mark set numgen inc mod 3 meta mark 1 drop",
  "meta mark set jhash ip saddr . ip daddr . th sport mod 5 seed 0x3 meta mark 0-2 drop",
];

agreeOnRules(
  "marks",
  MARKS.map((text) => statement(text)),
);

const STATEFUL = [
  "limit rate 1/day burst 10 packets counter drop",
  "limit rate over 1/day burst 10 packets counter drop",
  "limit rate 2/hour counter",
  "limit rate 1 bytes/day burst 700 bytes counter drop",
  "limit rate over 1 kbytes/week burst 700 bytes counter drop",
  "meta l4proto tcp limit rate over 3/day burst 3 packets reject with tcp reset",
  "quota 1000 bytes counter drop",
  "quota over 1000 bytes counter drop",
  "quota over 1 kbytes used 500 bytes counter drop",
  'log prefix "x" counter',
];

agreeOnRules(
  "limits and quotas",
  STATEFUL.map((text) => statement(text)),
);

const OBJECTS = `table inet t {
  counter web { packets 3 bytes 9
  }
  counter other {
  }
  quota few { over 1500 bytes
  }
  limit slow { rate 1/day burst 4 packets
  }
  map kinds { type inet_service : counter
    elements = { 80 : "web", 22 : "other" }
  }
  chain c {
    type filter hook forward priority 0;
    meta l4proto tcp counter name "web"
    meta l4proto udp counter name "other"
    counter name tcp dport map @kinds counter
    counter name th dport map { 5 : "other" } counter
    meta l4proto udp quota name "few" drop
    meta l4proto tcp limit name "slow" counter
    ip protocol icmp limit name "slow" counter drop
  }
}
`;

agreeOnRules("named objects", [{ name: "counters, quotas, limits and maps to them", rules: OBJECTS, play: playDeck }]);

agreeOnRules("verdicts", [
  statement(
    "tcp dport 80 jump side\n tcp dport 22 return\n counter drop\n }\n chain side {\n tcp flags syn accept\n counter",
  ),
  statement("meta l4proto vmap { tcp : continue, udp : drop } counter"),
  statement("notrack", "prerouting"),
  statement("ct state untracked counter"),
]);

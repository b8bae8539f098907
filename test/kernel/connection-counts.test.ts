/** How many connections somebody has: connlimit and `ct count`, in the kernel and in the engine. */

import { tcp, udp } from "../support/transport.ts";
import { answerTo, type Conversation } from "./conversation.ts";
import { agreeOnIptables, type IptablesCase } from "./iptables-rules.ts";
import { FAMILIES, inFilter, pause } from "./iptables-variety.ts";
import { agreeOnRules, type NftCase } from "./nft-agreement.ts";
import type { Family } from "./services.ts";
import { CLIENT, type Host, POD, POD_BESIDE, POD_NARROW } from "./world.ts";

/** In one tick the kernel counts without looking whether a connection is noted already: it gets longer between packets. */
const TICK_MILLISECONDS = 12;

function speak(talk: Conversation, host: Host, to: Host, family: Family, port: number, flags: string): void {
  pause(TICK_MILLISECONDS);
  const ends = { src: host[family], dst: to[family], srcPort: port, dstPort: 80 };
  const seq = flags === "S" ? 1 : 2;
  const sent = talk.say(host, ends, tcp({ src: port, dst: 80, flags, seq, ack: flags === "S" ? 0 : 2 }));
  const answer = answerTo(sent.find((one) => one.link === to.link));
  if (flags !== "S" || answer === undefined) return;
  pause(TICK_MILLISECONDS);
  talk.say(to, answer, tcp({ src: answer.srcPort, dst: answer.dstPort, flags: "SA", seq: 1, ack: 2 }));
}

/** Clients open connections, say something, some end theirs, and open others. */
function crowd(talk: Conversation, family: Family): void {
  for (const [host, to] of [
    [CLIENT, POD],
    [POD_NARROW, POD],
    [POD, POD_NARROW],
    [POD_BESIDE, POD_NARROW],
  ] as const) {
    for (const port of [40001, 40002, 40003, 40004]) speak(talk, host, to, family, port, "S");
    for (const port of [40001, 40004]) speak(talk, host, to, family, port, "PA");
    for (const port of [40001, 40002]) speak(talk, host, to, family, port, "R");
    for (const port of [40005, 40006, 40007, 40003]) speak(talk, host, to, family, port, "S");
    pause(TICK_MILLISECONDS);
    talk.say(host, { src: host[family], dst: to[family], srcPort: 5, dstPort: 6 }, udp({ src: 5, dst: 6 }));
  }
}

const FLAGS = "-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN";
const WHOLE = { ip4: 32, ip6: 128 } as const;
const PART = { ip4: 16, ip6: 48 } as const;

agreeOnIptables(
  "iptables: connections of an address",
  FAMILIES.flatMap((family): IptablesCase[] =>
    [
      `${FLAGS} -m connlimit --connlimit-above 2 --connlimit-mask ${WHOLE[family]} --connlimit-saddr`,
      `${FLAGS} -m connlimit --connlimit-upto 1 --connlimit-mask ${WHOLE[family]} --connlimit-daddr`,
      `${FLAGS} -m connlimit --connlimit-above 3 --connlimit-mask ${PART[family]} --connlimit-saddr`,
      `-p tcp -m connlimit --connlimit-above 3 --connlimit-mask ${WHOLE[family]} --connlimit-saddr`,
      `-m connlimit --connlimit-above 2 --connlimit-mask 0 --connlimit-saddr`,
    ].map((words) => ({
      name: words,
      family,
      rules: inFilter(words, ["FORWARD"]),
      play: (talk) => crowd(talk, family),
    })),
  ),
);

function ruleset(rule: string, declared = ""): string {
  return `table inet t {\n${declared}\nchain c {\ntype filter hook forward priority 0;\n${rule}\n}\n}\n`;
}

/** All end where the rule does not see it; then somebody else comes. */
function exodus(talk: Conversation): void {
  const ports = Array.from({ length: 90 }, (_, index) => 41000 + index);
  for (const port of ports) speak(talk, CLIENT, POD, "ip4", port, "S");
  for (const port of ports) speak(talk, CLIENT, POD, "ip4", port, "R");
  for (const port of [50001, 50002, 50003]) speak(talk, POD_NARROW, POD, "ip4", port, "S");
}

agreeOnRules(
  "nft: so many ended connections are forgotten at once",
  [15, 26, 27, 80, 81, 82].map((count) => ({
    name: `count over ${count}`,
    rules: ruleset(`tcp flags & (syn | ack) == syn ct count over ${count} counter`),
    play: exodus,
  })),
);

const METER = "set s { type ipv4_addr\nsize 100\nflags dynamic\n}\nset s6 { type ipv6_addr\nsize 100\nflags dynamic\n}";

agreeOnRules(
  "nft: connections of a rule and of an element",
  [
    ruleset("tcp flags syn ct count over 5 counter drop"),
    ruleset("tcp flags syn ct count 5 counter accept\ntcp flags syn counter drop"),
    ruleset("ct count over 9 counter drop"),
    ruleset("ct state new add @s { ip saddr ct count over 2 } counter drop", METER),
    ruleset("ct state new add @s6 { ip6 daddr ct count over 3 } counter drop", METER),
    ruleset("tcp flags syn add @s { ip saddr ct count 2 } counter accept", METER),
  ].map(
    (rules): NftCase => ({
      name: rules.split("\n").at(-4)!,
      rules,
      play: (talk) => {
        for (const family of FAMILIES) crowd(talk, family);
      },
    }),
  ),
);

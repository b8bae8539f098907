/** Random chains before and behind the routing, as iptables-save prints them: most ask for the same of all packets of a connection. */

import { readIptablesSave } from "../../src/ruleset/iptables-save.ts";
import type { Ruleset } from "../../src/ruleset/types.ts";
import { TWINS, WEB } from "../kernel/services.ts";
import { CLIENT, POD, POD_BESIDE, POD_NARROW } from "../kernel/world.ts";
import type { Random } from "../support/random.ts";

/** What is the same for all packets of a direction. */
const LASTING = [
  () => `-s ${CLIENT.ip4}`,
  () => `! -s ${POD.ip4}`,
  () => "-d 10.244.0.0/16",
  () => `-d ${WEB.ip4}`,
  () => `-d ${POD_NARROW.ip4}`,
  () => "-p tcp -m tcp --dport 8080",
  () => "-p udp -m udp --sport 40000",
  () => "-p tcp -m multiport --dports 80,7000:8080",
  () => "-m mark --mark 0x1/0x3",
  () => "-m mark ! --mark 0x2/0x3",
  () => "-m conntrack --ctstate NEW",
  () => "-m conntrack --ctstate NEW,ESTABLISHED",
  () => "-m conntrack --ctstate RELATED,ESTABLISHED",
  () => "-m conntrack --ctstate INVALID",
  () => "-m conntrack --ctstate DNAT",
  () => "-m conntrack --ctstatus CONFIRMED",
  () => "-m conntrack --ctstatus SEEN_REPLY",
  () => `-m conntrack --ctorigdst ${TWINS.ip4}`,
  () => "-m addrtype --dst-type LOCAL",
  () => '-m comment --comment "all of them"',
];
/** What is not, or is counted. */
const CHANGING = [
  () => "-m limit --limit 5/sec --limit-burst 5",
  () => "-m statistic --mode random --probability 0.5",
  () => "-m statistic --mode nth --every 3 --packet 0",
  () => "-m length --length 0:200",
  () => "-m ttl --ttl-lt 2",
  () => "-m dscp --dscp 0x01",
  () => "-p tcp -m tcp --tcp-flags PSH PSH",
  () => "-m connbytes --connbytes 4 --connbytes-mode packets --connbytes-dir original",
  () => "-m connmark --mark 0x1",
  () => "-m recent --name seen --set",
  () => "-m recent --name seen --rcheck --hitcount 3",
];
const TABLES = {
  mangle: ["PREROUTING", "FORWARD", "POSTROUTING"],
  filter: ["FORWARD"],
} as const;
const CHANGING_TARGETS = ["CONNMARK --set-xmark 0x1/0xffffffff", "TOS --set-tos 0x10/0x3f", "TTL --ttl-set 9"];
const RULES_MAX = 5;

/** The destination and the source of some are translated, and what nat chains see of new connections may be marked. */
const NAT = [
  "*nat",
  ":PREROUTING ACCEPT [0:0]",
  ":POSTROUTING ACCEPT [0:0]",
  `-A PREROUTING -d ${WEB.ip4} -j MARK --set-xmark 0x1/0x3`,
  `-A PREROUTING -d ${WEB.ip4} -p tcp -j DNAT --to-destination ${POD.ip4}:8080`,
  `-A PREROUTING -d ${WEB.ip4} -p udp -j DNAT --to-destination ${POD.ip4}:8080`,
  `-A PREROUTING -d ${TWINS.ip4} -m statistic --mode random --probability 0.5 -j DNAT --to-destination ${POD_BESIDE.ip4}`,
  `-A PREROUTING -d ${TWINS.ip4} -j DNAT --to-destination ${POD.ip4}`,
  "-A POSTROUTING -m mark --mark 0x1/0x3 -j MASQUERADE",
  "COMMIT",
];

export function randomFirewall(random: Random): Ruleset {
  const tables = Object.entries(TABLES).flatMap(([table, bases]) => {
    const chains = [...bases, "own-1", "own-2"];
    return [
      `*${table}`,
      ":own-1 - [0:0]",
      ":own-2 - [0:0]",
      ...bases.map((name) => `:${name} ${table === "filter" && random.once(8) ? "DROP" : "ACCEPT"} [0:0]`),
      ...chains.flatMap((name, n) => rulesOf(random, table, name, chains.slice(Math.max(n + 1, bases.length)))),
      "COMMIT",
    ];
  });
  const text = [...(random.once(3) ? [] : NAT), ...tables].join("\n");
  const { ruleset, problems } = readIptablesSave(`${text}\n`, { file: "rules", family: "ip" });
  if (problems.length > 0) throw new Error(`${problems[0]!.message}:\n${text}`);
  return ruleset;
}

/** `later`: chains to which they may lead. */
function rulesOf(random: Random, table: string, chain: string, later: readonly string[]): string[] {
  return Array.from({ length: random.below(RULES_MAX) }, () => {
    const matches = Array.from({ length: random.below(3) }, () => random.pick(LASTING)());
    if (random.once(24)) matches.splice(random.below(matches.length + 1), 0, random.pick(CHANGING)());
    const options = new Map(matches.map((match) => [/-[sdp]|-m \w+/.exec(match)?.[0], match]));
    const from = random.once(6) && chain !== "POSTROUTING" ? [`-i ${random.pick(["eth0", "pod0"])}`] : [];
    return ["-A", chain, ...from, ...options.values(), targetOf(random, table, later)].join(" ");
  });
}

function targetOf(random: Random, table: string, later: readonly string[]): string {
  if (later.length > 0 && random.once(3)) return `${random.pick(["-j", "-g"])} ${random.pick(later)}`;
  if (table === "filter") return random.pick(["-j ACCEPT", "-j DROP", "-j REJECT", "-j RETURN", "", ""]);
  if (random.once(24)) return `-j ${random.pick(CHANGING_TARGETS)}`;
  return random.pick(["-j MARK --set-xmark 0x1/0x3", "-j MARK --set-xmark 0x2/0x3", "-j ACCEPT", "-j RETURN", ""]);
}

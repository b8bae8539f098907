/** Random chains before and behind the routing, as iptables-save prints them: most ask for the same of all packets of a connection. */

import { readIptablesSave } from "../../src/ruleset/iptables-save.ts";
import type { Ruleset } from "../../src/ruleset/types.ts";
import { FAMILIES, type Family, TWINS, WEB } from "../kernel/services.ts";
import { CLIENT, POD, POD_BESIDE, POD_NARROW } from "../kernel/world.ts";
import type { Random } from "../support/random.ts";

const POD_CIDRS = { ip4: "10.244.0.0/16", ip6: "fd00:244::/32" } as const;

/** What is the same for all packets of a direction. */
const LASTING: readonly ((family: Family) => string)[] = [
  (family) => `-s ${CLIENT[family]}`,
  (family) => `! -s ${POD[family]}`,
  (family) => `-d ${POD_CIDRS[family]}`,
  (family) => `-d ${WEB[family]}`,
  (family) => `-d ${POD_NARROW[family]}`,
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
  (family) => `-m conntrack --ctorigdst ${TWINS[family]}`,
  () => "-m addrtype --dst-type LOCAL",
  () => '-m comment --comment "all of them"',
];
/** What is not, or is counted. */
const CHANGING: readonly ((family: Family) => string)[] = [
  () => "-m limit --limit 5/sec --limit-burst 5",
  () => "-m statistic --mode random --probability 0.5",
  () => "-m statistic --mode nth --every 3 --packet 0",
  () => "-m length --length 0:200",
  (family) => (family === "ip4" ? "-m ttl --ttl-lt 2" : "-m hl --hl-lt 2"),
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
const CHANGING_TARGETS: readonly ((family: Family) => string)[] = [
  () => "CONNMARK --set-xmark 0x1/0xffffffff",
  () => "TOS --set-tos 0x10/0x3f",
  (family) => (family === "ip4" ? "TTL --ttl-set 9" : "HL --hl-set 9"),
];
const RULES_MAX = 5;

/** The destination and the source of some are translated, and what nat chains see of new connections may be marked. */
const NAT = (family: Family) => [
  "*nat",
  ":PREROUTING ACCEPT [0:0]",
  ":POSTROUTING ACCEPT [0:0]",
  `-A PREROUTING -d ${WEB[family]} -j MARK --set-xmark 0x1/0x3`,
  `-A PREROUTING -d ${WEB[family]} -p tcp -j DNAT --to-destination ${withPort(POD[family], 8080)}`,
  `-A PREROUTING -d ${WEB[family]} -p udp -j DNAT --to-destination ${withPort(POD[family], 8080)}`,
  `-A PREROUTING -d ${TWINS[family]} -m statistic --mode random --probability 0.5 -j DNAT --to-destination ${POD_BESIDE[family]}`,
  `-A PREROUTING -d ${TWINS[family]} -j DNAT --to-destination ${POD[family]}`,
  "-A POSTROUTING -m mark --mark 0x1/0x3 -j MASQUERADE",
  "COMMIT",
];

/** One of each family. */
export function randomFirewall(random: Random): Ruleset {
  return { tables: FAMILIES.flatMap((family) => tablesOf(random, family)) };
}

function tablesOf(random: Random, family: Family): Ruleset["tables"] {
  const tables = Object.entries(TABLES).flatMap(([table, bases]) => {
    const chains = [...bases, "own-1", "own-2"];
    return [
      `*${table}`,
      ":own-1 - [0:0]",
      ":own-2 - [0:0]",
      ...bases.map((name) => `:${name} ${table === "filter" && random.once(8) ? "DROP" : "ACCEPT"} [0:0]`),
      ...chains.flatMap((name, n) => rulesOf(random, family, table, name, chains.slice(Math.max(n + 1, bases.length)))),
      "COMMIT",
    ];
  });
  const text = [...(random.once(3) ? [] : NAT(family)), ...tables].join("\n");
  const { ruleset, problems } = readIptablesSave(`${text}\n`, {
    file: "rules",
    family: family === "ip4" ? "ip" : "ip6",
  });
  if (problems.length > 0) throw new Error(`${problems[0]!.message}:\n${text}`);
  return ruleset.tables;
}

/** `later`: chains to which they may lead. */
function rulesOf(random: Random, family: Family, table: string, chain: string, later: readonly string[]): string[] {
  return Array.from({ length: random.below(RULES_MAX) }, () => {
    const matches = Array.from({ length: random.below(3) }, () => random.pick(LASTING)(family));
    if (random.once(24)) matches.splice(random.below(matches.length + 1), 0, random.pick(CHANGING)(family));
    const options = new Map(matches.map((match) => [/-[sdp]|-m \w+/.exec(match)?.[0], match]));
    const from = random.once(6) && chain !== "POSTROUTING" ? [`-i ${random.pick(["eth0", "pod0"])}`] : [];
    return ["-A", chain, ...from, ...options.values(), targetOf(random, family, table, later)].join(" ");
  });
}

function targetOf(random: Random, family: Family, table: string, later: readonly string[]): string {
  if (later.length > 0 && random.once(3)) return `${random.pick(["-j", "-g"])} ${random.pick(later)}`;
  if (table === "filter") return random.pick(["-j ACCEPT", "-j DROP", "-j REJECT", "-j RETURN", "", ""]);
  if (random.once(24)) return `-j ${random.pick(CHANGING_TARGETS)(family)}`;
  return random.pick(["-j MARK --set-xmark 0x1/0x3", "-j MARK --set-xmark 0x2/0x3", "-j ACCEPT", "-j RETURN", ""]);
}

function withPort(address: string, port: number): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

/** Rules of iptables that ask sets of ipset, in the kernel and in the engine. */

import type { Conversation } from "./conversation.ts";
import { agreeOnIptables } from "./iptables-rules.ts";
import { cases, FAMILIES, inFilter, pause, variety } from "./iptables-variety.ts";
import type { Family } from "./services.ts";
import { CLIENT, POD } from "./world.ts";

const ELEMENT_SECONDS = 4;
const PAUSE_MILLISECONDS = 5000;

/** One set of each type for each family. */
function ipsets(family: Family): string {
  const type = family === "ip4" ? "inet" : "inet6";
  const nets = family === "ip4" ? ["10.244.2.0/24", "203.0.113.0/29"] : ["fd00:244:2::/64", "2001:db8::/64"];
  return [
    `create hosts hash:ip family ${type} hashsize 1024 maxelem 65536`,
    `add hosts ${POD[family]}`,
    `add hosts ${CLIENT[family]}`,
    `create nets hash:net family ${type}`,
    ...nets.map((net) => `add nets ${net}`),
    `create services hash:ip,port family ${type}`,
    `add services ${POD[family]},tcp:80`,
    `add services ${POD[family]},udp:85`,
    `create netports hash:net,port family ${type}`,
    ...nets.map((net) => `add netports ${net},tcp:443`),
    `create loops hash:ip,port,ip family ${type}`,
    `add loops ${POD[family]},tcp:80,${CLIENT[family]}`,
    "create ports bitmap:port range 0-1000",
    "add ports 22",
    "add ports 85",
    "create all list:set size 8",
    "add all nets",
    "add all hosts",
    "",
  ].join("\n");
}

for (const family of FAMILIES) {
  const questions = [
    "-m set --match-set hosts src",
    "-m set --match-set hosts dst",
    "-m set ! --match-set hosts src",
    "-m set --match-set nets src",
    "-m set ! --match-set nets dst",
    "-m set --match-set services dst,dst",
    "-m set ! --match-set services dst,dst",
    "-m set --match-set netports src,dst",
    "-m set --match-set loops dst,dst,src",
    "-p tcp -m set --match-set ports dst",
    "-m set --match-set all src",
    "-m set ! --match-set all dst",
  ];
  const asked = cases(questions, [family], inFilter).map((one) => ({ ...one, sets: ipsets(family) }));
  agreeOnIptables(`iptables: sets of ipset, ${family}`, asked);
}

/** Elements that time out while packets come, later, and never. */
function timedSets(family: Family): string {
  return [
    `create timed hash:ip,port family ${family === "ip4" ? "inet" : "inet6"} timeout 600`,
    `add timed ${POD[family]},tcp:80 timeout ${ELEMENT_SECONDS}`,
    `add timed ${POD[family]},udp:80 timeout 500`,
    `add timed ${POD[family]},udp:85 timeout 0`,
    "",
  ].join("\n");
}

for (const family of FAMILIES) {
  const play = (talk: Conversation) => {
    variety(talk, family);
    pause(PAUSE_MILLISECONDS);
    variety(talk, family);
  };
  const asked = cases(["-m set --match-set timed dst,dst"], [family], inFilter);
  agreeOnIptables(
    `iptables: sets of ipset whose elements time out, ${family}`,
    asked.map((one) => ({ ...one, sets: timedSets(family), play })),
  );
}

/** Matches of iptables on what has passed so far, in the kernel and in the engine. */

import type { KernelNode } from "../support/kernel-node.ts";
import type { Conversation } from "./conversation.ts";
import { agreeOnIptables } from "./iptables-rules.ts";
import { cases, FAMILIES, inFilter, pause, variety } from "./iptables-variety.ts";
import type { Family } from "./services.ts";

agreeOnIptables(
  "iptables: what has passed on a connection",
  cases(
    [
      "-m connbytes --connbytes 2 --connbytes-mode packets --connbytes-dir both",
      "-m connbytes --connbytes 2:4 --connbytes-mode packets --connbytes-dir original",
      "-m connbytes ! --connbytes 2:4 --connbytes-mode packets --connbytes-dir original",
      "-m connbytes ! --connbytes 90 --connbytes-mode bytes --connbytes-dir both",
      "-m connbytes --connbytes 1:1 --connbytes-mode packets --connbytes-dir reply",
      "-m connbytes --connbytes 41:70 --connbytes-mode avgpkt --connbytes-dir both",
    ],
    FAMILIES,
    inFilter,
  ),
);

agreeOnIptables(
  "iptables: how long a connection lasts, and its status",
  cases(
    [
      "-m conntrack --ctexpire 0:9",
      "-m conntrack --ctexpire 5:115",
      "-m conntrack ! --ctexpire 5:115",
      "-m conntrack --ctexpire 0",
      "-m conntrack --ctstatus NONE",
      "-m conntrack ! --ctstatus NONE",
    ],
    FAMILIES,
    inFilter,
  ),
);

agreeOnIptables(
  "iptables: packets that are routed come over no bridge",
  cases(["-m physdev --physdev-is-bridged", "-m physdev ! --physdev-is-bridged"], FAMILIES, inFilter),
);

const LIMITS = [
  "-m hashlimit --hashlimit-upto 1/hour --hashlimit-burst 7 --hashlimit-mode srcip --hashlimit-name a1",
  "-m hashlimit --hashlimit-above 1/hour --hashlimit-burst 7 --hashlimit-mode srcip --hashlimit-name a2",
  "-m hashlimit --hashlimit-upto 2/day --hashlimit-burst 3 --hashlimit-mode dstip --hashlimit-name a3",
  "-m hashlimit --hashlimit-above 2/day --hashlimit-burst 3 --hashlimit-mode srcip,dstip --hashlimit-name a4",
  "-m hashlimit --hashlimit-upto 2/min --hashlimit-burst 9 --hashlimit-name a5",
  "-m hashlimit --hashlimit-upto 1/min --hashlimit-burst 4 --hashlimit-mode srcip --hashlimit-name a6 --hashlimit-htable-expire 90000 --hashlimit-srcmask 20",
  "-p tcp -m hashlimit --hashlimit-upto 1/min --hashlimit-burst 2 --hashlimit-mode dstport --hashlimit-name a7",
  "-p udp -m hashlimit --hashlimit-above 1/min --hashlimit-burst 1 --hashlimit-mode srcport,dstport --hashlimit-name a8",
];

const FORGETFUL = `${LIMITS[0]!.replace("a1", "a9")} --hashlimit-htable-gcinterval 100 --hashlimit-htable-expire 800`;
const POLL_MILLISECONDS = 50;

/** The kernel forgets by deferrable work, which an idle processor puts off: until it is done, not for a time. */
function awaitForgotten(kernel: KernelNode, family: Family): void {
  const kept = family === "ip4" ? "/proc/net/ipt_hashlimit/a9" : "/proc/net/ip6t_hashlimit/a9";
  while (kernel.run("cat", [kept]) !== "") pause(POLL_MILLISECONDS);
}

/** Both rules count in the same set. */
function shared(words: string): string {
  return inFilter(words, ["FORWARD", "INPUT"]).replace("-j matched\n", "-j RETURN\n");
}

agreeOnIptables("iptables: a rate for each address or port", [
  ...cases(LIMITS, FAMILIES, inFilter),
  ...cases(LIMITS.slice(0, 2), FAMILIES, shared).map((one) => ({ ...one, name: `${one.name}, twice` })),
  ...FAMILIES.map((family) => ({
    name: "who has been away has the whole burst again",
    family,
    rules: inFilter(FORGETFUL),
    play: (talk: Conversation, kernel: KernelNode) => {
      variety(talk, family);
      awaitForgotten(kernel, family);
      variety(talk, family);
    },
  })),
]);

/** Matches of iptables on what has passed so far, in the kernel and in the engine. */

import { agreeOnIptables } from "./iptables-rules.ts";
import { cases, FAMILIES, inFilter } from "./iptables-variety.ts";

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

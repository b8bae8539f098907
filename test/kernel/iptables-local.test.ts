/** What iptables asks of packets besides their bytes: of sockets, IPsec and helpers, of which packets from the wire have none. */

import { agreeOnIptables } from "./iptables-rules.ts";
import { cases, FAMILIES, inFilter } from "./iptables-variety.ts";

const HELPERS = ["-m helper --helper ftp", "-m helper ! --helper ftp"];
const ARRIVED = [
  "-m policy --dir in --pol none",
  "-m policy --dir in --pol ipsec",
  "-m policy --dir in --pol ipsec --strict --reqid 1 --proto esp --mode transport",
];
const LEAVING = [
  "-m owner --uid-owner 0",
  "-m owner ! --uid-owner 0",
  "-m owner --uid-owner 0-1000 ! --gid-owner 5",
  "-m owner ! --uid-owner 0-1000 ! --gid-owner 5",
  "-m cgroup --cgroup 1",
  "-m policy --dir out --pol none",
  "-m policy --dir out --pol ipsec",
  "-m policy --dir out --pol ipsec ! --reqid 1",
];
const SOCKETS = [
  "-m socket --transparent -j DROP",
  "-m socket --transparent --nowildcard -j DROP",
  "-m socket --transparent -j MARK --set-xmark 0x200/0xffffffff",
];
const PROXIES = { ip4: ["--on-ip 127.0.0.1", "--on-ip 0.0.0.0"], ip6: ["--on-ip ::1", "--on-ip ::"] };

function mangling(rule: string): string {
  const chains = ["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"].map((name) => `:${name} ACCEPT [0:0]`);
  return ["*mangle", ...chains, `-A ${rule}`, "COMMIT", ""].join("\n");
}

/** Not of what the kernel itself tells its groups meanwhile. */
function leaving(words: string): string {
  return mangling(`POSTROUTING -m addrtype ! --dst-type MULTICAST ${words} -j DROP`);
}

agreeOnIptables("iptables: packets that are forwarded have no socket, and IPsec has nothing to do with them", [
  ...cases(ARRIVED, FAMILIES, inFilter),
  ...cases(HELPERS, FAMILIES, (words) => inFilter(words, ["FORWARD"])),
  ...cases(LEAVING, FAMILIES, leaving),
  ...cases(SOCKETS, FAMILIES, (words) => mangling(`PREROUTING ${words}`)),
]);

agreeOnIptables(
  "iptables: what is meant for a transparent proxy is dropped without one",
  FAMILIES.flatMap((family) =>
    PROXIES[family].flatMap((address) =>
      cases(
        ["tcp", "udp"].map((name) => `-p ${name} -j TPROXY --on-port 15001 ${address} --tproxy-mark 0x200/0xffffffff`),
        [family],
        (words) => mangling(`PREROUTING ${words}`),
      ),
    ),
  ),
);

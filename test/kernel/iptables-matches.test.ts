/** Every match of iptables, in the kernel and in the engine. Rules that match go to a chain of their own, which drops. */

import { agreeOnIptables } from "./iptables-rules.ts";
import { cases, FAMILIES, inFilter, inRaw } from "./iptables-variety.ts";
import type { Family } from "./services.ts";
import { CLIENT, POD } from "./world.ts";

agreeOnIptables("iptables: matches of headers", [
  ...cases(
    [
      `-s ${CLIENT.ip4}/32`,
      "-s 10.244.0.0/16",
      "! -s 10.244.0.0/16",
      `-s 10.244.0.0/16 -d ${POD.ip4}/32 -i pod1 -p tcp`,
      `! -d ${POD.ip4}/32`,
      "-p icmp -m icmp --icmp-type 8",
      "-p icmp -m icmp --icmp-type 17/0",
      "-p icmp -m icmp ! --icmp-type 8/0",
      "-p icmp -m icmp --icmp-type any",
      "-f",
      "! -f",
      "-m ttl --ttl-eq 64",
      "-m ttl ! --ttl-eq 80",
      "-m ttl --ttl-gt 70",
      "-m ttl --ttl-lt 64",
      "-m iprange --src-range 10.244.1.11-10.244.2.10",
      "-m iprange ! --dst-range 10.244.1.11-10.244.2.10",
      "-m addrtype --dst-type LOCAL",
      "-m addrtype ! --dst-type LOCAL",
      "-m addrtype --src-type UNICAST ! --dst-type LOCAL",
      "-m addrtype --dst-type LOCAL,BROADCAST",
      "-m addrtype --dst-type LOCAL --limit-iface-in",
    ],
    ["ip4"],
    inFilter,
  ),
  ...cases(
    [
      `-s ${CLIENT.ip6}/128`,
      "! -s fd00:244::/32",
      "-p ipv6-icmp -m icmp6 --icmpv6-type 128",
      "-p ipv6-icmp -m icmp6 ! --icmpv6-type 3/0",
      "-m hl --hl-eq 64",
      "-m hl ! --hl-eq 80",
      "-m hl --hl-gt 70",
      "-m hl --hl-lt 64",
      "-m iprange --src-range fd00:244:1::11-fd00:244:2::10",
      "-m addrtype --dst-type LOCAL",
    ],
    ["ip6"],
    inFilter,
  ),
  ...cases(
    [
      "-i eth0",
      "! -i pod+",
      "-p tcp",
      "! -p tcp",
      "-p udp",
      "-p tcp -m tcp",
      "-p tcp -m tcp --dport 80",
      "-p tcp -m tcp ! --dport 80",
      "-p tcp -m tcp --dport 80:443",
      "-p tcp -m tcp --sport 40080:40100 ! --dport 80",
      "-p udp -m udp --dport 22:85",
      "-p udp -m udp ! --sport 40080",
      "-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN",
      "-p tcp -m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN",
      "-p tcp -m tcp --tcp-flags FIN,SYN,RST,PSH,ACK,URG NONE",
      "-p tcp -m multiport --dports 22,80:85,443",
      "-p tcp -m multiport ! --dports 22,80:85,443",
      "-p udp -m multiport --sports 40022,40080",
      "-p tcp -m multiport --ports 40022,80",
      "-p tcp -m multiport ! --ports 40022,80",
      "-p tcp -m tcp --tcp-option 2",
      "-p tcp -m tcp ! --tcp-option 2",
      "-p tcp -m tcpmss --mss 1000:1400",
      "-m mac --mac-source 02:00:00:00:02:01",
      "-m mac ! --mac-source 02:00:00:00:02:01",
      "-m limit --limit 1/hour --limit-burst 7",
      "-m limit --limit 2/day",
      "-m length --length 40:100",
      "-m length ! --length 60:120",
      "-m pkttype --pkt-type unicast",
      "-m pkttype ! --pkt-type unicast",
      "-m tos --tos 0x10/0xff",
      "-m tos ! --tos 0x10/0x3f",
      "-m dscp --dscp 0x2e",
      "-m dscp ! --dscp 0x2e",
      "-m ecn --ecn-ip-ect 1",
      "-m ecn ! --ecn-ip-ect 1",
      "-p tcp -m ecn --ecn-tcp-ece",
      "-p tcp -m ecn ! --ecn-tcp-cwr",
      "-m mark --mark 0x0",
      "-m mark ! --mark 0x1/0xff",
      String.raw`-p tcp -m comment --comment "it\'s a \"comment\"" -m tcp --dport 22`,
    ],
    FAMILIES,
    inFilter,
  ),
  ...cases(["-m rpfilter --invert", "-m rpfilter", "-m rpfilter --loose --invert"], FAMILIES, inRaw),
]);

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

agreeOnIptables("iptables: matches of connections", [
  ...cases(
    [
      "-m conntrack --ctstate NEW",
      "-m conntrack --ctstate RELATED,ESTABLISHED",
      "-m conntrack ! --ctstate NEW",
      "-m conntrack --ctstate INVALID",
      "-m conntrack --ctstate SNAT,DNAT",
      "-m conntrack ! --ctstate NEW,DNAT",
      "-m conntrack --ctstatus CONFIRMED",
      "-m conntrack ! --ctstatus CONFIRMED",
      "-m conntrack --ctstatus SEEN_REPLY,ASSURED",
      "-m conntrack --ctdir ORIGINAL",
      "-m conntrack --ctproto 6",
      "-m conntrack ! --ctproto 17 --ctorigdstport 80:443",
      "-m conntrack ! --ctreplsrcport 80",
      "-m conntrack --ctstate NEW --ctdir ORIGINAL",
      "-m conntrack --ctstate INVALID --ctdir ORIGINAL",
      "-m state --state NEW",
      "-m state ! --state NEW",
      "-m connmark --mark 0x0",
      "-m connmark ! --mark 0x1/0x3",
    ],
    FAMILIES,
    inFilter,
  ),
  ...cases(
    ["-m conntrack --ctorigsrc 203.0.113.5", "-m conntrack --ctstate NEW ! --ctrepldst 203.0.113.0/24"],
    ["ip4"],
    inFilter,
  ),
  ...cases(
    [
      "-m statistic --mode nth --every 3 --packet 0",
      "-m statistic --mode nth --every 3 --packet 2",
      "-m statistic --mode nth ! --every 4 --packet 1",
    ],
    FAMILIES,
    inFilter,
  ),
]);

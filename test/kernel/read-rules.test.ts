/** nft writes one ruleset as text and as JSON; read from JSON and printed as text it must be nft's text again. */

import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";
import { readNftJson } from "../../src/ruleset/nft-json.ts";
import { rulesetText } from "../../src/ruleset/nft-text.ts";
import { describeKernel } from "../support/kernel.ts";

const SEPARATOR = "\n=====\n";

/** All that the ruleset can say, beyond what kube-proxy does. */
const RULES = `
table inet t {
  set names { type ifname; flags interval; elements = { "eth0", "veth*" } }
  set ports { type inet_service; flags interval; elements = { 1-5, 9, 11, 13, 15, 17 } }
  set seen { type ipv4_addr; size 100; flags dynamic,timeout; timeout 90061s; }
  map marks { type mark : verdict; elements = { 0x1 : drop, 0x2 : accept } }
  map targets { type ipv4_addr : ipv4_addr . inet_service; elements = { 1.1.1.1 : 1.2.3.4 . 80 } }
  chain side { }
  chain prerouting {
    type nat hook prerouting priority -95; policy accept;
    ct state established,related counter packets 3 bytes 4 accept
    ct state { established, new } accept
    ct state != new accept
    meta mark and 0x1 == 0x1 accept
    meta mark 0x1 accept
    meta mark set 0x10 ct mark set meta mark
    ip protocol icmp accept
    tcp dport { 80, 443 } accept
    tcp dport != 80-90 return
    th dport @ports continue
    udp dport 53 dnat ip to 1.2.3.4:53
    meta l4proto tcp dnat ip6 to [fd00::1]:53-60 random,persistent
    meta l4proto tcp redirect to :8080
    meta l4proto tcp dnat ip to ip daddr map @targets
    iif "lo" accept
    oifname { "eth0", "v*" } accept
    iifname "v*" accept
    iifname != @names accept
    add @seen { ip saddr timeout 5s }
    update @seen { ip saddr }
    fib saddr . iif oif missing drop
    fib daddr type { local, broadcast } accept
    ct direction original accept
    ct status snat,dnat accept
    meta pkttype broadcast accept
    meta length 5-10 accept
    meta mark vmap @marks
    numgen inc mod 4 offset 2 vmap { 2 : drop, 3-5 : accept }
    ip saddr . tcp dport { 1.2.3.4 . 80, 1.2.3.5 . 90 } accept
    icmp type echo-request accept
    tcp flags syn accept
    ip daddr vmap { 1.1.1.1 : jump side, 2.2.2.0/24 : drop }
    ip6 saddr fd00::/8 goto side comment "private"
  }
  chain input {
    type filter hook input priority 5; policy drop;
    meta l4proto tcp reject with tcp reset
    reject with icmp host-unreachable
    reject with icmpx admin-prohibited
    reject
  }
  chain postrouting {
    type nat hook postrouting priority 101; policy accept;
    meta l4proto tcp masquerade to :1024-2048 random,persistent
    snat ip to 1.2.3.4-1.2.3.8
    masquerade
  }
  chain raw {
    type filter hook output priority -299; policy accept;
    notrack
  }
}
table ip6 u {
  chain forward {
    type filter hook forward priority 0; policy accept;
    reject with icmpv6 no-route
    reject
  }
}
`;

describeKernel("rules read from nft's JSON", () => {
  it("print as nft's text", () => {
    const script = `nft -f - && nft list ruleset && printf '${SEPARATOR.replaceAll("\n", "\\n")}' && nft -j list ruleset`;
    const options = { input: RULES, encoding: "utf8", timeout: 30_000 } as const;
    const [text, json] = execFileSync("unshare", ["--net", "sh", "-c", script], options).split(SEPARATOR);
    const { ruleset, problems } = readNftJson(json ?? "", "nft");
    expect(problems).toEqual([]);
    expect(rulesetText(ruleset)).toBe(text);
  });
});

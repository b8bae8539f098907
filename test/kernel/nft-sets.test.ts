/** Sets and maps of all kinds, asked and filled by rules, in the kernel and in the engine. */

import { crowd } from "./crowd.ts";
import { agreeOnRules, type NftCase } from "./nft-agreement.ts";

function withSets(name: string, sets: string, rules: string): NftCase {
  const chain = `chain c {\n type filter hook forward priority 0;\n ${rules}\n counter\n }`;
  return { name, rules: `table inet t {\n ${sets}\n ${chain}\n}\n`, play: crowd };
}

agreeOnRules("sets and maps", [
  withSets(
    "concatenated ranges",
    `set s { type ipv4_addr . inet_service
       flags interval
       elements = { 203.0.113.0/24 . 80-443, 192.168.10.1 . 22, 10.244.2.0-10.244.2.20 . 8000-9000 }
     }`,
    "ip saddr . th dport @s counter drop",
  ),
  withSets(
    "concatenated ranges of many parts",
    `set s { type ipv6_addr . inet_proto . inet_service
       flags interval
       elements = { 2001:db8::/32 . tcp . 1-100, fd00:244:2::/64 . udp . 22, fd00:10::1 . 0-255 . 8080-9000 }
     }`,
    "ip6 saddr . meta l4proto . th dport @s counter drop\nip6 saddr . meta l4proto . th dport != @s counter",
  ),
  withSets(
    "a verdict map of concatenated ranges",
    `map m { type ipv4_addr . inet_service : verdict
       flags interval
       elements = { 203.0.113.0/24 . 80-443 : drop, 192.168.10.0/24 . 22-80 : accept, 10.244.0.0/16 . 9000 : continue }
     }`,
    "ip saddr . th dport vmap @m counter",
  ),
  withSets(
    "anonymous concatenated ranges",
    "",
    "ip saddr . ip daddr { 203.0.113.0/24 . 10.244.1.10, 10.244.2.10 . 10.244.1.0/24 } counter drop",
  ),
  withSets(
    "marks and interfaces in concatenated ranges",
    `set s { type ifname . mark . inet_service
       flags interval
       elements = { "eth0" . 0-5 . 22-80, "pod1" . 1-5 . 1-9999 }
     }`,
    "iifname . meta mark . th dport @s counter drop",
  ),
  withSets(
    "open intervals of marks, ports, protocols",
    `set p { type inet_service
       flags interval
       elements = { 0-22, 443, 9000-65535 }
     }
     set m { type mark
       flags interval
       elements = { 0x0-0x5, 0xffff0000-0xffffffff }
     }`,
    "th dport @p counter\nmeta mark @m th dport != @p counter drop",
  ),
  withSets(
    "an element for all others",
    `map m { type inet_service : verdict
       elements = { 80 : accept, * : drop }
     }`,
    "th dport vmap @m counter",
  ),
  withSets(
    "elements that time out later",
    `set s { type ipv4_addr
       flags timeout
       elements = { 203.0.113.5 timeout 1h, 10.244.2.10 }
     }`,
    "ip saddr @s counter drop",
  ),
  withSets(
    "a set that grows and is full",
    `set s { type ipv4_addr . inet_service
       size 4
       flags dynamic,timeout
       timeout 1h
     }`,
    "add @s { ip saddr . th dport } counter\nip saddr . th dport @s counter drop",
  ),
  withSets(
    "a limit for each sender",
    `set s { type ipv4_addr
       size 100
       flags dynamic
     }`,
    "add @s { ip saddr limit rate over 1/day burst 6 packets } counter drop",
  ),
  withSets(
    "a quota for each sender, refreshed",
    `set s { type ipv6_addr
       size 100
       flags dynamic,timeout
       timeout 1h
     }`,
    "update @s { ip6 saddr timeout 2h quota over 500 bytes } counter drop",
  ),
  withSets(
    "elements that count",
    `set s { type ipv4_addr
       size 100
       flags dynamic
       counter
     }`,
    "ip saddr 203.0.113.5 add @s { ip saddr } counter\nip saddr @s counter drop",
  ),
  withSets(
    "elements that are taken away again",
    `set s { type inet_service
       size 100
       flags dynamic
     }`,
    "tcp dport 22-100 add @s { tcp dport }\nudp dport @s counter\ntcp dport 443 delete @s { tcp sport }\nudp dport 80 delete @s { udp dport }",
  ),
  withSets(
    "a map that grows",
    `map m { type ipv4_addr : mark
       size 100
       flags dynamic,timeout
       timeout 1h
     }`,
    "meta mark set ip saddr map @m counter\nmeta mark 5 counter drop",
  ),
  withSets(
    "plain integers by the expression that they are of",
    `set s { typeof ip ttl
       elements = { 63, 5 }
     }`,
    "ip ttl @s counter drop",
  ),
]);

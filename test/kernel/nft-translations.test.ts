/** Translations in every form that nft has for them, in the kernel and in the engine. */

import { crowd } from "./crowd.ts";
import { agreeOnRules, type NftCase } from "./nft-agreement.ts";
import { NODE } from "./world.ts";

function nat(name: string, rules: string): NftCase {
  return {
    name,
    rules: `table inet t {\n chain pre {\n type nat hook prerouting priority -100;\n ${rules}\n }\n}\n`,
    play: crowd,
  };
}

function snat(name: string, rules: string): NftCase {
  return {
    name,
    rules: `table inet t {\n chain post {\n type nat hook postrouting priority 100;\n ${rules}\n }\n}\n`,
    play: crowd,
  };
}

agreeOnRules("translations", [
  nat("to an address", "dnat ip to 10.244.1.11"),
  nat(
    "to an address and a port",
    "meta l4proto udp dnat ip to 10.244.1.11:99\nmeta l4proto tcp dnat ip6 to [fd00:244:1::11]:99",
  ),
  nat("to a port of a map", "tcp dport 80 dnat ip to 10.244.1.11:tcp dport map { 80 : 8080 }"),
  nat("to an address of a map", "dnat ip to th dport map { 80 : 10.244.1.11, 443 : 10.244.2.10 }"),
  nat("to an address and port of a map", "meta l4proto tcp dnat ip to tcp dport map { 80 : 10.244.1.11 . 8080 }"),
  nat("by a hash", "dnat ip to jhash ip saddr . th sport mod 2 seed 0x5 map { 0 : 10.244.1.10, 1 : 10.244.1.11 }"),
  nat("to a prefix", "dnat ip prefix to ip daddr map { 10.244.1.0/24 : 10.244.2.0/24 }"),
  nat("to the prefix of the rule", "ip daddr 10.244.1.0/24 dnat ip prefix to 10.244.2.0/24"),
  nat("to the node", "tcp dport 80 redirect to :81\nudp dport 80 redirect"),
  nat("to the node, by a map", "meta l4proto tcp redirect to :tcp dport map { 80 : 81, 443 : 444 }"),
  snat("an address of a range", "snat ip to 192.168.10.60-192.168.10.63"),
  snat("an address of a range, always the same", "snat ip to 192.168.10.60-192.168.10.67 persistent"),
  snat("an address of a map", "snat ip to ip saddr map { 203.0.113.5 : 192.168.10.60, 10.244.2.10 : 192.168.10.61 }"),
  snat("addresses of a prefix", "snat ip prefix to ip saddr map { 203.0.113.0/24 : 192.168.77.0/24 }"),
  snat("ports of a range", "meta l4proto udp snat ip to 192.168.10.60:5000-5003"),
  snat("masquerading", `ip saddr != ${NODE.ip4} masquerade`),
]);

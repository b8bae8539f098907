/** Translations: masquerading, ranges of ports and addresses, redirects, hairpins, and nothing but null bindings. */

/** Few source ports, fresh draws, and the address of whatever link it is. */
export const MASQUERADE = `
table inet nat {
  chain prerouting {
    type nat hook prerouting priority -100; policy accept;
    ip daddr 192.168.10.11 meta l4proto { tcp, udp, sctp } th dport 7000-7006 counter dnat ip to 10.244.1.10
    ip6 daddr fd00:10::11 meta l4proto { tcp, udp, sctp } th dport 7000-7006 counter dnat ip6 to fd00:244:1::10
  }
  chain postrouting {
    type nat hook postrouting priority 100; policy accept;
    oifname "pod0" meta l4proto { tcp, udp, sctp } th dport 7000 counter masquerade to :40000-40003
    oifname "pod0" meta l4proto { tcp, udp, sctp } th dport 7001 counter masquerade to :500-700
    oifname "pod0" meta l4proto { tcp, udp } th dport 7002 counter masquerade fully-random
    oifname "pod0" meta l4proto { tcp, udp } th dport 7003 counter masquerade random
    oifname "pod0" meta l4proto { tcp, udp, sctp } th dport 7004 counter masquerade to :5000-5015 fully-random
    oifname "pod0" meta l4proto { tcp, udp, sctp } th dport 7005 counter masquerade to :40000
    oifname "pod0" meta l4proto { icmp, ipv6-icmp } counter masquerade
    oifname { "eth0", "pod1" } counter masquerade
  }
}`;

/**
 * Sources and destinations out of ranges, persistently or not. Which ports of a range are left must not depend on a
 * destination that was drawn, because a packet for which none is left does not show what that was.
 */
export const RANGES = `
table inet nat {
  chain prerouting {
    type nat hook prerouting priority -100; policy accept;
    ip daddr 192.168.10.11 meta l4proto { tcp, udp, sctp } th dport 7000 counter dnat ip to 10.244.1.10-10.244.1.11
    ip daddr 192.168.10.11 meta l4proto { tcp, udp, sctp } th dport 7001 counter dnat ip to 10.244.1.10:8080-8083
    ip daddr 192.168.10.11 meta l4proto { tcp, udp, sctp } th dport 7002 counter dnat ip to 10.244.1.10-10.244.1.11:8080-8081 persistent
    ip daddr 192.168.10.11 meta l4proto { tcp, udp } th dport 7003 counter dnat ip to 10.244.1.10:9080-9099 random
    ip daddr 192.168.10.11 meta l4proto { tcp, udp } th dport 7004 counter dnat ip to 10.244.1.10:8080
    ip6 daddr fd00:10::11 meta l4proto { tcp, udp, sctp } th dport 7000 counter dnat ip6 to fd00:244:1::10-fd00:244:1::11
    ip6 daddr fd00:10::11 meta l4proto { tcp, udp, sctp } th dport 7001 counter dnat ip6 to [fd00:244:1::10]:8080-8083
    ip6 daddr fd00:10::11 meta l4proto { tcp, udp, sctp } th dport 7002 counter dnat ip6 to [fd00:244:1::10]-[fd00:244:1::11]:8080-8081 persistent
    ip6 daddr fd00:10::11 meta l4proto { tcp, udp } th dport 7003 counter dnat ip6 to [fd00:244:1::10]:9080-9099 random
    ip6 daddr fd00:10::11 meta l4proto { tcp, udp } th dport 7004 counter dnat ip6 to [fd00:244:1::10]:8080
  }
  chain postrouting {
    type nat hook postrouting priority 100; policy accept;
    oifname "pod0" meta l4proto { tcp, udp, sctp } th dport != 9080-9099 ip saddr 203.0.113.0/25 counter snat ip to 198.51.100.1-198.51.100.3:40000-40003
    oifname "pod0" ip saddr 203.0.113.128/25 counter snat ip to 198.51.100.8-198.51.100.15 persistent
    oifname "pod1" ip saddr 203.0.113.0/24 counter snat ip to 198.51.100.77-198.51.100.80
    oifname "pod0" meta l4proto { tcp, udp, sctp } th dport != 9080-9099 ip6 saddr 2001:db8::/121 counter snat ip6 to [2001:db8:1::1]-[2001:db8:1::3]:40000-40003
    oifname "pod0" ip6 saddr 2001:db8::80/121 counter snat ip6 to 2001:db8:1::8-2001:db8:1::f persistent
    oifname "pod1" ip6 saddr 2001:db8::/64 counter snat ip6 to 2001:db8:1::77-2001:db8:2::3
    oifname "eth0" meta l4proto { tcp, udp } counter snat ip to 192.168.10.11:30000-30007 random
    oifname "eth0" counter snat ip6 to fd00:10::11
  }
}`;

/** Networks that are others, host by host: by the rule's own prefix, and by those of maps. */
export const PREFIXES = `
table inet nat {
  chain prerouting {
    type nat hook prerouting priority -100; policy accept;
    ip daddr 198.51.100.0/24 meta l4proto { udp, icmp } counter dnat ip prefix to 10.244.1.0/24
    counter dnat ip prefix to ip daddr map { 198.51.100.0/25 : 10.244.1.0/25, 198.51.100.128/25 : 10.244.2.128/25 }
    ip6 daddr 2001:db8:1::/64 meta l4proto { udp, ipv6-icmp } counter dnat ip6 prefix to fd00:244:1::/64
    counter dnat ip6 prefix to ip6 daddr map { 2001:db8:1::/65 : fd00:244:1::/65, 2001:db8:2::/64 : fd00:244:2::/64 }
  }
  chain postrouting {
    type nat hook postrouting priority 100; policy accept;
    oifname "eth0" ip saddr 10.244.1.0/24 counter snat ip prefix to 198.51.100.0/24
    oifname "eth0" ip6 saddr fd00:244:1::/64 counter snat ip6 prefix to 2001:db8:1::/64
    oifname "pod0" counter snat ip prefix to ip saddr map { 203.0.113.0/25 : 198.18.7.0/25, 203.0.113.128/25 : 198.18.7.0/25 }
    oifname "pod0" counter snat ip6 prefix to ip6 saddr map { 2001:db8::/121 : fd00:77::/121, 2001:db8::80/121 : fd00:77::/121 }
  }
}`;

/** To the node itself, on other ports. Nothing listens there. */
export const REDIRECT = `
table inet nat {
  chain prerouting {
    type nat hook prerouting priority -100; policy accept;
    meta l4proto { tcp, udp, sctp } th dport 7000 counter redirect
    meta l4proto { tcp, udp, sctp } th dport 7001 counter redirect to :7010
    meta l4proto { tcp, udp, sctp } th dport 7002 counter redirect to :7010-7013
    meta l4proto { tcp, udp } th dport 7003 counter redirect to :7020-7040 random
    iifname "pod0" meta l4proto icmp counter redirect
  }
  chain input {
    type nat hook input priority 100; policy accept;
    ip saddr 203.0.113.0/26 meta l4proto { tcp, udp, sctp } th dport 7010 counter snat ip to 192.0.2.7
    ip6 saddr 2001:db8::/122 meta l4proto { tcp, udp, sctp } th dport 7010 counter snat ip6 to 2001:db8:7::7
  }
}`;

/** Pods that reach themselves and each other through the node's address; pods' source ports against its own ones. */
export const HAIRPIN = `
table inet nat {
  chain prerouting {
    type nat hook prerouting priority -100; policy accept;
    ip daddr { 192.168.10.11, 198.51.100.1 } meta l4proto { tcp, udp, sctp } th dport vmap { 7000 : jump web, 7001 : jump narrow, 40000 : jump web }
    ip6 daddr { fd00:10::11, 2001:db8:1::1 } meta l4proto { tcp, udp, sctp } th dport vmap { 7000 : jump web, 7001 : jump narrow, 40000 : jump web }
  }
  chain web {
    meta nfproto ipv4 meta l4proto { tcp, udp, sctp } counter dnat ip to 10.244.1.10:8080
    meta nfproto ipv6 meta l4proto { tcp, udp, sctp } counter dnat ip6 to [fd00:244:1::10]:8080
  }
  chain narrow {
    meta nfproto ipv4 meta l4proto { tcp, udp, sctp } counter dnat ip to 10.244.2.10:8080
    meta nfproto ipv6 meta l4proto { tcp, udp, sctp } counter dnat ip6 to [fd00:244:2::10]:8080
  }
  chain postrouting {
    type nat hook postrouting priority 100; policy accept;
    ct status dnat ip saddr 10.244.0.0/16 ip daddr 10.244.0.0/16 counter masquerade
    ct status dnat ip6 saddr fd00:244::/32 ip6 daddr fd00:244::/32 counter masquerade
    oifname "eth0" ip saddr 10.244.0.0/16 counter masquerade
    oifname "eth0" ip6 saddr fd00:244::/32 counter masquerade
  }
}`;

/** A single empty nat chain, and something that asks conntrack: nothing is translated but what clashes. */
export const NULL_BINDINGS = `
table inet nat {
  chain prerouting {
    type nat hook prerouting priority -100; policy accept;
  }
  chain forward {
    type filter hook forward priority 0; policy accept;
    ct state established counter
  }
}`;

/** A NAT chain that nothing fills does not make anybody track. */
export const EMPTY_NAT = `
table inet nat {
  chain prerouting {
    type nat hook prerouting priority -100; policy accept;
  }
}`;

/** Filters: what is refused and how, what is not tracked, what is marked, and a node without any rules. */

/** Every way to refuse, in both directions; what conntrack calls invalid gets a reset, or nothing. */
export const REFUSING = `
table inet filter {
  chain refuse {
    meta l4proto tcp th dport 9000 counter reject with tcp reset
    meta l4proto { tcp, udp, sctp } th dport 9001 counter reject with icmpx admin-prohibited
    meta l4proto { tcp, udp, sctp } th dport 9002 counter reject with icmpx no-route
    meta l4proto { tcp, udp, sctp } th dport 9003 counter reject with icmpx host-unreachable
    meta l4proto { tcp, udp, sctp } th dport 9004 counter reject
    meta l4proto { tcp, udp, sctp } th dport 9005 counter reject with icmp net-unreachable
    meta l4proto { tcp, udp, sctp } th dport 9006 counter reject with icmp prot-unreachable
    meta l4proto { tcp, udp, sctp } th dport 9007 counter reject with icmp net-prohibited
    meta l4proto { tcp, udp, sctp } th dport 9008 counter reject with icmp host-prohibited
    meta l4proto { tcp, udp, sctp } th dport 9009 counter reject with icmp host-unreachable
    meta l4proto { tcp, udp, sctp } th dport 9005 counter reject with icmpv6 no-route
    meta l4proto { tcp, udp, sctp } th dport 9006 counter reject with icmpv6 addr-unreachable
    meta l4proto { tcp, udp, sctp } th dport 9007 counter reject with icmpv6 policy-fail
    meta l4proto { tcp, udp, sctp } th dport 9008 counter reject with icmpv6 reject-route
    meta l4proto { tcp, udp, sctp } th dport 9009 counter reject with icmpv6 admin-prohibited
    icmp type echo-request meta length 100-199 counter reject with icmp admin-prohibited
    icmpv6 type echo-request meta length 100-199 counter reject with icmpv6 port-unreachable
  }
  chain forward {
    type filter hook forward priority 0; policy accept;
    ct state established,related counter accept
    ct state invalid meta l4proto tcp counter reject with tcp reset
    ct state invalid counter drop
    ct state new counter jump refuse
    iifname "pod1" meta l4proto udp counter reject with icmpx port-unreachable
  }
  chain input {
    type filter hook input priority 0; policy accept;
    ct state established counter
    ct state related counter accept
    ct state invalid meta l4proto tcp counter reject with tcp reset
    counter jump refuse
  }
  chain output {
    type filter hook output priority 0; policy accept;
    meta l4proto { tcp, icmp } ct state related counter
    meta l4proto tcp counter
  }
}`;

/** Some of the traffic is not tracked, one direction or both, and some of it is translated all the same. */
export const NOTRACK = `
table inet raw {
  chain prerouting {
    type filter hook prerouting priority -300; policy accept;
    meta l4proto { tcp, udp, sctp } th dport 7001 counter notrack
    meta l4proto { tcp, udp, sctp } th sport 7001 counter notrack
    meta l4proto { tcp, udp, sctp } th dport 7002 counter notrack
    ip saddr 203.0.113.0/27 counter notrack
    ip6 saddr 2001:db8::/123 counter notrack
    icmp type { echo-request, destination-unreachable } meta length 28-60 counter notrack
  }
  chain output {
    type filter hook output priority -300; policy accept;
    meta l4proto icmp counter notrack
  }
}
table inet nat {
  chain prerouting {
    type nat hook prerouting priority -100; policy accept;
    meta l4proto { tcp, udp, sctp } th dport 7000-7003 counter dnat ip to 10.244.1.10
    meta l4proto { tcp, udp, sctp } th dport 7000-7003 counter dnat ip6 to fd00:244:1::10
  }
  chain postrouting {
    type nat hook postrouting priority 100; policy accept;
    counter masquerade
  }
}
table inet filter {
  chain forward {
    type filter hook forward priority 0; policy accept;
    ct state untracked counter accept
    ct state invalid counter drop
    ct state established,related counter accept
    ct state new counter
  }
}`;

/** Marks that go from packets to connections and back, and decide about translations and refusals. */
export const MARKS = `
table inet mangle {
  chain prerouting {
    type filter hook prerouting priority -150; policy accept;
    meta mark set ct mark
    meta mark != 0x0 counter accept
    meta l4proto { tcp, udp, sctp } th dport 7000 counter meta mark set 0x11
    meta l4proto { tcp, udp, sctp } th dport 7001 counter meta mark set 0x12
    meta l4proto { tcp, udp, sctp } th dport 7002 counter meta mark set 0x21
    meta l4proto { tcp, udp, sctp } th dport 7003 counter meta mark set 0x40
    iifname "pod1" counter meta mark set meta mark or 0x80
    ct mark set meta mark
  }
  chain postrouting {
    type filter hook postrouting priority -150; policy accept;
    ct state new meta mark and 0x40 == 0x40 counter ct mark set 0x41
    ct mark 0x41 counter
    meta mark 0x80 counter ct mark set ct mark and 0xf
  }
}
table inet nat {
  chain prerouting {
    type nat hook prerouting priority -100; policy accept;
    meta mark and 0x1 == 0x1 meta l4proto { tcp, udp, sctp } counter dnat ip to 10.244.1.10:8080
    meta mark and 0x1 == 0x1 meta l4proto { tcp, udp, sctp } counter dnat ip6 to [fd00:244:1::10]:8080
    meta mark and 0x2 == 0x2 meta l4proto { tcp, udp, sctp } counter dnat ip to 10.244.2.10:8080
    meta mark and 0x2 == 0x2 meta l4proto { tcp, udp, sctp } counter dnat ip6 to [fd00:244:2::10]:8080
  }
  chain postrouting {
    type nat hook postrouting priority 100; policy accept;
    meta mark and 0x10 == 0x10 counter masquerade
    meta mark and 0x20 == 0x20 meta l4proto { tcp, udp, sctp } counter masquerade to :40000-40010
  }
}
table inet filter {
  chain forward {
    type filter hook forward priority 0; policy accept;
    ct mark 0x40 counter reject with icmpx admin-prohibited
    ct mark 0x41 counter drop
    meta mark 0x80-0x8f counter
  }
}`;

/** Only the states are looked at, so there is tracking and no NAT. */
export const TRACKING = `
table inet filter {
  chain prerouting {
    type filter hook prerouting priority 0; policy accept;
    ct state new counter
    ct state established counter
    ct state related counter
    ct state invalid counter
    ct direction original ct state established counter
    ct direction reply counter
    ct status assured counter
    ct status seen-reply counter
    ct status confirmed counter
  }
}`;

/** Nothing: fragments pass one by one, nobody tracks. */
export const NO_RULES = "";

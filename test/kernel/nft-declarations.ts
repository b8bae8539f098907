/** What tables hold besides chains, with all that nft has words for. */

/** Objects, sets and maps of a table of family inet. */
export const DECLARATIONS = `
  counter c1 {
    comment "cc"
    packets 5 bytes 10
  }

  counter c2 {
    packets 0 bytes 0
  }

  quota q1 {
    over 10 mbytes used 3 kbytes
  }

  quota q2 {
    25 mbytes
  }

  limit l1 {
    rate 10/second burst 7 packets
  }

  limit l2 {
    rate over 1 mbytes/second burst 500 kbytes
  }

  limit l3 {
    rate 400/minute
  }

  ct helper h1 {
    type "ftp" protocol tcp
    l3proto ip
  }

  ct timeout ct1 {
    protocol tcp
    l3proto ip
    policy = { established : 120, close : 20 }
  }

  ct expectation e1 {
    protocol udp
    dport 9876
    timeout 2m
    size 12
    l3proto ip
  }

  synproxy s1 {
    mss 1460
    wscale 7
    timestamp sack-perm
  }

  set a {
    type ipv4_addr
    flags interval
    elements = { 1.2.3.4 comment "x", 10.0.0.0/8,
           192.168.1.1-192.168.1.9 }
  }

  set b {
    type ipv4_addr . inet_service
    flags interval
    elements = { 10.0.0.0/8 . 80-90,
           1.2.3.4 . 53 }
  }

  set c {
    type ipv4_addr
    size 100
    flags dynamic,timeout
    timeout 1m
    gc-interval 10s
  }

  set c2 {
    type ipv4_addr
    size 100
    flags dynamic
    counter
  }

  set d {
    type ipv4_addr . inet_service
    elements = { 1.1.1.1 . 5 }
  }

  set d2 {
    type inet_proto . inet_service
    elements = { tcp . 5 }
  }

  set e {
    type ipv4_addr
    flags timeout
    elements = { 1.2.3.4 timeout 1h expires 30m, 1.2.3.5 }
  }

  set f {
    type inet_service
    flags interval
    elements = { 22, 1024-65535 }
  }

  set g {
    type ether_addr
    elements = { 00:11:22:33:44:55 }
  }

  set hh {
    type ifname
    flags interval
    elements = { "eth*",
           "lo" }
  }

  set ii {
    type mark
    flags interval
    elements = { 0x00000007, 0x00000010-0x00000020 }
  }

  set jj {
    type icmp_type
    elements = { destination-unreachable,
           echo-request }
  }

  set kk {
    type pkt_type
    elements = { host }
  }

  set vlans {
    typeof vlan id
    elements = { 5 }
  }

  set mm {
    type dscp
    elements = { cs1,
           ef }
  }

  set nn {
    type ct_state
    elements = { new }
  }

  set oo {
    type iface_index
    elements = { "lo" }
  }

  set p6 {
    type ipv6_addr
    flags interval
    elements = { ::/0 }
  }

  map m1 {
    type ipv4_addr : verdict
    elements = { 1.1.1.1 : accept, 2.2.2.2 : jump other }
  }

  map m2 {
    type inet_service : ipv4_addr
    flags interval
    elements = { 1-10 : 1.1.1.1, 20 : 2.2.2.2 }
  }

  map m3 {
    type ipv4_addr : mark
    size 5
    flags dynamic
  }

  map m4 {
    type inet_service : ipv4_addr . inet_service
    elements = { 80 : 1.1.1.1 . 8080 }
  }

  map m5 {
    type ipv4_addr : counter
    elements = { 1.1.1.1 : "c1" }
  }

  map m6 {
    type ipv4_addr . inet_service : verdict
    flags interval
    elements = { 10.0.0.0/8 . 1-9 : drop }
  }

  map m7 {
    type ipv4_addr : interval ipv4_addr
    flags interval
    elements = { 10.1.1.0/24 : 192.168.1.0/24 }
  }
`;

/** Which ICMP messages ask and which answer (nf_conntrack_proto_icmp.c, nf_conntrack_proto_icmpv6.c). */

import * as Wire from "../layout/wire";

/** The type that answers, or that is answered by, an ICMPv4 type; negative: neither. */
export function invertedIcmp4(type: u32): i32 {
  if (type == Wire.ICMP4_ECHO) return Wire.ICMP4_ECHO_REPLY;
  if (type == Wire.ICMP4_ECHO_REPLY) return Wire.ICMP4_ECHO;
  if (type < Wire.ICMP4_TIMESTAMP || type > Wire.ICMP4_ADDRESS_MASK_REPLY) return -1;
  // The other queries, 13 to 18, are pairs of an odd request and the even reply after it.
  return type & 1 ? type + 1 : type - 1;
}

/** The same for ICMPv6: echo and node information (RFC 4620). */
export function invertedIcmp6(type: u32): i32 {
  if (type == Wire.ICMP6_ECHO) return Wire.ICMP6_ECHO_REPLY;
  if (type == Wire.ICMP6_ECHO_REPLY) return Wire.ICMP6_ECHO;
  if (type == Wire.ICMP6_NODE_QUERY) return Wire.ICMP6_NODE_REPLY;
  if (type == Wire.ICMP6_NODE_REPLY) return Wire.ICMP6_NODE_QUERY;
  return -1;
}

/** Requests of ICMPv4: only they start a connection. */
export function isIcmp4Request(type: u32): bool {
  return type == Wire.ICMP4_ECHO || (type >= Wire.ICMP4_TIMESTAMP && type <= Wire.ICMP4_ADDRESS_MASK && (type & 1) == 1);
}

export function isIcmp6Request(type: u32): bool {
  return type == Wire.ICMP6_ECHO || type == Wire.ICMP6_NODE_QUERY;
}

/** Neighbour discovery, group membership and what finds multicast routers (RFC 4286) are not tracked at all. */
export function isIcmp6Untracked(type: u32): bool {
  if (type >= Wire.ICMP6_LISTENER_QUERY && type <= Wire.ICMP6_NEIGHBOUR_ADVERTISEMENT) return true;
  if (type == Wire.ICMP6_LISTENER_REPORT2) return true;
  return type == Wire.ICMP6_MULTICAST_ROUTER || type == Wire.ICMP6_MULTICAST_ROUTER_SOLICITATION;
}

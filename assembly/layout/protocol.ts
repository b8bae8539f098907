/** Numbers of the protocols on the wire, from the IANA registries. Ethernet types are in network order where named so. */

export const ICMP: u32 = 1;
export const IGMP: u32 = 2;
export const TCP: u32 = 6;
export const UDP: u32 = 17;
export const GRE: u32 = 47;
export const ESP: u32 = 50;
export const AH: u32 = 51;
export const ICMP6: u32 = 58;
export const SCTP: u32 = 132;
export const UDPLITE: u32 = 136;

export const HOP_BY_HOP: u32 = 0;
export const ROUTING: u32 = 43;
export const FRAGMENT: u32 = 44;
export const NO_NEXT_HEADER: u32 = 59;
export const DESTINATION_OPTIONS: u32 = 60;
export const MOBILITY: u32 = 135;

export const ETHERTYPE_IP4: u32 = 0x0800;
export const ETHERTYPE_IP6: u32 = 0x86dd;
export const ETHERTYPE_VLAN: u32 = 0x8100;
export const ETHERTYPE_QINQ: u32 = 0x88a8;
export const ETHERTYPE_QINQ_OLD: u32 = 0x9100;

export const LINKTYPE_NULL: u32 = 0;
export const LINKTYPE_ETHERNET: u32 = 1;
export const LINKTYPE_RAW_BSD: u32 = 12;
export const LINKTYPE_RAW_OPENBSD: u32 = 14;
export const LINKTYPE_RAW: u32 = 101;
export const LINKTYPE_LOOP: u32 = 108;
export const LINKTYPE_LINUX_SLL: u32 = 113;
export const LINKTYPE_IP4: u32 = 228;
export const LINKTYPE_IP6: u32 = 229;
export const LINKTYPE_NFLOG: u32 = 239;
export const LINKTYPE_LINUX_SLL2: u32 = 276;

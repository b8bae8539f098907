/** Link headers, as https://www.tcpdump.org/linktypes.html describes them. All fields in network order but where said. */

/** Ethernet: destination, source, type. */
export const ETHERNET_DST: u32 = 0; //         6 bytes
export const ETHERNET_SRC: u32 = 6; //         6 bytes
export const ETHERNET_TYPE: u32 = 12; //       u16
export const ETHERNET_SIZE: u32 = 14;
export const MAC_BYTES: u32 = 6;
/** Bit of the first byte of a link address that marks a group. */
export const GROUP_BIT: u32 = 1;

/** A VLAN tag follows the type that announces it: tag control, then the next type. */
export const VLAN_TYPE: u32 = 2; //            u16
export const VLAN_SIZE: u32 = 4;
/** More tags than any link carries. */
export const VLAN_TAGS_MAX: u32 = 8;

/** Linux cooked, version 1. */
export const SLL_PACKET_TYPE: u32 = 0; //      u16  PACKET_*
export const SLL_TYPE: u32 = 14; //            u16  an Ethernet type
export const SLL_SIZE: u32 = 16;

/** Linux cooked, version 2. */
export const SLL2_TYPE: u32 = 0; //            u16
export const SLL2_PACKET_TYPE: u32 = 10; //    u8
export const SLL2_SIZE: u32 = 20;

/** PACKET_* of linux/if_packet.h. */
export const PACKET_BROADCAST: u32 = 1;
export const PACKET_MULTICAST: u32 = 2;
export const PACKET_OTHER_HOST: u32 = 3;
export const PACKET_OUTGOING: u32 = 4;

/** BSD loopback: an address family, in the capturing machine's order (NULL) or in network order (LOOP). */
export const LOOPBACK_SIZE: u32 = 4;
export const FAMILY_IP4: u32 = 2;
/** AF_INET6 of Linux, NetBSD and OpenBSD, FreeBSD, Darwin. */
export const FAMILY_IP6_LINUX: u32 = 10;
export const FAMILY_IP6_NETBSD: u32 = 24;
export const FAMILY_IP6_FREEBSD: u32 = 28;
export const FAMILY_IP6_DARWIN: u32 = 30;

/** NFLOG: family, version, resource id, then attributes: u16 bytes, u16 type, in the capturing machine's order. */
export const NFLOG_SIZE: u32 = 4;
export const NFLOG_FAMILY: u32 = 0; //         u8
export const NFLOG_VERSION: u32 = 1; //        u8   0
export const ATTRIBUTE_BYTES: u32 = 0;
export const ATTRIBUTE_TYPE: u32 = 2;
export const ATTRIBUTE_SIZE: u32 = 4;
export const NFULA_PAYLOAD: u32 = 9;

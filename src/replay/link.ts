/** How long the link header of a frame is that the engine has written. */

import {
  ETHERTYPE_QINQ,
  ETHERTYPE_VLAN,
  LINKTYPE_ETHERNET,
  LINKTYPE_LINUX_SLL,
  LINKTYPE_LINUX_SLL2,
  LINKTYPE_LOOP,
  LINKTYPE_NULL,
} from "../../assembly/layout/protocol.ts";

const ETHERNET_BYTES = 14;
const VLAN_BYTES = 4;
const FIXED_BYTES: Readonly<Record<number, number>> = {
  [LINKTYPE_NULL]: 4,
  [LINKTYPE_LOOP]: 4,
  [LINKTYPE_LINUX_SLL]: 16,
  [LINKTYPE_LINUX_SLL2]: 20,
};

export function linkBytesOf(linkType: number, frame: Uint8Array): number {
  if (linkType !== LINKTYPE_ETHERNET) return FIXED_BYTES[linkType] ?? 0;
  let bytes = ETHERNET_BYTES;
  for (
    let type = typeAt(frame, bytes);
    type === ETHERTYPE_VLAN || type === ETHERTYPE_QINQ;
    type = typeAt(frame, bytes)
  ) {
    bytes += VLAN_BYTES;
  }
  return bytes;
}

/** The type stands in the last two bytes of the header so far. */
function typeAt(frame: Uint8Array, headerBytes: number): number {
  return ((frame[headerBytes - 2] ?? 0) << 8) | (frame[headerBytes - 1] ?? 0);
}

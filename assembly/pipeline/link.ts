/** What the link layer has to say before IP is looked at: whose frame it is, and by which interface it came in. */

import * as Descriptor from "../layout/descriptor";
import * as Link from "../layout/link";
import * as Program from "../layout/program";
import * as Protocol from "../layout/protocol";
import * as Verdict from "../layout/verdict";
import { srcAddress } from "../answer/header";
import { Packet } from "../packet";
import { lookupRoute } from "../route/lookup";
import { interfaceAt, programHas } from "./program";

/** REASON_NONE, or why no IP packet is to be seen in this frame. */
export function refusedFrame(packet: Packet): u32 {
  const flags = packet.flags;
  if ((flags & Descriptor.FLAG_LINK_ERROR) != 0) {
    return flags & Descriptor.FLAG_NOT_IP ? Verdict.REASON_LINK_UNSUPPORTED : Verdict.REASON_LINK_TRUNCATED;
  }
  return flags & Descriptor.FLAG_NOT_IP ? Verdict.REASON_NOT_IP : Verdict.REASON_NONE;
}

/** Whether the link header says that the frame is for somebody else (PACKET_OTHERHOST). */
export function isForOther(packet: Packet): bool {
  if (!programHas(Program.PROGRAM_LINK_ADDRESSES)) return false;
  if ((packet.flags & Descriptor.FLAG_OTHER_HOST) != 0) return true;
  if ((packet.flags & Descriptor.FLAG_MULTICAST) != 0) return false;
  return isForOtherMac(packet.frame, packet.linkType, packet.inInterface);
}

/** Whether a frame to one station is to another than the interface on which it came, as far as that is known. */
export function isForOtherMac(frame: usize, linkType: u32, inInterface: u32): bool {
  if (!programHas(Program.PROGRAM_LINK_ADDRESSES)) return false;
  if (linkType != Protocol.LINKTYPE_ETHERNET || inInterface == Descriptor.NO_INTERFACE) return false;
  const arrived = interfaceAt(inInterface);
  if ((load<u32>(arrived, Program.INTERFACE_FLAGS) & Program.INTERFACE_HAS_MAC) == 0) return false;
  return (
    load<u32>(frame, Link.ETHERNET_DST) != load<u32>(arrived, Program.INTERFACE_MAC) ||
    load<u16>(frame, Link.ETHERNET_DST + 4) != load<u16>(arrived, Program.INTERFACE_MAC + 4)
  );
}

/**
 * The interface that IP sees: a bridge takes the place of its port. A capture that does not name an interface was taken
 * where packets from such a source come in.
 */
export function enterInterface(packet: Packet): void {
  if (packet.inInterface == Descriptor.NO_INTERFACE) return;
  const master: u32 = load<u16>(interfaceAt(packet.inInterface), Program.INTERFACE_MASTER);
  if (master != Descriptor.NO_INTERFACE) packet.inInterface = master;
}

/** Derives the way in from the route to the packet's source, where the capture does not tell it. */
export function deriveInterface(packet: Packet): void {
  if (packet.inInterface != Descriptor.NO_INTERFACE) return;
  const route = lookupRoute(packet.family, srcAddress(packet));
  if (route != 0) packet.inInterface = load<u16>(route, Program.ROUTE_INTERFACE);
}

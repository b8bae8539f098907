/**
 * Redirects that the node makes and its own NAT drops. A redirect belongs to the connection of the packet it is about
 * (nf_ct_attach) and is made before that packet reaches POSTROUTING, so it passes only if the connection has been bound
 * before, and to no translation (nf_nat_icmp_reply_translation). The kernel limits their rate, so the engine makes none;
 * --from-host shows them on their way to the NAT step.
 */

import * as Engine from "../layout/engine";
import * as Protocol from "../layout/protocol";
import * as Wire from "../layout/wire";
import { hasFlag } from "../memory/engine";
import { mayRedirect } from "../nat/error";
import { Packet } from "../packet";
import { keyDigest } from "./digest";
import { quotedPacket } from "./quoted";

/** A power of two. The node makes a redirect at once, so few can be under way. */
const RECENT_MAX: u32 = 256;

/** Digests of the packets; 0: nobody's. */
const digests: usize = memory.data(256 * 4, 64);
let next: u32 = 0;

/** The node may redirect the packet, and what it sends is being followed: each such packet is looked at. */
export function isRedirectable(packet: Packet): bool {
  return packet.family == 4 && packet.outInterface == packet.inInterface && hasFlag(Engine.ENGINE_FOLLOW);
}

/** Notes a packet about to leave where it came in, if a redirect about it would not get out. */
export function rememberRedirected(packet: Packet): void {
  if (!isRedirectable(packet) || packet.connection == 0 || mayRedirect(packet.connection)) return;
  store<u32>(digests + (<usize>next << 2), keyDigest(packet));
  next = (next + 1) & (RECENT_MAX - 1);
}

/** Whether a parsed packet of the node's own is a redirect about such a packet. */
export function isRefusedRedirect(packet: Packet): bool {
  if (packet.family != 4 || packet.protocol != Protocol.ICMP) return false;
  if (load<u8>(packet.address + packet.transport) != Wire.ICMP4_REDIRECT) return false;
  const quoted = quotedPacket(packet);
  if (quoted == null) return false;
  const digest = keyDigest(quoted);
  for (let i: usize = 0; i < RECENT_MAX; i++) if (load<u32>(digests + (i << 2)) == digest) return true;
  return false;
}

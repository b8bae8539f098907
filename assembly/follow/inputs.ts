/** Remembers which packets have lately been fed in, so that one on its way out can be told from one that nothing caused. */

import { Packet } from "../packet";
import { keyDigest } from "./digest";

const PLACES: u32 = 4096;
const digests: usize = memory.data(4096 << 2, 64);

/** Notes a packet that came in or that a process of the node sends; newer ones take the places of older ones. */
export function rememberInput(packet: Packet): void {
  const digest = keyDigest(packet);
  store<u32>(digests + (<usize>(digest & (PLACES - 1)) << 2), digest);
}

/** Whether a packet that starts alike has been noted. */
export function wasInput(packet: Packet): bool {
  const digest = keyDigest(packet);
  return load<u32>(digests + (<usize>(digest & (PLACES - 1)) << 2)) == digest;
}

/** Remembers which packets have lately been fed in, so that one on its way out can be told from one that nothing caused. */

import { Packet } from "../packet";
import { fullDigest, keyDigest } from "./digest";

const PLACES: u32 = 4096;
/** In each place a digest of a whole packet, and one of the start of another. */
const digests: usize = memory.data(4096 * 8, 64);

/** Notes a packet that came in or that a process of the node sends; newer ones take the places of older ones. */
export function rememberInput(packet: Packet): void {
  const full = fullDigest(packet);
  const key = keyDigest(packet);
  store<u32>(placeOf(full), full);
  store<u32>(placeOf(key), key, 4);
}

/** Whether a packet like it has been noted; of a fragment, one that starts alike. */
export function wasInput(packet: Packet): bool {
  if (packet.moreFragments == 0) {
    const full = fullDigest(packet);
    return load<u32>(placeOf(full)) == full;
  }
  const key = keyDigest(packet);
  return load<u32>(placeOf(key), 4) == key;
}

/** Forgets a packet that has been seen to leave as predicted: the next one like it is another. */
export function forgetInput(packet: Packet): void {
  const full = fullDigest(packet);
  const key = keyDigest(packet);
  if (load<u32>(placeOf(full)) == full) store<u32>(placeOf(full), 0);
  if (load<u32>(placeOf(key), 4) == key) store<u32>(placeOf(key), 0, 4);
}

function placeOf(digest: u32): usize {
  return digests + (<usize>(digest & (PLACES - 1)) << 3);
}

/** The stages that a group goes through before its packets are forwarded: lookup and checks, for each family that is there. */

import { checkGroup, leaveOutOdd } from "./check";
import { checkGroup6 } from "./check6";
import { probeGroup } from "./group";
import { findGroup6, hashGroup6 } from "./group6";

/**
 * Looks for the connections of `size` packets, of which `group` is the first one's descriptor. IPv6's get their records only
 * when IPv4's have been checked, whose loops ask no packet for its family.
 */
export function prepareGroup(group: usize, size: u32): void {
  const others = probeGroup(group, size);
  const found = others == 0 ? 0 : hashGroup6(group, others);
  leaveOutOdd(group, size);
  if (others != size) checkGroup(0, size);
  if (found == 0) return;
  findGroup6(found);
  checkGroup6(found);
}

/** The stages that a group goes through before its packets are forwarded: lookup and checks, for each family that is there. */

import * as Engine from "../layout/engine";
import { engine } from "../memory/engine";
import { checkGroup, leaveOutOdd } from "./check";
import { checkGroup6 } from "./check6";
import { findGroup, hashGroup } from "./group";
import { hashGroup6, touchAddresses } from "./group6";

/**
 * Looks for the connections of `size` packets, of which `group` is the first one's descriptor. IPv6's packets are only seen
 * when IPv4's have been checked, whose loops ask no packet for its family.
 */
export function prepareGroup(group: usize, size: u32): void {
  const others = hashGroup(group, size);
  if (others != size) {
    findGroup(size);
    leaveOutOdd(group, size);
    checkGroup(0, size);
  }
  if (others == 0 || load<u32>(engine, Engine.ADDRESSES) == 0 || hashGroup6(group, size) == 0) return;
  findGroup(size);
  touchAddresses(size);
  leaveOutOdd(group, size);
  checkGroup6(0, size);
}

/** What a packet's route says (nft_rt.c). */

import * as Instructions from "../layout/instructions";
import * as Keys from "../layout/keys";
import * as Program from "../layout/program";
import * as Wire from "../layout/wire";
import { Packet } from "../packet";
import { lookupRoute } from "../route/lookup";
import { registerOf } from "./registers";

/** TCP_MIN_MSS: of links that are too small or have no limit. */
const SEGMENT_MIN: u32 = 88;

/** The next hop, or the segment that fits. Before it is routed a packet has neither. */
export function loadRouteKey(packet: Packet, at: usize): bool {
  const route = packet.route;
  if (route == 0) return false;
  if (load<u32>(at, Instructions.X) == Keys.ROUTE_KEY_MTU) {
    store<u32>(registerOf(at), largestSegment(packet));
    return true;
  }
  const isIp4 = packet.family == 4;
  const destination = packet.address + (isIp4 ? Wire.IP4_DST : Wire.IP6_DST);
  const hasGateway = (load<u16>(route, Program.ROUTE_FLAGS) & Program.ROUTE_HAS_GATEWAY) != 0;
  memory.copy(registerOf(at), hasGateway ? route + Program.ROUTE_GATEWAY : destination, isIp4 ? 4 : 16);
  return true;
}

/** get_tcpmss(): the smaller MTU of the packet's route and of the route back to its source, without headers. */
export function largestSegment(packet: Packet): u32 {
  const isIp4 = packet.family == 4;
  const back = lookupRoute(packet.family, packet.address + (isIp4 ? Wire.IP4_SRC : Wire.IP6_SRC));
  let mtu = load<u32>(packet.route, Program.ROUTE_MTU);
  if (back != 0) mtu = min<u32>(mtu, load<u32>(back, Program.ROUTE_MTU));
  const headers = (isIp4 ? Wire.IP4_SIZE : Wire.IP6_SIZE) + Wire.TCP_SIZE;
  return mtu <= headers || mtu > 0xffff ? SEGMENT_MIN : mtu - headers;
}

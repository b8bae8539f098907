/** What the node says of datagrams whose fragments did not all come in time (RFC 792, RFC 4443 3.3). */

import * as Descriptor from "../layout/descriptor";
import * as Program from "../layout/program";
import * as Verdict from "../layout/verdict";
import * as Wire from "../layout/wire";
import { Packet } from "../packet";
import { answerError } from "./answers";
import { programHas } from "./program";
import { findInputRoute, routeType } from "./routing";

/** ICMP code. */
const REASSEMBLY: u32 = 1;

/** Only the end of the way tells an IPv4 sender (ip_expire); over IPv6 whoever has collected does. A wire says nothing. */
export function reportExpired(packet: Packet): void {
  if (programHas(Program.PROGRAM_WIRE) || packet.inInterface == Descriptor.NO_INTERFACE) return;
  if (packet.family == 6) answerError(packet, Wire.ICMP6_TIME_EXCEEDED, REASSEMBLY);
  else if (isForNode(packet)) answerError(packet, Wire.ICMP4_TIME_EXCEEDED, REASSEMBLY);
}

function isForNode(packet: Packet): bool {
  return findInputRoute(packet) == Verdict.REASON_NONE && routeType(packet) == Program.ROUTE_LOCAL;
}

/** The trackers of UDP and UDP-Lite, of GRE and of protocols without ports (nf_conntrack_proto_udp.c, _gre.c, _generic.c). */

import * as Connection from "../layout/connection";
import * as State from "../layout/state";
import { clock, timeoutMilliseconds } from "../memory/engine";
import { Packet } from "../packet";
import { UdpHeader, coverageOf, hasUdpHeader } from "../wire/udp";
import { ACCEPT, addStatus, invalid, isChecksumWrong, refresh, statusOf } from "./outcome";

/** An exchange that lasts longer is a stream. */
export const STREAM_AFTER_MILLISECONDS: u32 = 2000;

/** A datagram of a connection: a stream, two seconds old and answered, lives longer and becomes ASSURED. */
export function trackUdp(packet: Packet, connection: usize, direction: u32): u32 {
  const bytes = packet.bytes - packet.transport;
  if (!hasUdpHeader(packet.address + packet.transport, bytes)) return invalid(State.INVALID_HEADER);
  if (isChecksumWrong(packet)) return invalid(State.INVALID_CHECKSUM);
  if (clock() - load<u32>(connection, Connection.CREATED_AT) > STREAM_AFTER_MILLISECONDS) {
    trackPair(packet, connection, direction, State.TIMEOUT_UDP, State.TIMEOUT_UDP_STREAM);
  } else {
    refresh(connection, direction, packet.bytes, timeoutMilliseconds(State.TIMEOUT_UDP));
  }
  return ACCEPT;
}

/** UDP-Lite (RFC 3828), answered, is a stream at once. It must have a checksum, and say how far that goes. */
export function trackUdpLite(packet: Packet, connection: usize, direction: u32): u32 {
  const header = packet.address + packet.transport;
  if (coverageOf(header, packet.bytes - packet.transport) == 0) return invalid(State.INVALID_HEADER);
  if (changetype<UdpHeader>(header).checksum == 0 || isChecksumWrong(packet)) return invalid(State.INVALID_CHECKSUM);
  trackPair(packet, connection, direction, State.TIMEOUT_UDP, State.TIMEOUT_UDP_STREAM);
  return ACCEPT;
}

export function trackGre(packet: Packet, connection: usize, direction: u32): u32 {
  trackPair(packet, connection, direction, State.TIMEOUT_GRE, State.TIMEOUT_GRE_STREAM);
  return ACCEPT;
}

/** Any other protocol: addresses and protocol number are all that is known, and it is never ASSURED. */
export function trackGeneric(packet: Packet, connection: usize, direction: u32): u32 {
  refresh(connection, direction, packet.bytes, timeoutMilliseconds(State.TIMEOUT_GENERIC));
  return ACCEPT;
}

/** One timeout before the first answer; another after it, when the connection also becomes ASSURED. */
function trackPair(packet: Packet, connection: usize, direction: u32, unanswered: u32, answered: u32): void {
  const status = statusOf(connection);
  const isAnswered = (status & Connection.STATUS_SEEN_REPLY) != 0;
  refresh(connection, direction, packet.bytes, timeoutMilliseconds(isAnswered ? answered : unanswered));
  if (isAnswered && (status & Connection.STATUS_NAT_CLASH) == 0) addStatus(connection, Connection.STATUS_ASSURED);
}

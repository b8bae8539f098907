/** What a rule's `reject` sends (nf_reject_ipv4.c, nf_reject_ipv6.c). */

import { enterAh, isBehindAh, leaveAh } from "../conntrack/extensions";
import * as Engine from "../layout/engine";
import * as Instructions from "../layout/instructions";
import * as Program from "../layout/program";
import * as Protocol from "../layout/protocol";
import * as State from "../layout/state";
import * as Wire from "../layout/wire";
import { hasFlag } from "../memory/engine";
import { ORIGIN_WIRE, Packet } from "../packet";
import { fold, partialSum, pseudoHeaderSum, transportChecksumValid } from "../wire/checksum";
import { buildIcmpError } from "./error";
import { buildReset } from "./reset";

/** `specification`: X of the instruction: ICMP type | code << 8, or REJECT_TCP_RESET. False: nothing is sent. */
export function buildReject(cause: Packet, specification: u32, answer: Packet): bool {
  if (specification == Instructions.REJECT_TCP_RESET) return maySumUp(cause) && buildReset(cause, answer);
  if (cause.fragmentOffset != 0 || !isWholeBehindAh(cause)) return false;
  return buildIcmpError(cause, specification & 0xff, (specification >> 8) & 0xff, 0, answer);
}

/** In IPv6 what AH protects must be whole, too (reject6_csum_ok). */
function isWholeBehindAh(cause: Packet): bool {
  const transport = cause.transport;
  if (!isBehindAh(cause)) return isWhole(cause);
  if (!enterAh(cause)) return false;
  const outcome = isWhole(cause);
  leaveAh(cause, transport);
  return outcome;
}

/**
 * A packet that arrived damaged is not rejected: its checksum must be right. Protocols that the kernel does not know
 * to have another kind of checksum are taken to have the internet checksum over all that they carry, in IPv6 with the
 * pseudo header; in IPv4 nothing but zeros counts as right, because the sum runs over the IP header (nf_ip_checksum).
 */
function isWhole(cause: Packet): bool {
  const protocol = cause.protocol;
  // IPv6 says nothing about a packet that carries nothing (reject6_csum_ok).
  if (cause.family == 6 && cause.transport >= cause.bytes) return false;
  if (protocol == Protocol.GRE || protocol == Protocol.AH || protocol == Protocol.ESP) return true;
  if (protocol == Protocol.SCTP || protocol == Protocol.UDPLITE || protocol == DCCP) return true;
  const header = cause.address + cause.transport;
  const bytes = cause.bytes - cause.transport;
  if (protocol == Protocol.UDP && bytes < Wire.UDP_SIZE) return false;
  if (protocol == Protocol.UDP && load<u16>(header, Wire.UDP_CHECKSUM) == 0) return true;
  if (!isSummedUp(cause) && !isHeaderWhole(cause)) return false;
  if (protocol == Protocol.TCP || protocol == Protocol.UDP) return transportChecksumValid(cause);
  if (cause.family == 6) return fold(pseudoHeaderSum(cause, protocol, bytes) + partialSum(header, bytes)) == 0xffff;
  return partialSum(header, bytes) % 0xffff == 0;
}

/** Forwarding forgets what the sum was on arrival (skb_forward_csum); a reset is not sent without it (nf_reject_ip_tcphdr_get). */
function maySumUp(cause: Packet): bool {
  return isHeaderWhole(cause) || (cause.hook == Program.HOOK_INPUT && isSummedUp(cause));
}

/** Conntrack has summed the packet up on arrival, before options were filled in (nf_checksum, skb_csum_unnecessary). */
function isSummedUp(cause: Packet): bool {
  if (cause.ct == State.CT_NONE || cause.ct == State.CT_UNTRACKED) return false;
  if (cause.origin != ORIGIN_WIRE || !hasFlag(Engine.ENGINE_CHECKSUM)) return false;
  return cause.protocol == Protocol.TCP || cause.protocol == Protocol.UDP || cause.protocol == Protocol.ICMP;
}

/** The sum runs over IPv4's header too, which is wrong while an option that was filled in waits for its seal. */
function isHeaderWhole(cause: Packet): bool {
  return cause.family == 6 || partialSum(cause.address, cause.transport) == 0xffff;
}

const DCCP: u32 = 33;

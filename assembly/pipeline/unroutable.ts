/** Packets that arrived and cannot go on: what ip_error(), ip6_pkt_drop() and ipv6_rcv() tell their senders. */

import * as Verdict from "../layout/verdict";
import * as Wire from "../layout/wire";
import { srcAddress } from "../answer/header";
import { mayTellUnroutable } from "../answer/limit";
import { Packet, finish } from "../packet";
import { HOP_PROBLEM, checkHopByHop } from "../wire/hopbyhop";
import { answerError } from "./answers";
import { isForwarding } from "./program";

/** ICMP codes. */
const NET_UNREACHABLE: u32 = 0;
const HOST_UNREACHABLE: u32 = 1;
const ADMINISTRATIVELY_PROHIBITED: u32 = 13;
const NO_ROUTE6: u32 = 0;
/** No code: nothing is said. */
const SILENT: u32 = 0xff;
const ADMINISTRATIVELY_PROHIBITED6: u32 = 1;

/** Ends a packet for the reason that routeInput() found. Blackholes, martians and hosts that do not forward are silent. */
export function endUnroutable(packet: Packet, reason: u32): void {
  finish(packet, Verdict.VERDICT_DROP, reason);
  if (packet.family == 4) {
    const code = unroutableCode4(reason);
    if (code == SILENT || !isForwarding(4) || !mayTellUnroutable(srcAddress(packet))) return;
    answerError(packet, Wire.ICMP4_UNREACHABLE, code);
    return;
  }
  if (reason == Verdict.REASON_PROHIBIT) {
    answerError(packet, Wire.ICMP6_UNREACHABLE, ADMINISTRATIVELY_PROHIBITED6);
  } else if (reason == Verdict.REASON_NO_ROUTE || reason == Verdict.REASON_UNREACHABLE) {
    answerError(packet, Wire.ICMP6_UNREACHABLE, NO_ROUTE6);
  }
}

function unroutableCode4(reason: u32): u32 {
  if (reason == Verdict.REASON_NO_ROUTE) return NET_UNREACHABLE;
  if (reason == Verdict.REASON_UNREACHABLE) return HOST_UNREACHABLE;
  return reason == Verdict.REASON_PROHIBIT ? ADMINISTRATIVELY_PROHIBITED : SILENT;
}

/** Ends a packet that never reaches a hook. Of all such packets only bad IPv6 hop-by-hop options are spoken about. */
export function endRefused(packet: Packet, reason: u32): void {
  finish(packet, Verdict.VERDICT_DROP, reason);
  if (reason != Verdict.REASON_IP6_EXTENSION) return;
  const problem = checkHopByHop(packet);
  if ((problem & HOP_PROBLEM) == 0) return;
  const pointer = bswap<u32>(problem & 0xffff);
  answerError(packet, Wire.ICMP6_PARAMETER_PROBLEM, (problem & ~HOP_PROBLEM) >> 16, pointer);
}

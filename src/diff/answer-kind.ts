/** What a node says to a packet, in two words: its numbers and texts do not matter for comparing. */

import { ICMP, ICMP6, TCP } from "../../assembly/layout/protocol.ts";
import { protocolName } from "../engine/names.ts";

const IP6_HEADER_BYTES = 40;
const RST = 0x04;
const TCP_FLAGS = 13;

export function answerKind(packet: Uint8Array): string {
  const isIp6 = (packet[0] ?? 0) >> 4 === 6;
  const protocol = packet[isIp6 ? 6 : 9] ?? 0;
  const at = isIp6 ? IP6_HEADER_BYTES : ((packet[0] ?? 0) & 15) * 4;
  if (protocol === TCP) return ((packet[at + TCP_FLAGS] ?? 0) & RST) !== 0 ? "tcp reset" : "tcp segment";
  if (protocol !== ICMP && protocol !== ICMP6) return protocolName(protocol);
  return `${protocolName(protocol)} ${packet[at]}/${packet[at + 1]}`;
}

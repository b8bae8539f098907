/**
 * Answers wait here until the packet that caused them has its verdict, and are sent then, one after the other, so that
 * nothing calls itself. An answer to an answer waits in its turn; there are PACKETS_MAX packets in all.
 */

import * as Instructions from "../layout/instructions";
import * as State from "../layout/state";
import { buildEchoReply } from "../answer/echo";
import { buildIcmpError } from "../answer/error";
import { openAnswer } from "../answer/header";
import { buildReject } from "../answer/reject";
import { buildClosedPortReset } from "../answer/reset";
import { PACKETS_MAX, Packet, packetAt } from "../packet";
import { activeProgram } from "../rules/program";

/** Packets in use: the one at depth 0 and the answers that wait behind it. */
let used: u32 = 1;
let sent: u32 = 1;

/** Forgets the answers to the packet before. */
export function startAnswers(): void {
  used = 1;
  sent = 1;
}

/** The next answer that is to be sent, or null. */
export function nextAnswer(): Packet | null {
  return sent < used ? packetAt(sent++) : null;
}

/** Answers a packet that a rule has rejected, as the rule says. */
export function answerReject(cause: Packet): void {
  if (used == PACKETS_MAX) return;
  const answer = openAnswer(cause, used);
  const specification = load<u32>(activeProgram() + cause.rule, Instructions.X);
  if (buildReject(cause, specification, answer)) keep(cause, answer, true);
}

/** Sends an ICMP error about a packet; `rest` is the second word of its header, in network order. */
export function answerError(cause: Packet, type: u32, code: u32, rest: u32 = 0): bool {
  if (used == PACKETS_MAX) return false;
  const answer = openAnswer(cause, used);
  if (!buildIcmpError(cause, type, code, rest, answer)) return false;
  keep(cause, answer, true);
  return true;
}

/** Resets a connection to a closed port. False: there is nothing to reset. */
export function answerClosedPort(cause: Packet): bool {
  if (used == PACKETS_MAX) return false;
  const answer = openAnswer(cause, used);
  if (!buildClosedPortReset(cause, answer)) return false;
  keep(cause, answer, false);
  return true;
}

export function answerEcho(cause: Packet): bool {
  if (used == PACKETS_MAX) return false;
  const answer = openAnswer(cause, used);
  if (!buildEchoReply(cause, answer)) return false;
  keep(cause, answer, false);
  return true;
}

/**
 * What the node says about a packet belongs to that packet's connection, in the other direction (nf_ct_attach); what
 * its sockets say is tracked like any other packet. Over a bridge the answer leaves where the cause came in.
 */
function keep(cause: Packet, answer: Packet, isAttached: bool): void {
  used++;
  if (isAttached && cause.connection != 0) {
    answer.connection = cause.connection;
    answer.direction = cause.direction ^ 1;
    answer.ct = State.CT_RELATED;
  }
}

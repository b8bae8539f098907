/**
 * One packet through the node's network stack: the hooks of netfilter in their order, routing between them, the node's
 * own stack or the wire behind them. Read this first.
 *
 *   wire ─► PREROUTING ─► route ─┬─► forward ─► FORWARD ─┬─► POSTROUTING ─► wire
 *                                └─► INPUT ─► stack      │
 *                                               │        │
 *                             processes, answers ─► route ─► OUTPUT
 */

import * as Descriptor from "./layout/descriptor";
import * as Engine from "./layout/engine";
import * as Program from "./layout/program";
import * as Verdict from "./layout/verdict";
import { rememberAnswer, takeRecentAnswer } from "./answer/recent";
import { emitPacket } from "./capture/emit";
import { forgetUnconfirmed } from "./conntrack/confirm";
import { takeExpired } from "./fragment/expire";
import { isRefusedRedirect, rememberRedirected } from "./follow/redirects";
import { count } from "./memory/engine";
import { ORIGIN_NODE, Packet, finish } from "./packet";
import { nextAnswer, startAnswers } from "./pipeline/answers";
import { cacheWay } from "./pipeline/established";
import { reportExpired } from "./pipeline/expired";
import { endFollowing } from "./pipeline/follow";
import { mayForward } from "./pipeline/forward";
import { defragment, runHook } from "./pipeline/hooks";
import { deriveInterface, enterInterface, isForOther, refusedFrame } from "./pipeline/link";
import { deliver } from "./pipeline/local";
import { isMartian, refusedOnArrival } from "./pipeline/martian";
import { acceptOptions, fillOptions } from "./pipeline/options";
import { programHas } from "./pipeline/program";
import { isToItself, routeInput, routeOutput, routeType } from "./pipeline/routing";
import { transmit } from "./pipeline/transmit";
import { endRefused, endUnroutable } from "./pipeline/unroutable";
import { completeChecksum } from "./segment/seal";
import { traceBegin, traceEnd } from "./trace/record";
import { parsePacket } from "./wire/parse";

/** A packet from the wire: its frame, interface, flags and time are set, the rest is found out. Ends with a verdict. */
export function receive(packet: Packet): void {
  startAnswers();
  traceBegin(packet);
  if (programHas(Program.PROGRAM_WIRE)) bridge(packet);
  else arrive(packet);
  traceEnd(packet);
  sendAnswers();
  forgetUnconfirmed(packet);
  endFollowing(packet);
}

/**
 * Fragments that have waited for too long, one datagram of them; `packet` is borrowed for it, and its time is the present.
 * Their senders may be told.
 */
export function expire(packet: Packet): void {
  if (!takeExpired(packet)) return;
  startAnswers();
  reportExpired(packet);
  sendAnswers();
}

/** A packet that one of the node's processes sends. Ends with a verdict. */
export function send(packet: Packet): void {
  startAnswers();
  packet.origin = ORIGIN_NODE;
  traceBegin(packet);
  const isTaken = takeFromHost(packet);
  if (isTaken) depart(packet);
  traceEnd(packet);
  if (!isTaken) return;
  sendAnswers();
  forgetUnconfirmed(packet);
  endFollowing(packet);
}

/** False: the packet never left its process, or the engine has made it already; it has its verdict. */
function takeFromHost(packet: Packet): bool {
  const reason = parsePacket(packet);
  if (reason != Verdict.REASON_NONE) {
    finish(packet, Verdict.VERDICT_DROP, reason);
    return false;
  }
  completeChecksum(packet);
  if (isRefusedRedirect(packet)) {
    finish(packet, Verdict.VERDICT_DROP, Verdict.REASON_NAT_FAILED);
    return false;
  }
  if (takeRecentAnswer(packet)) {
    finish(packet, Verdict.VERDICT_SKIPPED, Verdict.REASON_DUPLICATE_ANSWER);
    return false;
  }
  return true;
}

/** What the node says to the packet, and to what it says itself. */
function sendAnswers(): void {
  for (let answer = nextAnswer(); answer != null; answer = nextAnswer()) {
    count(Engine.ANSWERS);
    rememberAnswer(answer);
    traceBegin(answer);
    depart(answer);
    traceEnd(answer);
  }
}

/** Over a bridge: no routes, no TTL, no addresses of its own; what is not understood passes as it is. */
function bridge(packet: Packet): void {
  let reason = refusedFrame(packet);
  if (reason == Verdict.REASON_NONE) reason = parsePacket(packet);
  if (reason == Verdict.REASON_NONE) {
    if (!runHook(packet, Program.HOOK_PREROUTING)) return;
    if (!runHook(packet, Program.HOOK_FORWARD)) return;
    if (!runHook(packet, Program.HOOK_POSTROUTING)) return;
    transmit(packet);
    cacheWay(packet);
    return;
  }
  finish(packet, Verdict.VERDICT_FORWARD, reason);
  emitPacket(packet);
}

function arrive(packet: Packet): void {
  let reason = refusedFrame(packet);
  if (reason == Verdict.REASON_NONE && isForOther(packet)) reason = Verdict.REASON_OTHER_HOST;
  if (reason == Verdict.REASON_NONE) reason = parsePacket(packet);
  if (reason == Verdict.REASON_NONE) {
    enterInterface(packet);
    deriveInterface(packet);
    reason = refusedOnArrival(packet);
  }
  if (reason != Verdict.REASON_NONE) endRefused(packet, reason);
  else if (runHook(packet, Program.HOOK_PREROUTING)) routeOn(packet);
}

function routeOn(packet: Packet): void {
  const reason = routeInput(packet);
  if (!isMartian(reason) && !acceptOptions(packet)) return;
  if (reason != Verdict.REASON_NONE) endUnroutable(packet, reason);
  else if (routeType(packet) == Program.ROUTE_UNICAST) forward(packet);
  else takeIn(packet);
}

/**
 * To the node's own stack. Fragments that no hook has collected are collected here: IPv4's before INPUT, IPv6's behind
 * it (ip_local_deliver, ipv6_frag_rcv).
 */
function takeIn(packet: Packet): void {
  if (packet.family == 4 && !defragment(packet)) return;
  if (!runHook(packet, Program.HOOK_INPUT)) return;
  if (packet.family == 4 || isAlone(packet) || defragment(packet)) deliver(packet);
}

/**
 * A fragment that is all of its packet, or that fragments have been put together to: IPv6's stack does not collect it, unlike
 * its hooks (ipv6_frag_rcv).
 */
function isAlone(packet: Packet): bool {
  return (packet.fragmentOffset | packet.moreFragments) == 0 || packet.fragments != 0;
}

function forward(packet: Packet): void {
  packet.outInterface = load<u16>(packet.route, Program.ROUTE_INTERFACE);
  if (!mayForward(packet)) return;
  rememberRedirected(packet);
  if (!runHook(packet, Program.HOOK_FORWARD)) return;
  fillOptions(packet);
  if (!runHook(packet, Program.HOOK_POSTROUTING)) return;
  transmit(packet);
  cacheWay(packet);
}

/** The node's own packet: out of an interface, or around over loopback. */
function depart(packet: Packet): void {
  if (!programHas(Program.PROGRAM_WIRE) && !routeOutput(packet)) return;
  if (!runHook(packet, Program.HOOK_OUTPUT)) return;
  if (!runHook(packet, Program.HOOK_POSTROUTING)) return;
  if (isToItself(packet)) comeBack(packet);
  else transmit(packet);
}

function comeBack(packet: Packet): void {
  packet.inInterface = packet.outInterface;
  packet.outInterface = Descriptor.NO_INTERFACE;
  if (!runHook(packet, Program.HOOK_PREROUTING)) return;
  takeIn(packet);
}

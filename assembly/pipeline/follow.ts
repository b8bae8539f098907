/** `--follow` (ENGINE_FOLLOW): where the rules leave a choice, the one that the capture's outbound frames show is taken if they allow it. */

import * as Follow from "../layout/follow";
import * as Program from "../layout/program";
import * as Verdict from "../layout/verdict";
import { enterAh, isBehindAh, leaveAh } from "../conntrack/extensions";
import { rememberInput } from "../follow/inputs";
import { findOutbound, hasOutbound, releaseOutbound } from "../follow/ring";
import { countChoice, endTrials, isTrialTarget, startTrial, trialOutcomes, trialTarget } from "../follow/trial";
import { Packet } from "../packet";
import { lookupRoute } from "../route/lookup";
import { runChain } from "../rules/evaluate";

/** Finds the frame that shows how a new connection's first packet left, before the first choice is made. */
export function startFollowing(packet: Packet): void {
  if (packet.follow != 0) return;
  const transport = packet.transport;
  const isEntered = isBehindAh(packet) && enterAh(packet);
  rememberInput(packet);
  packet.follow = findOutbound(packet);
  if (isEntered) leaveAh(packet, transport);
}

/** Gives back the frame that a packet has found, if it came to nothing: the frame shows another packet that looks alike. */
export function endFollowing(packet: Packet): void {
  if (packet.follow != 0 && isStopped(packet.verdict)) releaseOutbound(packet.follow);
}

/**
 * Tries a destination NAT chain with every outcome of its draw, until it leads to where the packet was seen to go; the
 * draw is then made that way. A packet that was not seen to leave stayed, if the rules can lead it to where none leaves.
 * Call endTrials(false) when the chain has been run.
 */
export function followDestination(packet: Packet, chain: u32, policy: u32): void {
  if (!hasOutbound()) return;
  const mark = packet.mark;
  let outcome: u32 = 0;
  let isFound = false;
  do {
    startTrial(outcome);
    runChain(packet, chain, policy);
    packet.mark = mark;
    isFound = packet.follow != 0 ? ledOut(packet.follow) : ledNowhere(packet.family);
    outcome++;
  } while (!isFound && outcome < trialOutcomes());
  const isChoice = trialOutcomes() > 1;
  endTrials(isFound && isChoice);
  if (isChoice && (isFound || packet.follow != 0)) countChoice(packet, isFound);
}

function isStopped(verdict: u32): bool {
  return verdict == Verdict.VERDICT_DROP || verdict == Verdict.VERDICT_REJECT;
}

/** The trial led where the frame shows. */
function ledOut(entry: usize): bool {
  return isTrialTarget(entry + Follow.DST, load<u16>(entry, Follow.DST_PORT));
}

/** The trial led to the node itself, or to where its routes let nobody go. */
function ledNowhere(family: u32): bool {
  const target = trialTarget();
  if (target == 0) return false;
  const route = lookupRoute(family, target);
  return route == 0 || load<u8>(route, Program.ROUTE_TYPE) != Program.ROUTE_UNICAST;
}

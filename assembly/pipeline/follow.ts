/** `--follow`: where the rules leave a choice, the one that the capture's outbound frames show is taken if they allow it. */

import * as Engine from "../layout/engine";
import * as Follow from "../layout/follow";
import { rememberInput } from "../follow/inputs";
import { findOutbound } from "../follow/ring";
import { countChoice, endTrials, isTrialTarget, startTrial, trialOutcomes } from "../follow/trial";
import { hasFlag } from "../memory/engine";
import { Packet } from "../packet";
import { runChain } from "../rules/evaluate";

/** Finds the frame that shows how a new connection's first packet left, before the first choice is made. */
export function startFollowing(packet: Packet): void {
  if (!hasFlag(Engine.ENGINE_FOLLOW) || packet.follow != 0) return;
  rememberInput(packet);
  packet.follow = findOutbound(packet);
}

/**
 * Tries a destination NAT chain with every outcome of its draw, until it leads to where the packet was seen to go; the
 * draw is then made that way. Call endTrials(false) when the chain has been run.
 */
export function followDestination(packet: Packet, chain: u32, policy: u32): void {
  if (packet.follow == 0) return;
  const mark = packet.mark;
  const dst = packet.follow + Follow.DST;
  const port: u32 = load<u16>(packet.follow, Follow.DST_PORT);
  let outcome: u32 = 0;
  let isFound = false;
  do {
    startTrial(outcome);
    runChain(packet, chain, policy);
    packet.mark = mark;
    isFound = isTrialTarget(dst, port);
    outcome++;
  } while (!isFound && outcome < trialOutcomes());
  const isChoice = trialOutcomes() > 1;
  endTrials(isFound && isChoice);
  if (isChoice) countChoice(packet, isFound);
}

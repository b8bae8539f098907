/**
 * How a choice that the capture shows is handed to rules that draw lots: the chain is tried with one outcome of the draw
 * after the other, without any effect, until it leads where the packet was seen to go; then that draw is made.
 */

import * as Engine from "../layout/engine";
import { count } from "../memory/engine";
import { Packet } from "../packet";

const MODE_DRAW: u32 = 0;
const MODE_TRY: u32 = 1;
const MODE_FORCE: u32 = 2;

let mode: u32 = MODE_DRAW;
let number: u32 = 0;
/** Outcomes that the draw in this trial could have had; 0: nothing was drawn. */
let outcomes: u32 = 0;
/** Draws of this trial that could succeed or fail. */
let drawn: u32 = 0;
/** Where the trial led: address (16 bytes) and port, in network order. Port 0: it stays as it is. */
const target: usize = memory.data(16, 16);
let targetPort: u32 = 0;
let hasTarget = false;

/** Starts the trial in which the draw comes out as `outcome`. */
export function startTrial(outcome: u32): void {
  mode = MODE_TRY;
  number = outcome;
  outcomes = 0;
  drawn = 0;
  hasTarget = false;
}

/** Ends the trials; with `isForced` the next draws come out as the last trial's. */
export function endTrials(isForced: bool): void {
  mode = isForced ? MODE_FORCE : MODE_DRAW;
  drawn = 0;
}

/** Rules are being tried: nothing may have an effect. */
export function isTrying(): bool {
  return mode == MODE_TRY;
}

/** The outcome of a draw among `modulus` is not left to chance. */
export function isDrawGiven(): bool {
  return mode != MODE_DRAW;
}

/** The given outcome of a draw among `modulus`. */
export function givenDraw(modulus: u32): u32 {
  outcomes = max(outcomes, modulus);
  return min(number, modulus - 1);
}

/** The given outcome of a draw that succeeds or fails: of several in a row the one at the outcome's place succeeds. */
export function givenSuccess(): bool {
  const isTurn = drawn == number;
  drawn++;
  outcomes = max(outcomes, drawn + 1);
  return isTurn;
}

/** Notes where the rules would send the connection. */
export function noteTarget(address: usize, port: u32): void {
  memory.copy(target, address, 16);
  targetPort = port;
  hasTarget = true;
}

/** How many outcomes there are to try. */
export function trialOutcomes(): u32 {
  return outcomes;
}

/** Where the trial led: the address of an address; 0: nowhere. */
export function trialTarget(): usize {
  return hasTarget ? target : 0;
}

/** The trial led to this address and port. */
export function isTrialTarget(address: usize, port: u32): bool {
  return hasTarget && memory.compare(target, address, 16) == 0 && (targetPort == 0 || targetPort == port);
}

/** Counts a choice that the capture showed for a packet: taken, or not allowed by the rules. */
export function countChoice(packet: Packet, isAllowed: bool): void {
  count(isAllowed ? Engine.FOLLOWED : Engine.NOT_ALLOWED);
  if (!isAllowed) packet.hasRefusedChoice = true;
}

/** Takes a packet through one hook: the program's steps in the order of their priorities. */

import * as Program from "../layout/program";
import * as State from "../layout/state";
import * as Verdict from "../layout/verdict";
import { confirm } from "../conntrack/confirm";
import { track } from "../conntrack/track";
import { collectFragment } from "../fragment/collect";
import { isShortWayOpen } from "../memory/engine";
import { Packet, finish } from "../packet";
import { RULES_ACCEPT, RULES_QUEUE, RULES_REJECT, runChain } from "../rules/evaluate";
import { traceStep } from "../trace/record";
import { answerReject } from "./answers";
import { hookList } from "./program";
import { translate } from "./translate";

/** True: the packet goes on. False: it has its verdict. */
export function runHook(packet: Packet, hook: u32): bool {
  packet.hook = hook;
  const list = hookList(packet, hook);
  const end = list + Program.STEPS + <usize>load<u32>(list, Program.STEP_COUNT) * Program.STEP_SIZE;
  for (let step = list + Program.STEPS; step < end; step += Program.STEP_SIZE) {
    const kind: u32 = load<u8>(step, Program.STEP_KIND);
    if (kind == Program.STEP_FILTER && isFilterFree(packet, list)) continue;
    traceStep(packet, step, kind);
    if (!runStep(packet, step, kind)) return false;
  }
  return true;
}

/** The compiler has found that no filter chain here stops or changes a packet of a connection in this state. */
function isFilterFree(packet: Packet, list: usize): bool {
  if (!isShortWayOpen()) return false;
  const flags = load<u32>(list, Program.HOOK_FLAGS);
  if (packet.ct == State.CT_ESTABLISHED) return (flags & Program.HOOK_ESTABLISHED_FREE) != 0;
  return packet.ct == State.CT_NEW && (flags & Program.HOOK_NEW_FREE) != 0;
}

function runStep(packet: Packet, step: usize, kind: u32): bool {
  if (kind == Program.STEP_FILTER) return filter(packet, load<u32>(step, Program.STEP_CHAIN), load<u8>(step, Program.STEP_POLICY));
  if (kind == Program.STEP_TRACK) return passes(packet, track(packet));
  if (kind == Program.STEP_NAT) return translate(packet, load<u32>(step, Program.STEP_CHAIN));
  if (kind == Program.STEP_CONFIRM) return passes(packet, confirm(packet));
  return defragment(packet);
}

function filter(packet: Packet, chain: u32, policy: u32): bool {
  const outcome = runChain(packet, chain, policy);
  if (outcome == RULES_ACCEPT) return true;
  if (outcome == RULES_REJECT) {
    finish(packet, Verdict.VERDICT_REJECT, packet.reason);
    answerReject(packet);
  } else if (outcome == RULES_QUEUE) {
    finish(packet, Verdict.VERDICT_QUEUED, packet.reason);
  } else {
    finish(packet, Verdict.VERDICT_DROP, packet.reason);
  }
  return false;
}

function passes(packet: Packet, reason: u32): bool {
  if (reason == Verdict.REASON_NONE) return true;
  finish(packet, Verdict.VERDICT_DROP, reason);
  return false;
}

/** Collects fragments, as every stack does before it looks into a packet. False: it waits for others, or is dropped. */
export function defragment(packet: Packet): bool {
  if (packet.fragmentOffset == 0 && packet.moreFragments == 0 && packet.fragmentHeader == 0) return true;
  const reason = collectFragment(packet);
  if (reason == Verdict.REASON_NONE) return true;
  finish(packet, reason == Verdict.REASON_FRAGMENT_HELD ? Verdict.VERDICT_QUEUED : Verdict.VERDICT_DROP, reason);
  return false;
}

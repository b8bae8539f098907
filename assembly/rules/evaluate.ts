/** Chains: rules one after another, jumps and returns, until there is a verdict (nft_do_chain of nf_tables_core.c). */

import * as Engine from "../layout/engine";
import * as Instructions from "../layout/instructions";
import * as Verdict from "../layout/verdict";
import { isTrying } from "../follow/trial";
import { countMany } from "../memory/engine";
import { Packet } from "../packet";
import { LOST, MATCH, execute, verdictTarget } from "./operations";
import { activeProgram } from "./program";
import { RUN_MORE_SHIFT, carryOutRun } from "./runs";
import { isTracing } from "../trace/buffer";
import { traceChain, traceChainEnd, traceInstruction } from "../trace/record";

export const RULES_ACCEPT: u32 = 0;
export const RULES_DROP: u32 = 1;
/** Dropped, and the sender is to be told as the instruction at packet.rule says. */
export const RULES_REJECT: u32 = 2;
/** It goes to a program of user space, which is not here. */
export const RULES_QUEUE: u32 = 3;

/** NFT_JUMP_STACK_SIZE: chains that wait for the end of one that they jumped to. */
const JUMPS_MAX: u32 = 16;
/** What no program needs: a chain that goes to itself for ever ends here. */
const INSTRUCTIONS_MAX: u32 = 1 << 24;

const stack: usize = memory.data(64, 16);

/**
 * Evaluates a base chain, given by the offset of its first instruction and its policy (OP_ACCEPT or OP_DROP). On
 * RULES_DROP and RULES_REJECT packet.reason and packet.rule, the offset of the deciding instruction, are set.
 */
export function runChain(packet: Packet, chain: u32, policy: u32): u32 {
  const program = activeProgram();
  let at = program + chain;
  let depth: u32 = 0;
  let visited: u32 = 0;
  let outcome: u32 = 0;
  const isTraced = isTracing() && !isTrying();
  if (isTraced) traceChain(packet, at, policy);
  while (visited++ < INSTRUCTIONS_MAX) {
    let operation: u32 = load<u8>(at, Instructions.OP);
    if (operation >= Instructions.RUN_TEST) {
      if (!isTraced) {
        const run = carryOutRun(packet, program, at, operation);
        at = <usize>run;
        visited += <u32>(run >> RUN_MORE_SHIFT);
        continue;
      }
      operation &= Instructions.RUN_FIRST;
    }
    outcome = execute(packet, at, operation);
    if (isTraced) traceInstruction(packet, at, outcome);
    if (outcome <= MATCH) {
      at = outcome == MATCH ? at + Instructions.INSTRUCTION_SIZE : program + load<u32>(at, Instructions.FAIL);
    } else if (outcome == Instructions.OP_JUMP) {
      if (depth == JUMPS_MAX) break;
      store<u32>(stack + (<usize>depth << 2), load<u32>(at, Instructions.FAIL));
      depth++;
      at = program + verdictTarget();
    } else if (outcome == Instructions.OP_GOTO) {
      at = program + verdictTarget();
    } else if ((outcome == Instructions.OP_RETURN || outcome == Instructions.OP_CHAIN_END) && depth > 0) {
      depth--;
      at = program + load<u32>(stack + (<usize>depth << 2));
    } else {
      break;
    }
  }
  countMany(Engine.RULES_VISITED, visited);
  const decision = decide(packet, <u32>(at - program), outcome, policy);
  if (isTraced) traceChainEnd(packet, decision, depth);
  return decision;
}

/** The chain has ended: by a verdict, or by its policy. */
function decide(packet: Packet, rule: u32, outcome: u32, policy: u32): u32 {
  if (outcome == Instructions.OP_ACCEPT) return RULES_ACCEPT;
  const isPolicy = outcome == Instructions.OP_RETURN || outcome == Instructions.OP_CHAIN_END;
  if (isPolicy && policy == Instructions.OP_ACCEPT) return RULES_ACCEPT;
  packet.rule = rule;
  if (outcome == LOST) return RULES_DROP;
  if (outcome == Instructions.OP_REJECT) {
    packet.reason = Verdict.REASON_RULE_REJECT;
    return RULES_REJECT;
  }
  if (outcome == Instructions.OP_QUEUE) {
    packet.reason = Verdict.REASON_RULE_QUEUE;
    return RULES_QUEUE;
  }
  if (isPolicy) packet.reason = Verdict.REASON_POLICY_DROP;
  else packet.reason = outcome == Instructions.OP_DROP ? Verdict.REASON_RULE_DROP : Verdict.REASON_RULE_LOOP;
  return RULES_DROP;
}

/** The NAT step of a hook (nf_nat_inet_fn): new connections ask the nat chains, every packet is rewritten. */

import * as Engine from "../layout/engine";
import * as Program from "../layout/program";
import * as Protocol from "../layout/protocol";
import * as State from "../layout/state";
import * as Verdict from "../layout/verdict";
import { hasFlag } from "../memory/engine";
import { endTrials } from "../follow/trial";
import { NAT_DST, NAT_SRC } from "../nat/range";
import { rewritePacket } from "../nat/rewrite";
import { isBound, nullBinding } from "../nat/setup";
import { Packet, finish } from "../packet";
import { activeProgram } from "../rules/program";
import { RULES_ACCEPT, runChain } from "../rules/evaluate";
import { followDestination, startFollowing } from "./follow";
import { rerouteOutput } from "./routing";

/** `chains`: offset of the step's list of nat chains; 0: the hook has none. False: the packet has its verdict. */
export function translate(packet: Packet, chains: u32): bool {
  if (packet.connection == 0) return true;
  const kind = packet.hook == Program.HOOK_POSTROUTING || packet.hook == Program.HOOK_INPUT ? NAT_SRC : NAT_DST;
  if (packet.ct != State.CT_ESTABLISHED && !isError(packet) && !isBound(packet.connection, kind)) {
    if (!bind(packet, chains, kind)) return false;
  }
  if (!rewritePacket(packet, kind)) {
    finish(packet, Verdict.VERDICT_DROP, Verdict.REASON_NAT_FAILED);
    return false;
  }
  return packet.hook != Program.HOOK_OUTPUT || rerouteOutput(packet);
}

/** Asks the chains in turn until one binds the connection; what none of them wants keeps its address. */
function bind(packet: Packet, chains: u32, kind: u32): bool {
  const follows = hasFlag(Engine.ENGINE_FOLLOW);
  if (follows) startFollowing(packet);
  const list = activeProgram() + chains;
  const count: u32 = chains == 0 ? 0 : load<u32>(list, Program.NAT_CHAIN_COUNT);
  for (let i: u32 = 0; i < count && !isBound(packet.connection, kind); i++) {
    const chain = list + Program.NAT_CHAINS + <usize>i * Program.NAT_CHAIN_SIZE;
    const first = load<u32>(chain);
    const policy = load<u32>(chain, 4);
    if (follows && kind == NAT_DST) followDestination(packet, first, policy);
    const outcome = runChain(packet, first, policy);
    if (follows) endTrials(false);
    if (outcome == RULES_ACCEPT) continue;
    finish(packet, Verdict.VERDICT_DROP, packet.reason);
    return false;
  }
  if (isBound(packet.connection, kind)) return true;
  const reason = nullBinding(packet, kind);
  if (reason == Verdict.REASON_NONE) return true;
  finish(packet, Verdict.VERDICT_DROP, reason);
  return false;
}

/** An ICMP error, the only thing that is related behind AH, belongs to a connection that has had its turn, or never will. */
function isError(packet: Packet): bool {
  if (packet.ct != State.CT_RELATED) return false;
  if (packet.family == 4) return packet.protocol == Protocol.ICMP;
  return packet.protocol == Protocol.ICMP6 || packet.protocol == Protocol.AH;
}

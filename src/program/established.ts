/** Which filter chains provably let packets of established connections pass and do nothing else to them. */

import * as State from "../../assembly/layout/state.ts";
import type { Chain, Literal, Rule, Statement } from "../ruleset/types.ts";
import { CT_STATE } from "./values.ts";

/** Where conntrack looks at packets (NF_IP_PRI_CONNTRACK): to earlier chains every packet is invalid. */
export const TRACK_PRIORITY = -200;

const ESTABLISHED = 1 << State.CT_ESTABLISHED;
const INVALID = 1 << State.CT_INVALID;

/** True if every rule starts with a match on ct state that such a packet fails, and the policy is accept. */
export function isEstablishedFree(chain: Chain): boolean {
  if (chain.base?.policy !== "accept") return false;
  const state = chain.base.priority <= TRACK_PRIORITY ? ESTABLISHED | INVALID : ESTABLISHED;
  return chain.rules.every((rule) => excludes(rule, state));
}

function excludes({ statements: [first] }: Rule, state: number): boolean {
  const matched = first === undefined ? undefined : matchedStates(first);
  return matched !== undefined && (matched & state) === 0;
}

/** The states that the statement lets through; undefined: it is no plain match on ct state. */
function matchedStates(statement: Statement): number | undefined {
  if (statement.kind === "match" && statement.operator === "==" && statement.right.kind === "literal") {
    const { left, right } = statement;
    return left.kind === "ct" && left.key === "state" ? statesOf(right.parts) : undefined;
  }
  if (statement.kind === "lookup" && !statement.invert && statement.set.kind === "anonymous") {
    const { key, set } = statement;
    return key.kind === "ct" && key.key === "state"
      ? statesOf(set.elements.flatMap((element) => element.key))
      : undefined;
  }
  return undefined;
}

/** The bits of names of states; a literal may hold several, separated by commas. */
function statesOf(parts: readonly Literal[]): number | undefined {
  let bits = 0;
  for (const part of parts) {
    const names = part.kind === "name" ? part.name.split(",") : [""];
    for (const name of names) {
      const state = CT_STATE.names?.[name];
      if (state === undefined) return undefined;
      bits |= state;
    }
  }
  return bits;
}

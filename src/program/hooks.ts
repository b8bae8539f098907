/** Hook lists: base chains and netfilter's own steps in the order of their priorities. */

import * as Instructions from "../../assembly/layout/instructions.ts";
import * as Layout from "../../assembly/layout/program.ts";
import type { BaseChain, Chain, Expression, Hook, Ruleset, Statement, Table } from "../ruleset/types.ts";
import { TRACK_PRIORITY } from "./established.ts";
import type { ImageWriter, Label } from "./writer.ts";

type Family = 4 | 6;

/** Priorities of netfilter_ipv4.h; IPv6 has the same. */
const DEFRAGMENT_PRIORITY = -400;
const DST_NAT_PRIORITY = -100;
const SRC_NAT_PRIORITY = 100;
const CONFIRM_PRIORITY = 0x7fffffff;

const HOOKS: readonly Hook[] = ["prerouting", "input", "forward", "output", "postrouting"];

export type HookedChain = Chain & { readonly base: BaseChain };

/** A base chain, and where its first instruction is. */
export interface PlacedChain {
  readonly chain: HookedChain;
  readonly label: Label;
  readonly isEstablishedFree: boolean;
  readonly isNewFree: boolean;
  readonly isNewSteady: boolean;
}

interface Step {
  readonly kind: number;
  readonly priority: number;
  readonly policy?: number;
  readonly chain?: Label;
}

/** What of conntrack a family's rules need: whether connections are tracked, and whether they can be translated. */
export interface Tracking {
  readonly track: boolean;
  readonly nat: boolean;
}

/**
 * One rule that asks conntrack or translates registers all of its hooks (nf_ct_netns_get()), one NAT chain all of NAT's
 * (nf_nat_register_fn()). A NAT chain without such a rule anywhere has nothing to bind: nobody tracks.
 */
export function trackingOf(ruleset: Ruleset, family: Family): Tracking {
  const tables = ruleset.tables.filter((table) => hasFamily(table, family));
  const track = tables.some(needsTracking);
  const nat = track && tables.some(({ chains }) => chains.some(({ base }) => base?.type === "nat"));
  return { track, nat };
}

/** Whether the table's chains see packets of the family. */
export function hasFamily({ family }: Table, wanted: Family): boolean {
  return family === "inet" || family === (wanted === 4 ? "ip" : "ip6");
}

export function isHooked(chain: Chain): chain is HookedChain {
  return chain.base !== undefined;
}

/** Appends the five hook lists of a family and puts their offsets into the header. Chains are in the ruleset's order. */
export function writeHooks(
  writer: ImageWriter,
  family: Family,
  chains: readonly PlacedChain[],
  tracking: Tracking,
): void {
  HOOKS.forEach((hook, index) => {
    const placed = chains.filter(({ chain }) => chain.base.hook === hook);
    const natList = writeNatChains(
      writer,
      placed.filter(({ chain }) => chain.base.type === "nat"),
    );
    const filters = placed.filter(({ chain }) => chain.base.type !== "nat");
    const builtIn = builtInSteps(hook, tracking, natList);
    const steps = [...builtIn, ...byPriority(filters).map(filterStep)].sort((a, b) => a.priority - b.priority);
    const position = (family === 4 ? 0 : Layout.HOOKS_PER_FAMILY) + index;
    writer.align(8);
    writer.refer(Layout.HOOKS + position * 4, writer.placeNew());
    writer.append32(steps.length);
    writer.append32(flagsOf(filters));
    for (const step of steps) writeStep(writer, step);
  });
}

function flagsOf(filters: readonly PlacedChain[]): number {
  return (
    (filters.every(({ isEstablishedFree }) => isEstablishedFree) ? Layout.HOOK_ESTABLISHED_FREE : 0) |
    (filters.every(({ isNewFree }) => isNewFree) ? Layout.HOOK_NEW_FREE : 0) |
    (filters.every(({ isNewFree, isNewSteady }) => isNewFree || isNewSteady) ? Layout.HOOK_NEW_STEADY : 0)
  );
}

function builtInSteps(hook: Hook, { track, nat }: Tracking, natList: Label): readonly Step[] {
  if (!track || hook === "forward") return [];
  const isEntry = hook === "prerouting" || hook === "output";
  const steps: Step[] = isEntry
    ? [
        { kind: Layout.STEP_DEFRAGMENT, priority: DEFRAGMENT_PRIORITY },
        { kind: Layout.STEP_TRACK, priority: TRACK_PRIORITY },
      ]
    : [{ kind: Layout.STEP_CONFIRM, priority: CONFIRM_PRIORITY }];
  if (!nat) return steps;
  const priority = isEntry ? DST_NAT_PRIORITY : SRC_NAT_PRIORITY;
  return [...steps, { kind: Layout.STEP_NAT, priority, chain: natList }];
}

/** Of chains with the same priority the one registered last comes first (nf_hook_entries_grow). */
function byPriority(chains: readonly PlacedChain[]): readonly PlacedChain[] {
  return chains.toReversed().sort((a, b) => a.chain.base.priority - b.chain.base.priority);
}

function filterStep({ chain, label }: PlacedChain): Step {
  return { kind: Layout.STEP_FILTER, priority: chain.base.priority, policy: policyOf(chain.base), chain: label };
}

function writeStep(writer: ImageWriter, { kind, policy = Instructions.OP_ACCEPT, chain, priority }: Step): void {
  const at = writer.reserve(Layout.STEP_SIZE);
  writer.set8(at + Layout.STEP_KIND, kind);
  writer.set8(at + Layout.STEP_POLICY, policy);
  if (chain !== undefined) writer.refer(at + Layout.STEP_CHAIN, chain);
  writer.set32(at + Layout.STEP_PRIORITY, priority);
}

function writeNatChains(writer: ImageWriter, chains: readonly PlacedChain[]): Label {
  writer.align(8);
  const label = writer.placeNew();
  writer.append32(chains.length);
  for (const { chain, label: first } of byPriority(chains)) {
    const at = writer.reserve(Layout.NAT_CHAIN_SIZE);
    writer.refer(at, first);
    writer.set32(at + 4, policyOf(chain.base));
  }
  return label;
}

function policyOf({ policy }: BaseChain): number {
  return policy === "accept" ? Instructions.OP_ACCEPT : Instructions.OP_DROP;
}

/** Whether a rule of the table asks conntrack or translates. */
function needsTracking({ chains }: Table): boolean {
  return chains.some(({ rules }) => rules.some(({ statements }) => statements.some(isTracking)));
}

function isTracking(statement: Statement): boolean {
  switch (statement.kind) {
    case "xt":
      return statement.statements.some(isTracking);
    case "alternatives":
      return statement.of.some((statements) => statements.some(isTracking));
    case "match":
      return asksConntrack(statement.left) || asksConntrack(statement.right);
    case "lookup":
    case "vmap":
      return asksConntrack(statement.key);
    case "set":
      return asksConntrack(statement.key) || (statement.statements ?? []).some(isTracking);
    case "mangle":
      return statement.target === "ct mark" || asksConntrack(statement.value);
    case "connlimit":
    case "dnat":
    case "snat":
    case "masquerade":
    case "redirect":
    case "endpoint":
      return true;
    default:
      return false;
  }
}

function asksConntrack(expression: Expression): boolean {
  switch (expression.kind) {
    case "ct":
      return true;
    case "combined":
      return asksConntrack(expression.left) || asksConntrack(expression.right);
    case "bitwise":
    case "sum":
      return asksConntrack(expression.left);
    case "concat":
      return expression.parts.some(asksConntrack);
    case "map":
      return asksConntrack(expression.key);
    default:
      return false;
  }
}

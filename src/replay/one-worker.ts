/**
 * Why a replay cannot be shared by several workers with the same results as one: what there is that connections share
 * whose packets different workers have. Some of it is known before the first packet, the rest when it has happened.
 */

import * as Layout from "../../assembly/layout/engine.ts";
import * as Shard from "../../assembly/layout/shard.ts";
import { REASON_NO_ROUTE, REASON_PROHIBIT, REASON_UNREACHABLE } from "../../assembly/layout/verdict.ts";
import { capacityOf } from "../engine/configuration.ts";
import { addCounts, counterOf } from "../report/counts.ts";
import type { Nat, Ruleset, Statement } from "../ruleset/types.ts";
import { groupIntoLanes } from "./lanes.ts";
import type { ReplayOptions, ReplayTally } from "./replay.ts";

/** Statements that keep nothing which another connection's packets could change. */
const SHARED_BY_NONE = new Set<Statement["kind"]>([
  ...(["match", "lookup", "vmap", "mangle", "reject", "counter", "notrack", "log", "nfacct", "statistic"] as const),
  ...(["service", "verdict"] as const),
]);

const OBSTACLES: readonly (readonly [obstacle: number, reason: string])[] = [
  [Shard.OBSTACLE_FRAGMENT, "there are fragments"],
  [Shard.OBSTACLE_CLASS, "connections were translated to addresses that no Service has"],
  [Shard.OBSTACLE_TIME, "packets stand out of the order of their times"],
];

/** What hosts are told of that no packet of theirs goes on, each so often (assembly/answer/limit.ts). */
const TOLD = [REASON_NO_ROUTE, REASON_UNREACHABLE, REASON_PROHIBIT];

/** So many errors are sent at once to a host that got none lately, whatever others are told. */
const ERRORS_ALWAYS_SENT = 6;

/** A reason that is known before the first packet; undefined: none is. */
export function reasonForOneWorker(options: ReplayOptions, ruleset: Ruleset): string | undefined {
  const { captures, program } = options;
  if (captures.some(({ path }) => path === undefined)) return "standard input can be read only once";
  if (groupIntoLanes(captures).length > 1) return "captures of several interfaces are merged";
  if (options.follow || options.audit) return "choices are taken from the capture";
  if (options.onPacket !== undefined) return "each packet has a record";
  if ((options.steps ?? []).length > 0) return "something happens to the node meanwhile";
  if (program.network.kind === "wire") return "no node is known";
  if ((program.network.connections ?? []).length > 0) return "the node knew connections at the start";
  return reasonInRules(ruleset);
}

/** A reason that has shown itself; what the shards have made is worth nothing then. */
export function reasonFound(
  tallies: readonly ReplayTally[],
  sysctls: Readonly<Record<string, string>>,
): string | undefined {
  const found = OBSTACLES.find(([obstacle]) => tallies.some(({ shard }) => ((shard?.obstacles ?? 0) & obstacle) !== 0));
  if (found !== undefined) return found[1];
  const counts = tallies.map((tally) => tally.counts).reduce(addCounts);
  if (TOLD.some((why) => counterOf(counts, Layout.REASONS + why * 8) > 0))
    return "hosts may be told only so often that there is no route";
  if (counterOf(counts, Layout.ERRORS_COUNTED) > ERRORS_ALWAYS_SENT) return "ICMP errors are sent only so often";
  // One connection more of each shard may not have been confirmed yet.
  const open = tallies.reduce((sum, { shard }) => sum + (shard?.mostOpen ?? 0) + 1, 0);
  return open > capacityOf(sysctls) ? "the connection table may have been full" : undefined;
}

function reasonInRules({ tables }: Ruleset): string | undefined {
  for (const { chains, sets } of tables) {
    if (sets.some((set) => (set.statements ?? []).some(isShared) || set.elements.some(hasShared))) return KEPT;
    for (const { rules } of chains) {
      for (const { statements } of rules) {
        const shared = statements.find(isShared);
        if (shared !== undefined) return isNat(shared) ? "rules translate sources to ports that are not random" : KEPT;
      }
    }
  }
  return undefined;
}

const KEPT = "rules keep something that all connections share (session affinity, limits, counting in turn)";

function hasShared({ statements = [] }: { readonly statements?: readonly Statement[] }): boolean {
  return statements.some(isShared);
}

function isShared(statement: Statement): boolean {
  if (isNat(statement)) return isSourceNat(statement) && !isFullyRandom(statement);
  if (statement.kind === "endpoint") return statement.endpoints.some(({ clients }) => clients !== undefined);
  return !SHARED_BY_NONE.has(statement.kind) || countsInTurn(statement);
}

function isNat(statement: Statement): statement is Nat {
  return ["dnat", "snat", "masquerade", "redirect"].includes(statement.kind);
}

function isSourceNat({ kind }: Nat): boolean {
  return kind === "snat" || kind === "masquerade";
}

/** Whoever else a source talks to says nothing about its port then, and the search for one stays in its class. */
function isFullyRandom({ flags, port, portOf }: Nat): boolean {
  return flags.includes("fully-random") && port === undefined && portOf === undefined;
}

/** `numgen inc`, wherever it stands in the statement. */
function countsInTurn(part: unknown): boolean {
  if (typeof part !== "object" || part === null) return false;
  if ("kind" in part && part.kind === "numgen" && "mode" in part && part.mode === "inc") return true;
  return Object.values(part).some(countsInTurn);
}

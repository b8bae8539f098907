/** What commands that take captures do first: read the cluster, generate or read the rules, compile the program. */

import type { Step } from "../events/plan.ts";
import { type NodeProgram, ProgramHistory, prepareProgram } from "../library/setup.ts";
import type { Problem } from "../manifest/types.ts";
import type { ReplayCapture } from "../replay/types.ts";
import type { Ruleset } from "../ruleset/types.ts";
import { namedCaptures, requireReadable } from "./captures.ts";
import { type EventOptions, loadPlan } from "./events.ts";
import { requireNoErrors } from "./messages.ts";
import { type ClusterInput, loadClusterInput } from "./options.ts";
import { loadRules, requireRules } from "./rules.ts";

export interface RunOptions extends EventOptions {
  readonly fromHost: readonly string[];
  /** Long chains are indexed; default: they are walked as they are written, as a trace shows them. */
  readonly optimise?: boolean;
}

export interface Prepared {
  readonly input: ClusterInput;
  readonly captures: readonly ReplayCapture[];
  readonly ruleset: Ruleset;
  readonly program: NodeProgram;
  /** What is not run as the rules say. */
  readonly warnings: readonly string[];
  readonly steps: readonly Step[];
}

/** Ends the command with all that is wrong, before a packet is read. `keepsStates`: as in loadPlan(). */
export async function prepare(names: readonly string[], options: RunOptions, keepsStates = false): Promise<Prepared> {
  const captures = namedCaptures(names, options.fromHost);
  requireRules(options);
  const input = await loadClusterInput(options);
  requireNoErrors([...input.problems, ...emptyCluster(input.cluster.services.length, options.file)]);
  await requireReadable(captures);
  const { ruleset, problems } = await loadRules(options, input);
  requireNoErrors(problems);
  const { optimise = false } = options;
  const history = new ProgramHistory({ optimise });
  const program = prepareProgram(input.cluster, ruleset, input.network, history);
  const left = options.unsupported === "ignore" ? program.problems.map(leftOut) : program.problems;
  requireNoErrors(left);
  const plan = await loadPlan(
    options,
    input,
    ruleset,
    new ProgramHistory({ setIds: history.setIds, optimise }),
    keepsStates,
  );
  requireNoErrors(plan.problems);
  const warnings = [...problems, ...left].map(warningText);
  return { input, captures, ruleset, program, steps: plan.steps, warnings };
}

/** A rule that could not be compiled does nothing, if the user takes that. */
function leftOut(problem: Problem): Problem {
  if (problem.severity === "warning") return problem;
  return { ...problem, severity: "warning", message: `${problem.message}: the rule does nothing` };
}

/** `file:line:column: message`: a report's warnings are not coloured. */
function warningText({ place, message }: Problem): string {
  return place === undefined ? message : `${place.file}:${place.line}:${place.column}: ${message}`;
}

function emptyCluster(services: number, files: readonly string[]): Problem[] {
  if (services > 0 || files.length === 0) return [];
  return [{ severity: "warning", message: `no Service in ${files.join(", ")}: packets meet no Service rules` }];
}

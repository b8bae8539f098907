/** What happened to the node while a capture ran: --events, --at, and a snapshot's own events.txt. */

import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, isAbsolute, join } from "node:path";
import type { Command as Program } from "commander";
import { buildCluster } from "../cluster/build.ts";
import { readEvents, readTime } from "../events/parse.ts";
import { type Plan, planSteps } from "../events/plan.ts";
import type { Change, Command, Timed } from "../events/types.ts";
import { ProgramHistory, prepareProgram } from "../library/setup.ts";
import { loadManifestFiles } from "../manifest/files-node.ts";
import type { Problem } from "../manifest/types.ts";
import { withInterfaces } from "../network/node.ts";
import { readSnapshot } from "../network/snapshot-node.ts";
import { generateRules } from "../proxy/generate.ts";
import type { Ruleset } from "../ruleset/types.ts";
import { controlPlaneOptions } from "./control-plane-options.ts";
import { error, usageError } from "./messages.ts";
import { type ClusterInput, reasonOf } from "./options.ts";
import type { RulesOptions } from "./rules.ts";

export interface EventOptions extends RulesOptions {
  readonly events?: string;
  readonly at: readonly string[];
}

/** The name of a snapshot's own file of events. */
const EVENTS_FILE = "events.txt";

export function addEventOptions(command: Program): Program {
  return command
    .option(
      "--events <file>",
      "what was done to the node meanwhile, TIME COMMAND a line (default: the snapshot's events.txt)",
    )
    .option(
      "--at <time=dir>",
      "the node's state from a time on, as another snapshot has it; repeatable",
      collectAt,
      [],
    );
}

/** Reads and compiles all that happens after the first packet. `keepsStates`: each step tells what it leads to. */
export async function loadPlan(
  options: EventOptions,
  input: ClusterInput,
  ruleset: Ruleset,
  history: ProgramHistory,
  keepsStates = false,
): Promise<Plan> {
  const problems: Problem[] = [];
  const changes: Timed<Change>[] = [];
  for (const { change, ...timed } of await commandsOf(options, problems)) {
    changes.push({ ...timed, change: await load(change, timed.place.file, options, input, problems) });
  }
  const node = withInterfaces(input.node, input.network);
  const fromManifests = options.file.length > 0 && options.ruleset.length === 0;
  const plan = planSteps({ ...input, ruleset }, changes, {
    compile: ({ cluster, ruleset: rules, network }) =>
      prepareProgram(cluster, rules, network, keepsStates ? new ProgramHistory({ setIds: history.setIds }) : history),
    keepsStates,
    ...(fromManifests
      ? {
          regenerate: (manifests) => {
            const built = buildCluster(manifests, controlPlaneOptions(options, options.seed));
            problems.push(...built.problems);
            const rules = generateRules(built.cluster, node, input.proxyConfiguration, history.rules);
            return { cluster: built.cluster, ruleset: rules };
          },
        }
      : {}),
  });
  return { steps: plan.steps, problems: [...problems, ...plan.problems] };
}

async function commandsOf({ events, snapshot, at }: EventOptions, problems: Problem[]): Promise<Timed<Command>[]> {
  const own = snapshot === undefined ? undefined : join(snapshot, EVENTS_FILE);
  const path = events ?? (own !== undefined && existsSync(own) ? own : undefined);
  const commands: Timed<Command>[] = at.map(timedSnapshot);
  if (path !== undefined) {
    try {
      const read = readEvents(await readFile(path, "utf8"), path);
      problems.push(...read.problems);
      commands.push(...read.value);
    } catch (cause) {
      problems.push(error(`${path}: ${reasonOf(cause)}`));
    }
  }
  return commands.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
}

/** Paths are taken from where the file of events is. */
async function load(
  command: Command,
  file: string,
  options: EventOptions,
  input: ClusterInput,
  problems: Problem[],
): Promise<Change> {
  if (command.kind !== "manifests" && command.kind !== "snapshot") return command;
  const path = isAbsolute(command.path) ? command.path : join(dirname(file), command.path);
  if (command.kind === "manifests") {
    const manifests = await loadManifestFiles([path]);
    problems.push(...manifests.problems);
    return { kind: "manifests", verb: command.verb, manifests };
  }
  const snapshot = await readSnapshot(path, input.network);
  problems.push(...snapshot.problems);
  if (options.file.length > 0 || options.ruleset.length > 0) return { kind: "snapshot", network: snapshot.network };
  const { snapshotRules } = await import("./rule-files.ts");
  const rules = await snapshotRules(path);
  problems.push(...rules.problems);
  return { kind: "snapshot", network: snapshot.network, ruleset: rules.ruleset };
}

/** `--at` stands where the command was given, so its path is taken from there. */
function timedSnapshot(value: string): Timed<Command> {
  const [time = "", path = ""] = splitAt(value);
  return {
    time: readTime(time) ?? 0n,
    place: { file: "--at", line: 1, column: 1 },
    change: { kind: "snapshot", path },
  };
}

function collectAt(value: string, previous: readonly string[]): readonly string[] {
  const [time = "", path = ""] = splitAt(value);
  if (path !== "" && readTime(time) !== undefined) return [...previous, value];
  throw usageError(
    `--at ${value}: not TIME=DIR`,
    "for example 2026-11-21T00:47:31Z=node1-later/, or seconds since 1970",
  );
}

function splitAt(value: string): [time: string, path: string] {
  const equals = value.indexOf("=");
  return [value.slice(0, equals), value.slice(equals + 1)];
}

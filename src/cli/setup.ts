/** What replay and audit do first: read the cluster, generate the rules, compile the program. */

import { type NodeProgram, prepareProgram } from "../library/setup.ts";
import type { Problem } from "../manifest/types.ts";
import { withInterfaces } from "../network/node.ts";
import { generateRules } from "../proxy/generate.ts";
import type { ReplayCapture } from "../replay/types.ts";
import { namedCaptures, requireReadable } from "./captures.ts";
import { requireNoErrors, usageError } from "./messages.ts";
import { type ClusterOptions, loadClusterInput } from "./options.ts";

export interface RunOptions extends ClusterOptions {
  readonly fromHost: readonly string[];
  readonly fastPath: boolean;
}

export interface Prepared {
  readonly captures: readonly ReplayCapture[];
  readonly program: NodeProgram;
}

/** Ends the command with all that is wrong, before a packet is read. */
export async function prepare(names: readonly string[], options: RunOptions): Promise<Prepared> {
  const captures = namedCaptures(names, options.fromHost);
  if (options.file.length === 0) throw usageError("no manifests are named", "name files or directories with -f");
  const input = await loadClusterInput(options);
  requireNoErrors([...input.problems, ...emptyCluster(input.cluster.services.length, options.file)]);
  await requireReadable(captures);
  const ruleset = generateRules(input.cluster, withInterfaces(input.node, input.network), input.proxyConfiguration);
  const program = prepareProgram(input.cluster, ruleset, input.network);
  requireNoErrors(program.problems);
  return { captures, program };
}

function emptyCluster(services: number, files: readonly string[]): Problem[] {
  if (services > 0) return [];
  return [{ severity: "warning", message: `no Service in ${files.join(", ")}: packets meet no Service rules` }];
}

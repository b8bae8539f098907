/** Which rules run: those of --ruleset, else what kube-proxy would program for the manifests, else the snapshot's own. */

import { type Command, Option } from "commander";
import type { Problem } from "../manifest/types.ts";
import { withInterfaces } from "../network/node.ts";
import { generateRules } from "../proxy/generate.ts";
import type { Ruleset } from "../ruleset/types.ts";
import { usageError } from "./messages.ts";
import { type ClusterInput, type ClusterOptions, collect } from "./options.ts";

export interface RulesOptions extends ClusterOptions {
  readonly ruleset: readonly string[];
  readonly ipset?: string;
  /** Absent: an error. */
  readonly unsupported?: "error" | "ignore";
}

export interface Rules {
  readonly ruleset: Ruleset;
  readonly problems: readonly Problem[];
}

/** Adds the options that name rules. */
export function addRulesOptions(command: Command): Command {
  return command
    .option(
      "--ruleset <file>",
      "run these rules, as iptables-save or `nft -j list ruleset` prints them; repeatable; ip6=FILE: as ip6tables-save does",
      collect,
      [],
    )
    .option("--ipset <file>", "the sets that iptables' rules name, as `ipset save` prints them")
    .addOption(
      new Option(
        "--unsupported <how>",
        "matches and targets that are not supported: an error, or ignored with a warning",
      )
        .choices(["error", "ignore"])
        .default("error"),
    );
}

export async function loadRules(options: RulesOptions, input: ClusterInput): Promise<Rules> {
  const { ruleset, unsupported, snapshot } = options;
  if (ruleset.length > 0) return (await import("./rule-files.ts")).listedRules(options);
  if (options.file.length === 0 && snapshot !== undefined) {
    return (await import("./rule-files.ts")).snapshotRules(snapshot, unsupported);
  }
  const node = withInterfaces(input.node, input.network);
  return { ruleset: generateRules(input.cluster, node, input.proxyConfiguration), problems: [] };
}

/** Ends the command when the options name no rules at all. */
export function requireRules({ file, snapshot, ruleset }: RulesOptions): void {
  if (file.length > 0 || snapshot !== undefined || ruleset.length > 0) return;
  throw usageError("no manifests are named", "name files or directories with -f, or a node's state with --snapshot");
}

/** Which rules run: those of --ruleset, else what kube-proxy would program for the manifests, else the snapshot's own. */

import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Problem } from "../manifest/types.ts";
import { withInterfaces } from "../network/node.ts";
import { generateRules } from "../proxy/generate.ts";
import { isNftJson, readNftJson } from "../ruleset/nft-json.ts";
import type { Ruleset } from "../ruleset/types.ts";
import { error, usageError } from "./messages.ts";
import { type ClusterInput, type ClusterOptions, reasonOf } from "./options.ts";

export interface RulesOptions extends ClusterOptions {
  readonly ruleset: readonly string[];
}

export interface Rules {
  readonly ruleset: Ruleset;
  readonly problems: readonly Problem[];
}

/** What a snapshot's rules are called, and what prints them. */
const SNAPSHOT_RULES = "rules.nft.json";

export async function loadRules(options: RulesOptions, input: ClusterInput): Promise<Rules> {
  if (options.ruleset.length > 0) return merged(await Promise.all(options.ruleset.map(readRules)));
  if (options.file.length === 0 && options.snapshot !== undefined) return snapshotRules(options.snapshot);
  const node = withInterfaces(input.node, input.network);
  return { ruleset: generateRules(input.cluster, node, input.proxyConfiguration), problems: [] };
}

/** Ends the command when the options name no rules at all. */
export function requireRules({ file, snapshot, ruleset }: RulesOptions): void {
  if (file.length > 0 || snapshot !== undefined || ruleset.length > 0) return;
  throw usageError("no manifests are named", "name files or directories with -f, or a node's state with --snapshot");
}

/** The rules that ran when a snapshot was taken. */
export async function snapshotRules(directory: string): Promise<Rules> {
  const path = join(directory, SNAPSHOT_RULES);
  const isThere = await access(path).then(
    () => true,
    () => false,
  );
  if (isThere) return readRules(path);
  const remedy = `\`nft -j list ruleset > ${path}\` on the node, or manifests with -f`;
  const problem: Problem = { ...error(`${directory}: has no ${SNAPSHOT_RULES}, and no manifests are named`), remedy };
  return { ruleset: { tables: [] }, problems: [problem] };
}

async function readRules(path: string): Promise<Rules> {
  try {
    const text = await readFile(path, "utf8");
    if (isNftJson(text)) return readNftJson(text, path);
    const remedy = "--ruleset wants what `nft -j list ruleset` prints";
    return { ruleset: { tables: [] }, problems: [{ ...error(`${path}: rules in a format that is not read`), remedy }] };
  } catch (cause) {
    return { ruleset: { tables: [] }, problems: [error(`${path}: ${reasonOf(cause)}`)] };
  }
}

function merged(all: readonly Rules[]): Rules {
  const tables = all.flatMap(({ ruleset }) => ruleset.tables);
  return { ruleset: { tables }, problems: all.flatMap(({ problems }) => problems) };
}

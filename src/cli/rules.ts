/** Which rules run: those of --ruleset, else what kube-proxy would program for the manifests, else the snapshot's own. */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Command, Option } from "commander";
import type { Problem } from "../manifest/types.ts";
import { withInterfaces } from "../network/node.ts";
import { generateRules } from "../proxy/generate.ts";
import { readIpSets } from "../ruleset/ipset.ts";
import type { IpSets } from "../ruleset/iptables-options.ts";
import { isIptablesSave, type ReadOptions, readIptablesSave } from "../ruleset/iptables-save.ts";
import { BUILT_IN_CHAINS } from "../ruleset/iptables-tables.ts";
import { isNftJson, readNftJson } from "../ruleset/nft-json.ts";
import type { Ruleset, Table } from "../ruleset/types.ts";
import { error, usageError } from "./messages.ts";
import { type ClusterInput, type ClusterOptions, collect, reasonOf } from "./options.ts";

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

/** What a snapshot's rules are called, and which command prints them. */
const SNAPSHOT_NFT = "rules.nft.json";
const SNAPSHOT_IPTABLES = { ip: "rules.iptables-save", ip6: "rules.ip6tables-save" } as const;
const SNAPSHOT_IPSET = "ipset.txt";
const FAMILIES = ["ip", "ip6"] as const;
const NO_RULES: Rules = { ruleset: { tables: [] }, problems: [] };
/** `ip6=FILE` says what a text does not. */
const FAMILY_PREFIX = /^(ip6?)=(.+)$/;

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
  const { ruleset, unsupported, ipset, snapshot } = options;
  if (ruleset.length > 0) {
    const sets = ipset === undefined ? undefined : await ipSets(ipset);
    return merged([
      ...(sets?.rules ?? []),
      ...(await Promise.all(ruleset.map((name) => namedRules(name, unsupported, sets)))),
    ]);
  }
  if (options.file.length === 0 && snapshot !== undefined) return snapshotRules(snapshot, unsupported);
  const node = withInterfaces(input.node, input.network);
  return { ruleset: generateRules(input.cluster, node, input.proxyConfiguration), problems: [] };
}

/** Ends the command when the options name no rules at all. */
export function requireRules({ file, snapshot, ruleset }: RulesOptions): void {
  if (file.length > 0 || snapshot !== undefined || ruleset.length > 0) return;
  throw usageError("no manifests are named", "name files or directories with -f, or a node's state with --snapshot");
}

/**
 * The rules that ran when a snapshot was taken. iptables' tables in nf_tables show in nft's JSON, too, but not whole: the
 * listing of iptables-save stands for them.
 */
export async function snapshotRules(
  directory: string,
  unsupported: RulesOptions["unsupported"] = "error",
): Promise<Rules> {
  const sets = await ipSets(join(directory, SNAPSHOT_IPSET), true);
  const files = await Promise.all(
    FAMILIES.map(async (family) => {
      const file = join(directory, SNAPSHOT_IPTABLES[family]);
      const text = await textOf(file);
      return text === undefined ? undefined : readIptablesSave(text, { file, family, unsupported, sets: sets.sets });
    }),
  );
  const listed = merged([...sets.rules, ...files.filter((rules) => rules !== undefined)]);
  const path = join(directory, SNAPSHOT_NFT);
  const text = await textOf(path);
  if (text === undefined && files.every((rules) => rules === undefined)) {
    const remedy = `\`nft -j list ruleset > ${path}\` on the node, or manifests with -f`;
    const problem = error(
      `${directory}: has no ${SNAPSHOT_NFT} or ${SNAPSHOT_IPTABLES.ip}, and no manifests are named`,
    );
    return { ...NO_RULES, problems: [{ ...problem, remedy }] };
  }
  if (text === undefined) return listed;
  const nft = readNftJson(text, path);
  const tables = nft.ruleset.tables.filter((table) => !isListed(table, listed.ruleset));
  return merged([{ ruleset: { tables }, problems: nft.problems }, listed]);
}

function isListed({ family, name }: Table, { tables }: Ruleset): boolean {
  return BUILT_IN_CHAINS[name] !== undefined && tables.some((table) => table.family === family && table.name === name);
}

async function namedRules(
  name: string,
  unsupported: RulesOptions["unsupported"] = "error",
  sets?: FileSets,
): Promise<Rules> {
  const [, family, path = name] = FAMILY_PREFIX.exec(name) ?? [];
  try {
    const text = await readFile(path, "utf8");
    if (isNftJson(text)) return readNftJson(text, path);
    const options: ReadOptions = {
      file: path,
      unsupported,
      ...(family && { family: family as "ip" | "ip6" }),
      ...(sets && { sets: sets.sets }),
    };
    if (isIptablesSave(text)) return readIptablesSave(text, options);
    const remedy = "--ruleset wants what iptables-save or `nft -j list ruleset` prints";
    return { ...NO_RULES, problems: [{ ...error(`${path}: rules in a format that is not read`), remedy }] };
  } catch (cause) {
    return { ...NO_RULES, problems: [error(`${path}: ${reasonOf(cause)}`)] };
  }
}

/** Sets of ipset, and what is wrong with their file as rules have it. */
interface FileSets {
  readonly sets: IpSets;
  readonly rules: readonly Rules[];
}

async function ipSets(path: string, isOptional = false): Promise<FileSets> {
  const text = await textOf(path);
  const { sets, problems } = readIpSets(text ?? "", path);
  const missing = text === undefined && !isOptional ? [error(`${path}: no such file or directory`)] : [];
  return { sets, rules: [{ ...NO_RULES, problems: [...missing, ...problems] }] };
}

/** Undefined: there is no such file. */
async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    if ((cause as { code?: string }).code === "ENOENT") return undefined;
    throw cause;
  }
}

function merged(all: readonly Rules[]): Rules {
  const tables = all.flatMap(({ ruleset }) => ruleset.tables);
  return { ruleset: { tables }, problems: all.flatMap(({ problems }) => problems) };
}

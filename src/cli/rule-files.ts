/** Rules from files: iptables-save's text, nft's JSON, and what a node's snapshot has of both. Loaded when there are any. */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { readIpSets } from "../ruleset/ipset.ts";
import type { IpSets } from "../ruleset/iptables-options.ts";
import { isIptablesSave, type ReadOptions, readIptablesSave } from "../ruleset/iptables-save.ts";
import { BUILT_IN_CHAINS } from "../ruleset/iptables-tables.ts";
import { isNftJson, readNftJson } from "../ruleset/nft-json.ts";
import type { Ruleset, Table } from "../ruleset/types.ts";
import { error } from "./messages.ts";
import { reasonOf } from "./options.ts";
import type { Rules, RulesOptions } from "./rules.ts";

/** What a snapshot's rules are called, and which command prints them. */
const SNAPSHOT_NFT = "rules.nft.json";
const SNAPSHOT_IPTABLES = { ip: "rules.iptables-save", ip6: "rules.ip6tables-save" } as const;
const SNAPSHOT_IPSET = "ipset.txt";
const FAMILIES = ["ip", "ip6"] as const;
const NO_RULES: Rules = { ruleset: { tables: [] }, problems: [] };
/** `ip6=FILE` says what a text does not. */
const FAMILY_PREFIX = /^(ip6?)=(.+)$/;

/** The rules that --ruleset names, with the sets of --ipset. */
export async function listedRules({ ruleset, unsupported, ipset }: RulesOptions): Promise<Rules> {
  const sets = ipset === undefined ? undefined : await ipSets(ipset);
  return merged([
    ...(sets?.rules ?? []),
    ...(await Promise.all(ruleset.map((name) => namedRules(name, unsupported, sets)))),
  ]);
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

/**
 * `sluice compile`: what kube-proxy would program on a node, as the text or JSON that nft or iptables-restore loads. Mode
 * direct is nobody's but sluice's: it is printed for readers.
 */

import { Command, Option } from "commander";
import type { Cluster, ClusterNode } from "../cluster/types.ts";
import { withInterfaces } from "../network/node.ts";
import { type ServiceEntry, serviceEntries } from "../proxy/direct/listing.ts";
import { generateRules } from "../proxy/generate.ts";
import { restoreText } from "../proxy/iptables/restore.ts";
import { nftablesTransaction, transactionText } from "../proxy/nftables/transaction.ts";
import type { ProxyConfiguration } from "../proxy/types.ts";
import { updatedServices } from "../proxy/updated-services.ts";
import { table } from "../report/table.ts";
import { iptablesText } from "../ruleset/iptables-text.ts";
import { rulesetJson } from "../ruleset/nft-json-print.ts";
import { rulesetText } from "../ruleset/nft-text.ts";
import type { Ruleset, TableFamily } from "../ruleset/types.ts";
import { requireNoErrors, usageError } from "./messages.ts";
import { addClusterOptions, type ClusterOptions, collect, loadClusterInput } from "./options.ts";

interface CompileOptions extends ClusterOptions {
  readonly output: "text" | "json";
  /** Absent: all that the mode's own tool loads at once. */
  readonly family?: keyof typeof FAMILIES;
  readonly against: readonly string[];
  readonly fullSync: boolean;
}

interface NodeRules {
  readonly cluster: Cluster;
  readonly node: ClusterNode;
  readonly mode: ProxyConfiguration["mode"];
  readonly ruleset: Ruleset;
}

const FAMILIES = {
  ipv4: ["ip", "inet"],
  ipv6: ["ip6", "inet"],
  both: ["ip", "ip6", "inet"],
} as const satisfies Record<string, readonly TableFamily[]>;

export function compileCommand(): Command {
  const command = new Command("compile").description("print the rules that kube-proxy would program on the node");
  return addClusterOptions(command)
    .addOption(
      new Option("-o, --output <format>", "text: for nft -f or iptables-restore; json: for nft -j -f")
        .choices(["text", "json"])
        .default("text"),
    )
    .addOption(
      new Option("--family <family>", "tables to print (default: both; in mode iptables ipv4)").choices(
        Object.keys(FAMILIES),
      ),
    )
    .option(
      "--against <path>",
      "manifests of before: print what one sync sends to nft or iptables-restore --noflush; repeatable",
      collect,
      [],
    )
    .option("--full-sync", "with --against, in mode iptables: write all chains, as kube-proxy does every hour", false)
    .addHelpText("after", HELP)
    .action(compile);
}

const HELP = `
Examples:
  sluice compile -f cluster.yaml --node node1 | nft -f -
  sluice compile -f cluster.yaml --node node1 --mode iptables --family ipv6 | ip6tables-restore
`;

async function compile(options: CompileOptions): Promise<void> {
  if (options.against.length > 0 && options.output === "json") {
    throw usageError("--against prints commands, which have no JSON", "leave -o json out");
  }
  const rules = await load(options);
  if (options.fullSync && (options.against.length === 0 || rules.mode !== "iptables")) {
    throw usageError("--full-sync is one of the syncs that --against prints in mode iptables", "leave it out");
  }
  process.stdout.write(await OUTPUTS[rules.mode](rules, options));
}

const OUTPUTS: Readonly<
  Record<ProxyConfiguration["mode"], (rules: NodeRules, options: CompileOptions) => Promise<string>>
> = { direct: directOutput, iptables: iptablesOutput, nftables: nftablesOutput };

async function load(options: ClusterOptions): Promise<NodeRules> {
  const { cluster, node, network, proxyConfiguration, problems } = await loadClusterInput(options);
  requireNoErrors(problems);
  const ruleset = generateRules(cluster, withInterfaces(node, network), proxyConfiguration);
  return { cluster, node, mode: proxyConfiguration.mode, ruleset };
}

/** iptables-restore and ip6tables-restore load one family each, and have no other form than text. */
async function iptablesOutput(rules: NodeRules, options: CompileOptions): Promise<string> {
  const { output, family = "ipv4", against } = options;
  if (output === "json") throw usageError("-o json is nft's: iptables-restore reads text only", "leave -o json out");
  if (family === "both") {
    throw usageError(
      "--family both is nft's: iptables-restore and ip6tables-restore read one family each",
      "name --family ipv4 or --family ipv6",
    );
  }
  const network = family === "ipv4" ? "ip" : "ip6";
  if (against.length === 0) return iptablesText(rules.ruleset, network);
  const before = await load({ ...options, file: against });
  const sync = { before: before.ruleset, after: rules.ruleset };
  if (isFullSync(before, rules, options)) return restoreText(sync, network);
  const updated = updatedServices(before.cluster, rules.cluster, family === "ipv4" ? "IPv4" : "IPv6");
  return restoreText({ ...sync, updated }, network);
}

/** Other labels of the node may change what every Service's endpoints are, and so make kube-proxy write all of them. */
function isFullSync(before: NodeRules, after: NodeRules, { fullSync }: CompileOptions): boolean {
  return fullSync || JSON.stringify(before.node.labels) !== JSON.stringify(after.node.labels);
}

async function nftablesOutput({ ruleset }: NodeRules, options: CompileOptions): Promise<string> {
  const rules = ofFamily(ruleset, options.family);
  if (options.against.length > 0) {
    const before = await load({ ...options, file: options.against });
    return transactionText(nftablesTransaction(ofFamily(before.ruleset, options.family), rules));
  }
  return options.output === "json" ? `${JSON.stringify(rulesetJson(rules))}\n` : rulesetText(rules);
}

/** A table of Services, or the same as JSON. */
async function directOutput({ ruleset }: NodeRules, { output, family, against }: CompileOptions): Promise<string> {
  if (against.length > 0) {
    throw usageError("--against prints commands, and there are none for mode direct", "leave it out");
  }
  const services = serviceEntries(ofFamily(ruleset, family));
  if (output === "json") return `${JSON.stringify({ schema: "sluice/direct/v1", services })}\n`;
  return table(["SERVICE", "PROTOCOL", "ADDRESS", "PORT", "STEPS"], services.map(entryRow), "left");
}

function entryRow({ service, protocol, address = "<node>", port, steps }: ServiceEntry): string[] {
  return [service, protocol, address, String(port), steps.join("; ")];
}

function ofFamily({ tables }: Ruleset, family: CompileOptions["family"] = "both"): Ruleset {
  const families: readonly TableFamily[] = FAMILIES[family];
  return { tables: tables.filter((table) => families.includes(table.family)) };
}

/** `sluice compile`: what kube-proxy would program on a node, as the text or JSON that nft or iptables-restore loads. */

import { Command, Option } from "commander";
import { withInterfaces } from "../network/node.ts";
import { generateRules } from "../proxy/generate.ts";
import { nftablesTransaction, transactionText } from "../proxy/nftables/transaction.ts";
import type { ProxyConfiguration } from "../proxy/types.ts";
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
}

interface NodeRules {
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
      new Option(
        "--family <family>",
        "tables to print (default: both in mode nftables, ipv4 in mode iptables)",
      ).choices(Object.keys(FAMILIES)),
    )
    .option("--against <path>", "manifests of before: print what one sync sends to nft; repeatable", collect, [])
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
    throw usageError("--against prints commands for nft -f", "leave -o json out");
  }
  const rules = await load(options);
  process.stdout.write(
    rules.mode === "iptables" ? iptablesOutput(rules, options) : await nftablesOutput(rules, options),
  );
}

async function load(options: ClusterOptions): Promise<NodeRules> {
  const { cluster, node, network, proxyConfiguration, problems } = await loadClusterInput(options);
  requireNoErrors(problems);
  const ruleset = generateRules(cluster, withInterfaces(node, network), proxyConfiguration);
  return { mode: proxyConfiguration.mode, ruleset };
}

/** iptables-restore and ip6tables-restore load one family each, and have no other form than text. */
function iptablesOutput({ ruleset }: NodeRules, { output, family = "ipv4", against }: CompileOptions): string {
  if (output === "json") throw usageError("-o json is nft's: iptables-restore reads text only", "leave -o json out");
  if (against.length > 0) throw usageError("--against prints commands for nft -f", "it needs --mode nftables");
  if (family === "both") {
    throw usageError(
      "--family both is nft's: iptables-restore and ip6tables-restore read one family each",
      "name --family ipv4 or --family ipv6",
    );
  }
  return iptablesText(ruleset, family === "ipv4" ? "ip" : "ip6");
}

async function nftablesOutput({ ruleset }: NodeRules, options: CompileOptions): Promise<string> {
  const rules = ofFamily(ruleset, options.family);
  if (options.against.length > 0) {
    const before = await load({ ...options, file: options.against });
    return transactionText(nftablesTransaction(ofFamily(before.ruleset, options.family), rules));
  }
  return options.output === "json" ? `${JSON.stringify(rulesetJson(rules))}\n` : rulesetText(rules);
}

function ofFamily({ tables }: Ruleset, family: CompileOptions["family"] = "both"): Ruleset {
  const families: readonly TableFamily[] = FAMILIES[family];
  return { tables: tables.filter((table) => families.includes(table.family)) };
}

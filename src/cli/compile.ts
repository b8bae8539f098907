/** `sluice compile`: what kube-proxy would program on a node, as the text or the JSON that nft lists and loads. */

import { Command, Option } from "commander";
import { withInterfaces } from "../network/node.ts";
import { generateNftables } from "../proxy/nftables/ruleset.ts";
import { nftablesTransaction, transactionText } from "../proxy/nftables/transaction.ts";
import type { ProxyConfiguration } from "../proxy/types.ts";
import { rulesetJson } from "../ruleset/nft-json-print.ts";
import { rulesetText } from "../ruleset/nft-text.ts";
import type { Ruleset, TableFamily } from "../ruleset/types.ts";
import { requireNoErrors, usageError } from "./messages.ts";
import { addClusterOptions, type ClusterOptions, collect, loadClusterInput } from "./options.ts";

interface CompileOptions extends ClusterOptions {
  readonly output: "text" | "json";
  readonly family: keyof typeof FAMILIES;
  readonly against: readonly string[];
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
      new Option("-o, --output <format>", "text: for nft -f; json: for nft -j -f")
        .choices(["text", "json"])
        .default("text"),
    )
    .addOption(new Option("--family <family>", "tables to print").choices(Object.keys(FAMILIES)).default("both"))
    .option("--against <path>", "manifests of before: print what one sync sends to nft; repeatable", collect, [])
    .addHelpText("after", "\nExample:\n  sluice compile -f cluster.yaml --node node1 | nft -f -\n")
    .action(compile);
}

async function compile(options: CompileOptions): Promise<void> {
  if (options.against.length > 0 && options.output === "json") {
    throw usageError("--against prints commands for nft -f", "leave -o json out");
  }
  const ruleset = ofFamily(await load(options), options.family);
  if (options.against.length === 0) process.stdout.write(printed(ruleset, options.output));
  else {
    const before = ofFamily(await load({ ...options, file: options.against }), options.family);
    process.stdout.write(transactionText(nftablesTransaction(before, ruleset)));
  }
}

async function load(options: ClusterOptions): Promise<Ruleset> {
  const { cluster, node, network, proxyConfiguration, problems } = await loadClusterInput(options);
  requireNoErrors(problems);
  requireMode(proxyConfiguration);
  return generateNftables(cluster, withInterfaces(node, network), proxyConfiguration);
}

/** A proxy configuration may name a mode that the command line would have refused. */
function requireMode({ mode }: ProxyConfiguration): void {
  if (mode === "nftables") return;
  throw usageError(
    `mode ${mode} is not available in this version`,
    "--mode nftables overrides the proxy configuration",
  );
}

function ofFamily({ tables }: Ruleset, family: CompileOptions["family"]): Ruleset {
  const families: readonly TableFamily[] = FAMILIES[family];
  return { tables: tables.filter((table) => families.includes(table.family)) };
}

function printed(ruleset: Ruleset, format: CompileOptions["output"]): string {
  return format === "json" ? `${JSON.stringify(rulesetJson(ruleset))}\n` : rulesetText(ruleset);
}

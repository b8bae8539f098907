/** `sluice diff`: a capture through two modes or two states of a cluster; exit code 1 when something would change. */

import { Command, Option } from "commander";
import { type DiffSide, diffCaptures } from "../diff/diff.ts";
import { diffText } from "../diff/text.ts";
import { isSame } from "../diff/types.ts";
import { engineWasm } from "../engine/wasm-node.ts";
import { Node } from "../library/node.ts";
import { ProgramHistory, prepareProgram } from "../library/setup.ts";
import type { ProxyConfiguration } from "../proxy/types.ts";
import { namedCaptures, requireReadable, totalBytes } from "./captures.ts";
import { interruptible } from "./interrupt.ts";
import { EXIT_FAILURE, EXIT_INTERRUPTED, EXIT_OK, printProblems, requireNoErrors, usageError } from "./messages.ts";
import { addClusterOptions, collect, loadClusterInput, parseMode } from "./options.ts";
import { startProgress } from "./progress.ts";
import { loadRules, type RulesOptions, requireRules } from "./rules.ts";

type Mode = ProxyConfiguration["mode"];

interface Options extends Omit<RulesOptions, "mode" | "ruleset"> {
  readonly mode?: readonly Mode[];
  readonly against: readonly string[];
  readonly fromHost: readonly string[];
  readonly output: "text" | "json";
}

export function diffCommand(): Command {
  const command = new Command("diff")
    .description("what would change for a capture's connections under another mode, or other manifests")
    .argument("<capture...>", "pcap or pcapng, also packed with gzip; IFACE=FILE says where it was taken");
  const mode = new Option("--mode <a,b>", "from mode A to mode B, or one mode for both").argParser(parseModes);
  return addClusterOptions(command, mode)
    .option("--against <path>", "the manifests afterwards: a file or a directory; repeatable", collect, [])
    .option("--from-host <capture>", "packets that the node itself sends; repeatable", collect, [])
    .addOption(new Option("-o, --output <format>", "the result").choices(["text", "json"]).default("text"))
    .addHelpText(
      "after",
      "\nWhat the rules draw at random is no difference: what they may draw is compared.\n\nExamples:\n  sluice diff -f cluster.yaml --mode iptables,nftables node.pcapng\n  sluice diff -f cluster.yaml --against changed.yaml node.pcapng\n",
    )
    .action(async (names: string[], options: Options) => {
      process.exitCode = await diff(names, options);
    });
}

async function diff(names: readonly string[], options: Options): Promise<number> {
  const { mode: [first, second = first] = [], against, file } = options;
  if (first === second && against.length === 0) {
    throw usageError(
      "there is nothing to compare",
      "name two modes with --mode A,B, or other manifests with --against",
    );
  }
  const captures = namedCaptures(names, options.fromHost);
  const before = await side(options, file, first, against.length > 0 ? file.join(" ") : undefined);
  const after = await side(options, against.length > 0 ? against : file, second, against.join(" ") || undefined);
  await requireReadable(captures);
  const { signal, dispose } = interruptible();
  const progress = await startProgress(2 * totalBytes(captures));
  const { diff: result, problems } = await diffCaptures({
    engine: engineWasm,
    before,
    after,
    captures,
    seed: BigInt(options.seed),
    onProgress: progress.update,
    signal,
  });
  dispose();
  progress.stop();
  printProblems(problems);
  process.stdout.write(options.output === "json" ? `${JSON.stringify(result)}\n` : diffText(result));
  if (signal.aborted) return EXIT_INTERRUPTED;
  return problems.length > 0 || !isSame(result) ? EXIT_FAILURE : EXIT_OK;
}

async function side(
  { mode: _, ...options }: Options,
  file: readonly string[],
  mode: Mode | undefined,
  files: string | undefined,
): Promise<DiffSide> {
  const own: RulesOptions = { ...options, file, ruleset: [], ...(mode === undefined ? {} : { mode }) };
  requireRules(own);
  const input = await loadClusterInput(own);
  requireNoErrors(input.problems);
  const { ruleset, problems } = await loadRules(own, input);
  requireNoErrors(problems);
  const { cluster, network, node } = input;
  const program = prepareProgram(cluster, ruleset, network, new ProgramHistory({ optimise: true }));
  requireNoErrors(program.problems);
  const named = cluster.nodes.length > 0 ? { node: node.name } : {};
  return {
    name: files === undefined ? input.proxyConfiguration.mode : `${files} (${input.proxyConfiguration.mode})`,
    program,
    createNode: () => Node.create({ engine: engineWasm(), manifests: cluster, ...named, ruleset, network }),
  };
}

function parseModes(value: string): readonly Mode[] {
  const modes = value.split(",").map((mode) => parseMode(mode.trim()));
  if (modes.length <= 2) return modes;
  throw usageError(`--mode ${value}: two modes are compared`, "for example --mode iptables,nftables");
}

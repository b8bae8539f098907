/** `sluice audit`: does the node do what it should? Predicted against captured outgoing packets; exit code 1 if not. */

import { Command, Option } from "commander";
import { auditText } from "../audit/text.ts";
import { isClean } from "../audit/types.ts";
import { engineWasm } from "../engine/wasm-node.ts";
import { replayCaptures } from "../replay/replay.ts";
import { totalBytes } from "./captures.ts";
import { addEventOptions } from "./events.ts";
import { interruptible } from "./interrupt.ts";
import { EXIT_FAILURE, EXIT_INTERRUPTED, EXIT_OK, printProblems } from "./messages.ts";
import { addClusterOptions, collect } from "./options.ts";
import { startProgress } from "./progress.ts";
import { addRulesOptions } from "./rules.ts";
import { prepare, type RunOptions } from "./setup.ts";

interface Options extends RunOptions {
  readonly fastPath: boolean;
  readonly output: "text" | "json";
}

export function auditCommand(): Command {
  const command = new Command("audit")
    .description(
      "compare what the node should send with what a capture of both directions shows; exit code 1 if they differ",
    )
    .argument(
      "<capture...>",
      "pcap or pcapng of both directions, also packed with gzip; IFACE=FILE says where it was taken",
    );
  return addEventOptions(addRulesOptions(addClusterOptions(command)))
    .option("--from-host <capture>", "packets that the node itself sends; repeatable", collect, [])
    .option("--no-fast-path", "send every packet through every rule")
    .option("--no-optimise", "walk long chains rule by rule, as they are written, instead of by an index")
    .addOption(new Option("-o, --output <format>", "the result").choices(["text", "json"]).default("text"))
    .addHelpText("after", "\nExample:\n  sluice audit -f cluster.yaml --snapshot node1/ node1/capture.pcapng.gz\n")
    .action(async (names: string[], options: Options) => {
      process.exitCode = await audit(names, options);
    });
}

async function audit(names: readonly string[], options: Options): Promise<number> {
  const { captures, program, steps } = await prepare(names, options);
  const { signal, dispose } = interruptible();
  const progress = await startProgress(totalBytes(captures));
  const { audit: result, problems } = await replayCaptures({
    engine: engineWasm(),
    program,
    captures,
    steps,
    seed: BigInt(options.seed),
    fastPath: options.fastPath,
    audit: true,
    onProgress: progress.update,
    signal,
  });
  dispose();
  progress.stop();
  printProblems(problems);
  if (result === undefined) throw new Error("an audit has no result");
  process.stdout.write(options.output === "json" ? `${JSON.stringify(result)}\n` : auditText(result));
  if (signal.aborted) return EXIT_INTERRUPTED;
  return problems.length > 0 || !isClean(result) ? EXIT_FAILURE : EXIT_OK;
}

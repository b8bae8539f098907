/** The command line: one file per command; what goes wrong ends here, as a message and an exit code. */

import { Command, CommanderError } from "commander";
import { VERSION } from "../version.ts";
import { auditCommand } from "./audit.ts";
import { checkCommand } from "./check.ts";
import { compileCommand } from "./compile.ts";
import { diffCommand } from "./diff.ts";
import { dnsCommand } from "./dns.ts";
import { envCommand } from "./env.ts";
import { generateCommand } from "./generate.ts";
import { getCommand } from "./get.ts";
import { EXIT_OK, EXIT_USAGE, ProblemError, printProblems } from "./messages.ts";
import { replayCommand } from "./replay.ts";
import { resolveCommand } from "./resolve.ts";
import { scaleCommand } from "./scale.ts";
import { snapshotCommand } from "./snapshot.ts";
import { traceCommand } from "./trace.ts";

process.exitCode = await main(process.argv);

/** Runs one command; returns its exit code. */
async function main(argv: readonly string[]): Promise<number> {
  process.stdout.on("error", quietOnClosedPipe);
  try {
    await program().parseAsync(argv);
    return Number(process.exitCode ?? EXIT_OK);
  } catch (cause) {
    if (cause instanceof CommanderError) return cause.exitCode === 0 ? EXIT_OK : EXIT_USAGE;
    if (!(cause instanceof ProblemError)) throw cause;
    printProblems(cause.problems);
    return cause.exitCode;
  }
}

function program(): Command {
  const sluice = new Command("sluice")
    .description("A Kubernetes Service data plane in WebAssembly: what kube-proxy and netfilter do to real packets")
    .version(VERSION)
    .showHelpAfterError("(--help shows the options)");
  for (const command of [
    replayCommand(),
    auditCommand(),
    diffCommand(),
    generateCommand(),
    traceCommand(),
    compileCommand(),
    checkCommand(),
    getCommand(),
    resolveCommand(),
    dnsCommand(),
    envCommand(),
    snapshotCommand(),
    scaleCommand(),
  ]) {
    sluice.addCommand(command.copyInheritedSettings(sluice));
  }
  return throwInsteadOfExit(sluice);
}

/** Exit codes are decided in one place. */
function throwInsteadOfExit(command: Command): Command {
  command.exitOverride();
  command.commands.forEach(throwInsteadOfExit);
  return command;
}

/** `sluice … | head` is no failure. */
function quietOnClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code === "EPIPE") process.exit(EXIT_OK);
  throw error;
}

/** The command line: one file per command; what goes wrong ends here, as a message and an exit code. */

import { Command, CommanderError } from "commander";
import { VERSION } from "../version.ts";
import { EXIT_OK, EXIT_USAGE, ProblemError, printProblems } from "./messages.ts";

/** In the order of the help text. Each is loaded when it is wanted: nobody waits for what other commands need. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  replay: async () => (await import("./replay.ts")).replayCommand(),
  audit: async () => (await import("./audit.ts")).auditCommand(),
  diff: async () => (await import("./diff.ts")).diffCommand(),
  generate: async () => (await import("./generate.ts")).generateCommand(),
  trace: async () => (await import("./trace.ts")).traceCommand(),
  compile: async () => (await import("./compile.ts")).compileCommand(),
  check: async () => (await import("./check.ts")).checkCommand(),
  get: async () => (await import("./get.ts")).getCommand(),
  resolve: async () => (await import("./resolve.ts")).resolveCommand(),
  dns: async () => (await import("./dns.ts")).dnsCommand(),
  env: async () => (await import("./env.ts")).envCommand(),
  snapshot: async () => (await import("./snapshot.ts")).snapshotCommand(),
  scale: async () => (await import("./scale.ts")).scaleCommand(),
};

process.exitCode = await main(process.argv);

/** Runs one command; returns its exit code. */
async function main(argv: readonly string[]): Promise<number> {
  process.stdout.on("error", quietOnClosedPipe);
  try {
    await (await program(argv)).parseAsync(argv);
    return Number(process.exitCode ?? EXIT_OK);
  } catch (cause) {
    if (cause instanceof CommanderError) return cause.exitCode === 0 ? EXIT_OK : EXIT_USAGE;
    if (!(cause instanceof ProblemError)) throw cause;
    printProblems(cause.problems);
    return cause.exitCode;
  }
}

/** With the one command that is called; with all of them where none is known by that name. */
async function program([, , name = ""]: readonly string[]): Promise<Command> {
  const sluice = new Command("sluice")
    .description("A Kubernetes Service data plane in WebAssembly: what kube-proxy and netfilter do to real packets")
    .version(VERSION)
    .showHelpAfterError("(--help shows the options)");
  const called = Object.hasOwn(COMMANDS, name) ? [COMMANDS[name]!] : Object.values(COMMANDS);
  for (const command of await Promise.all(called.map((load) => load()))) {
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

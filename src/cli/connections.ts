/** `sluice get connections`: what conntrack knows, of a snapshot or at the end of captures. No API object has it. */

import { engineWasm } from "../engine/wasm-node.ts";
import { prepareProgram } from "../library/setup.ts";
import type { Problem } from "../manifest/types.ts";
import { printYamlDocument } from "../manifest/yaml-print.ts";
import { jsonRecord } from "../replay/connections.ts";
import { replayCaptures } from "../replay/replay.ts";
import type { ConnectionRecord } from "../replay/types.ts";
import { connectionTable } from "../report/get/connection.ts";
import { EXIT_FAILURE, printProblems, requireNoErrors, usageError } from "./messages.ts";
import { loadClusterInput } from "./options.ts";
import { type Prepared, prepare, type RunOptions } from "./setup.ts";

interface Options extends RunOptions {
  readonly selector: readonly unknown[];
  readonly output?: "wide" | "yaml" | "json" | "name";
}

type Run = Pick<Prepared, "program" | "captures" | "steps">;

const NAMES = ["connections", "connection", "conn"];
const SCHEMA = "sluice/connections/v1";

export function areConnections(kinds: string): boolean {
  return NAMES.includes(kinds.toLowerCase());
}

/** Without captures, those of the snapshot: no packet comes, so no rules are asked for. */
export async function getConnections(captures: readonly string[], options: Options): Promise<void> {
  const { output, selector } = options;
  if (output === "name") throw usageError("-o name: connections have no names", "-o wide, yaml or json");
  if (selector.length > 0) throw usageError("-l: connections have no labels");
  const isReplay = captures.length + options.fromHost.length > 0;
  const { records, problems } = await openAtEnd(
    isReplay ? await prepare(captures, { ...options, optimise: true }) : await known(options),
    options,
  );
  printProblems(problems);
  if (problems.length > 0) process.exitCode = EXIT_FAILURE;
  const document = { schema: SCHEMA, connections: records.map(jsonRecord) };
  if (output === "json") process.stdout.write(`${JSON.stringify(document)}\n`);
  else if (output === "yaml") process.stdout.write(printYamlDocument(document));
  else if (records.length > 0) process.stdout.write(connectionTable(records, output === "wide"));
  else process.stderr.write("No connections found.\n");
}

async function known(options: Options): Promise<Run> {
  if (options.snapshot === undefined) {
    throw usageError("no connections are named", "name captures, or a node's state with --snapshot");
  }
  const { cluster, network, problems } = await loadClusterInput(options);
  requireNoErrors(problems);
  return { captures: [], steps: [], program: prepareProgram(cluster, { tables: [] }, network) };
}

async function openAtEnd(
  run: Run,
  { seed }: Options,
): Promise<{ readonly records: readonly ConnectionRecord[]; readonly problems: readonly Problem[] }> {
  const records: ConnectionRecord[] = [];
  const { problems } = await replayCaptures({
    engine: engineWasm(),
    ...run,
    seed: BigInt(seed),
    onConnection: (record) => {
      if (record.open) records.push(record);
    },
  });
  return { records, problems };
}

/** `sluice generate`: conversations of clients with a cluster's Services, as a capture on the node's interfaces. */

import { Command, Option } from "commander";
import type { CaptureSink } from "../capture/types.ts";
import { engineWasm } from "../engine/wasm-node.ts";
import { Node } from "../library/node.ts";
import { servedAddresses } from "../proxy/node-port-addresses.ts";
import { count } from "../report/table.ts";
import { HOST_CAPTURE, TrafficCapture } from "../traffic/capture.ts";
import { generateTraffic, type TrafficSummary } from "../traffic/generate.ts";
import type { StagedPacket } from "../traffic/stage.ts";
import { EXIT_FAILURE, EXIT_OK, error, ProblemError, requireNoErrors, usageError } from "./messages.ts";
import { addClusterOptions, type ClusterInput, collect, loadClusterInput } from "./options.ts";
import { openCaptureFile } from "./output-files-node.ts";
import { loadRules, type RulesOptions, requireRules } from "./rules.ts";

interface Options extends RulesOptions {
  readonly write: string;
  readonly fromHost?: string;
  readonly connections?: number;
  readonly packets?: number;
  readonly rate: number;
  readonly start: bigint;
  readonly outbound?: boolean;
}

const PACKETS_PER_SECOND = 1000;
const START = "2026-01-01T00:00:00Z";
const NANOSECONDS_PER_MILLISECOND = 1_000_000n;
/** Bytes that wait for the next write. */
const WAITING_MAX = 1 << 16;

export function generateCommand(): Command {
  const command = new Command("generate")
    .description("make a capture: clients talk to every Service port, and the endpoints that the rules choose answer")
    .requiredOption("-w, --write <file>", "the capture: .pcapng, or - for standard output", pcapngFile);
  return addClusterOptions(command)
    .option("--ruleset <file>", "run these rules, as `nft -j list ruleset` prints them; repeatable", collect, [])
    .option("--connections <n>", "how many conversations (default: one for each way to reach a Service port)", positive)
    .option("--packets <n>", "end with this many packets", positive)
    .option("--rate <n>", "packets per second", positive, PACKETS_PER_SECOND)
    .addOption(
      new Option("--start <time>", "time of the first packet").argParser(parseStart).default(parseStart(START), START),
    )
    .option("--from-host <file>", "processes of the node talk, too: their packets, for replay --from-host", pcapngFile)
    .option("--outbound", "show what leaves the node, too, as replay --follow and audit want it")
    .addHelpText(
      "after",
      "\nExample:\n  sluice generate -f cluster.yaml -w node.pcapng && sluice replay -f cluster.yaml node.pcapng\n",
    )
    .action(async (options: Options) => {
      process.exitCode = await generate(options);
    });
}

async function generate(options: Options): Promise<number> {
  requireRules(options);
  const input = await loadClusterInput(options);
  requireNoErrors(input.problems);
  const { ruleset, problems } = await loadRules(options, input);
  requireNoErrors(problems);
  const { cluster, node, network } = input;
  const stage = await Node.create({
    engine: engineWasm(),
    manifests: cluster,
    ...(cluster.nodes.length > 0 ? { node: node.name } : {}),
    ruleset,
    network,
    seed: options.seed,
  });
  const summary = await writeTraffic(options, input, stage);
  const text = summaryText(summary);
  (options.write === "-" ? process.stderr : process.stdout).write(text);
  if (summary.connections > 0) return EXIT_OK;
  throw new ProblemError([error("no client can reach a Service port: the capture is empty")], EXIT_FAILURE);
}

async function writeTraffic(options: Options, input: ClusterInput, node: Node): Promise<TrafficSummary> {
  const { cluster, network, proxyConfiguration } = input;
  const traffic = generateTraffic({
    cluster,
    network,
    node,
    nodeName: input.node.name,
    nodePortAddresses: servedAddresses(proxyConfiguration, input.node),
    seed: options.seed,
    ...(options.connections === undefined ? {} : { connections: options.connections }),
    ...(options.packets === undefined ? {} : { packets: options.packets }),
    start: options.start,
    packetsPerSecond: options.rate,
    hasHost: options.fromHost !== undefined,
  });
  const capture = new TrafficCapture(network);
  const wire = new BlockFile(options.write, capture.header(), capture.block.bind(capture));
  const host = options.fromHost && new BlockFile(options.fromHost, HOST_CAPTURE.header(), HOST_CAPTURE.block);
  for (let next = traffic.next(); ; next = traffic.next()) {
    if (next.done) {
      await wire.close();
      if (host) await host.close();
      return next.value;
    }
    if (next.value.link === undefined) {
      if (host) await host.write(next.value);
    } else if (!next.value.isOutbound || options.outbound) await wire.write(next.value);
  }
}

/** Blocks gathered into larger writes. */
class BlockFile {
  readonly #sink: CaptureSink;
  readonly #blockOf: (staged: StagedPacket) => Uint8Array;
  #waiting: Uint8Array[];
  #bytes = 0;

  constructor(path: string, header: Uint8Array, blockOf: (staged: StagedPacket) => Uint8Array) {
    this.#sink = openCaptureFile(path);
    this.#blockOf = blockOf;
    this.#waiting = [header];
  }

  async write(staged: StagedPacket): Promise<void> {
    const block = this.#blockOf(staged);
    this.#waiting.push(block);
    this.#bytes += block.length;
    if (this.#bytes >= WAITING_MAX) await this.#flush();
  }

  async close(): Promise<void> {
    await this.#flush();
    await this.#sink.close();
  }

  async #flush(): Promise<void> {
    const bytes = Buffer.concat(this.#waiting);
    this.#waiting = [];
    this.#bytes = 0;
    await this.#sink.write(bytes);
  }
}

function summaryText({ packets, connections, services, unreachable }: TrafficSummary): string {
  const what = `${count(packets)} packets of ${count(connections)} connections to ${count(services)} Service ports`;
  const missed = unreachable.map((service) => `${service}: no client has a way to it\n`);
  return `${what}\n${missed.join("")}`;
}

function pcapngFile(path: string): string {
  if (path === "-" || path.endsWith(".pcapng")) return path;
  throw usageError(`${path}: a capture of several interfaces is a pcapng file`, "write .pcapng");
}

function positive(value: string): number {
  const number = Number(value);
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw usageError(`${value}: not a whole number above 0`);
}

/** RFC 3339, to the millisecond. */
function parseStart(value: string): bigint {
  const milliseconds = Date.parse(value);
  if (Number.isNaN(milliseconds) || milliseconds < 0)
    throw usageError(`--start ${value}: not a time`, `for example ${START}`);
  return BigInt(milliseconds) * NANOSECONDS_PER_MILLISECOND;
}

/** `sluice trace`: one packet's walk, hook by hook, rule by rule. */

import { Command, Option } from "commander";
import pc from "picocolors";
import * as Wire from "../../assembly/layout/wire.ts";
import { engineWasm } from "../engine/wasm-node.ts";
import { prepareProgram } from "../library/setup.ts";
import { deriveNetwork } from "../network/derive.ts";
import { chooseNode } from "../network/node.ts";
import type { ReplayCapture } from "../replay/types.ts";
import { type MadeFromWords, makeDescribed } from "../trace/describe/make.ts";
import { senderOf } from "../trace/describe/sender.ts";
import type { PacketProtocol } from "../trace/describe/types.ts";
import { explainDescribed, explainWalk } from "../trace/explain/explain.ts";
import { type RunTraceOptions, type TracedWalks, traceCapture, traceMade } from "../trace/run.ts";
import { traceText } from "../trace/text.ts";
import { SCHEMA, type Trace } from "../trace/types.ts";
import { addZoneOptions, type ZoneFlags, zoneOf } from "./dns.ts";
import { addEventOptions } from "./events.ts";
import { EXIT_FAILURE, EXIT_OK, error, ProblemError, printProblems, requireNoErrors, usageError } from "./messages.ts";
import { addClusterOptions, type ClusterInput, collect, loadClusterInput } from "./options.ts";
import { addRulesOptions, loadRules, requireRules } from "./rules.ts";
import { prepare, type RunOptions } from "./setup.ts";

interface Options extends RunOptions, ZoneFlags {
  readonly from?: string;
  readonly to?: string;
  readonly protocol?: PacketProtocol;
  readonly flags: number;
  readonly packet?: PacketName;
  readonly follow?: boolean;
  readonly all?: boolean;
  readonly output: "text" | "json";
}

/** `[CAPTURE:]N`: of the first capture, if none is named. */
interface PacketName {
  readonly capture?: string;
  readonly number: number;
}

const EXAMPLES = `
Examples:
  sluice trace -f cluster.yaml --from pod/client --to web:80
  sluice trace -f cluster.yaml --from 203.0.113.5 --to 192.168.10.11:30080 --all
  sluice trace -f cluster.yaml node.pcapng --packet 12 -o json
  sluice trace --snapshot node1/ wire.pcapng --from-host sent.pcap --packet sent.pcap:3
`;
const TCP_FLAGS: Readonly<Record<string, number>> = {
  F: Wire.TCP_FIN,
  S: Wire.TCP_SYN,
  R: Wire.TCP_RST,
  P: Wire.TCP_PSH,
  A: Wire.TCP_ACK,
  ".": Wire.TCP_ACK,
  U: Wire.TCP_URG,
  E: Wire.TCP_ECE,
  W: Wire.TCP_CWR,
};

export function traceCommand(): Command {
  const command = new Command("trace")
    .description("one packet's walk, hook by hook, rule by rule: of a capture, or described")
    .argument("[capture...]", "pcap or pcapng; IFACE=FILE says where it was taken; - is standard input");
  return addEventOptions(addZoneOptions(addRulesOptions(addClusterOptions(command))))
    .option("--from-host <capture>", "packets that the node itself sends; repeatable", collect, [])
    .option(
      "--packet <[capture:]n>",
      "the packet with this number of a capture (default: the first), all before it having been processed",
      parsePacket,
    )
    .option("--follow", "take the choices that the capture's own outbound frames show, if the rules allow them")
    .option("--from <sender>", "pod/NAME, pod/NAMESPACE/NAME, node, or an address with or without a port")
    .option("--to <target>", "NAME:PORT as cluster DNS knows it, pod/NAME:PORT, or ADDRESS:PORT; ports have names, too")
    .addOption(new Option("--protocol <name>", "of the described packet").choices(["tcp", "udp", "sctp", "icmp"]))
    .option("--flags <letters>", "of a described TCP segment, as tcpdump writes them (default: S)", parseFlags)
    .option("--all", "show also the rules that do not match")
    .addOption(new Option("-o, --output <format>", "the trace").choices(["text", "json"]).default("text"))
    .addHelpText("after", EXAMPLES)
    .action(async (captures: readonly string[], options: Options) => {
      process.exitCode = await trace(captures, options);
    });
}

async function trace(names: readonly string[], options: Options): Promise<number> {
  requireRules(options);
  if (names.length > 0 || options.fromHost.length > 0) {
    if (options.packet === undefined) throw usageError("which packet of the capture?", "--packet N, counted from 1");
    return print(await traceOfCaptures(names, options.packet, options), options);
  }
  const { from, to, events, at } = options;
  if (from === undefined || to === undefined) {
    throw usageError("no packet is named", "a capture with --packet N, or --from SENDER --to TARGET");
  }
  if (events !== undefined || at.length > 0) {
    throw usageError("a described packet has no time: nothing happens before it", "name a capture and --packet N");
  }
  return print(await traceOfWords(from, to, options), options);
}

async function traceOfCaptures(names: readonly string[], asked: PacketName, options: Options): Promise<Trace> {
  const prepared = await prepare(names, options, true);
  const { input, captures, program, ruleset, steps } = prepared;
  const capture = capturedAs(asked.capture, captures);
  const { walk, packets, problems, state, ...rest } = await traceCapture({
    ...{ engine: engineWasm(), program, ruleset, captures, steps },
    ...{ seed: BigInt(options.seed), follow: options.follow === true },
    packet: { capture, number: asked.number },
  });
  printProblems(problems);
  if (walk === undefined) {
    throw new ProblemError([error(`${capture.name}: has ${packets} packets, and no packet ${asked.number}`)]);
  }
  return documentOf({ ...input, ...state?.world }, { walk, lost: 0, ...rest });
}

function capturedAs(name: string | undefined, captures: readonly ReplayCapture[]): ReplayCapture {
  const capture = name === undefined ? captures[0] : captures.find((one) => one.name === name);
  if (capture !== undefined) return capture;
  throw usageError(`--packet: no capture is called ${name}`, `there are ${captures.map((one) => one.name).join(", ")}`);
}

/** A pod's packets begin on the pod's own node, if no other point of view is asked for. */
async function traceOfWords(from: string, to: string, options: Options): Promise<Trace> {
  const loaded = await loadClusterInput(options);
  requireNoErrors(loaded.problems);
  const sender = senderOf(from, loaded);
  const podNode = "value" in sender ? sender.value.pod?.node : undefined;
  const isFree = options.node === undefined && options.snapshot === undefined;
  const input = isFree && podNode !== undefined ? viewedFrom(loaded, podNode) : loaded;
  const { protocol, flags = Wire.TCP_SYN } = options;
  const described = { from, to, flags, ...(protocol === undefined ? {} : { protocol }) };
  const made = makeDescribed(described, { ...input, zone: zoneOf(options) });
  if ("explanation" in made) {
    return { schema: SCHEMA, node: input.node.name, explanations: [made.explanation], lost: 0 };
  }
  const walks = await traceMade(await rulesOf(input, options), made.value.packet);
  return documentOf(input, walks, made.value);
}

function viewedFrom(input: ClusterInput, nodeName: string): ClusterInput {
  const { node, problems } = chooseNode(input.cluster, nodeName);
  return problems.length > 0 ? input : { ...input, node, network: deriveNetwork(input.cluster, nodeName) };
}

async function rulesOf(input: ClusterInput, options: Options): Promise<RunTraceOptions> {
  const { ruleset, problems } = await loadRules(options, input);
  requireNoErrors(problems);
  const program = prepareProgram(input.cluster, ruleset, input.network);
  requireNoErrors(program.problems);
  return { engine: engineWasm(), program, ruleset, seed: BigInt(options.seed), follow: options.follow === true };
}

function documentOf(input: ClusterInput, walks: TracedWalks, made?: MadeFromWords): Trace {
  const explanations = made === undefined ? explainWalk(input, walks.walk) : explainDescribed(input, walks.walk, made);
  return { schema: SCHEMA, node: input.node.name, ...walks, explanations };
}

/** Exit code 1: there was no packet to be made. What became of one that was is no failure. */
function print(document: Trace, { output, all = false }: Options): number {
  const text = output === "json" ? `${JSON.stringify(document)}\n` : traceText(document, { colours: pc, all });
  process.stdout.write(text);
  return document.walk === undefined ? EXIT_FAILURE : EXIT_OK;
}

function parsePacket(value: string): PacketName {
  const colon = value.lastIndexOf(":");
  const number = Number(value.slice(colon + 1));
  if (!Number.isInteger(number) || number < 1) throw usageError(`--packet ${value}: not a whole number from 1 on`);
  return colon < 0 ? { number } : { capture: value.slice(0, colon), number };
}

function parseFlags(value: string): number {
  let flags = 0;
  for (const letter of value.toUpperCase()) {
    const flag = TCP_FLAGS[letter];
    if (flag === undefined)
      throw usageError(
        `--flags ${value}: "${letter}" is none`,
        "FIN F, SYN S, RST R, PSH P, ACK A or a dot, URG U, ECE E, CWR W",
      );
    flags |= flag;
  }
  return flags;
}

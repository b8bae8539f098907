/** Captures through one node's data plane: the counts as a report, everything else through the callbacks. */

import * as Layout from "../../assembly/layout/engine.ts";
import { AuditObserver } from "../audit/observe.ts";
import type { Audit } from "../audit/types.ts";
import { Engine } from "../engine/instance.ts";
import type { EngineSource } from "../engine/load.ts";
import { restoreConnections } from "../engine/restore.ts";
import type { Step } from "../events/plan.ts";
import { Timeline } from "../events/timeline.ts";
import type { NodeProgram } from "../library/setup.ts";
import type { Problem } from "../manifest/types.ts";
import { ServiceAggregate } from "../report/aggregate.ts";
import { buildReport, type Run } from "../report/build.ts";
import { addCounts, countsOf, type EngineCounts } from "../report/counts.ts";
import type { Report, ServiceCount } from "../report/types.ts";
import { endingsOf } from "./endings.ts";
import { leastFar, partialWarnings } from "./interrupted.ts";
import { groupIntoLanes } from "./lanes.ts";
import { openLanes } from "./open.ts";
import { OutputFile, type OutputFormat } from "./output-file.ts";
import { type PacketRecord, PacketRecorder } from "./packets.ts";
import { divide } from "./regions.ts";
import { run } from "./run.ts";
import { makeShard, shardExports } from "./shard-engine.ts";
import type { ConnectionRecord, Observer, ReplayCapture, Shard } from "./types.ts";

/** What a replay needs of a node's program. */
export type ReplayProgram = Pick<NodeProgram, "image" | "network" | "interfaces" | "linkTypes" | "services">;

export interface ReplayOptions {
  readonly engine: EngineSource | Promise<EngineSource>;
  readonly program: ReplayProgram;
  readonly captures: readonly ReplayCapture[];
  readonly seed?: bigint;
  /** What happens to the node meanwhile, soonest first. */
  readonly steps?: readonly Step[];
  /** Take the choices that the capture's own outbound frames show. */
  readonly follow?: boolean;
  /** Packets of established connections may skip rules that cannot change their verdict; default true. */
  readonly fastPath?: boolean;
  /** Compare what leaves with the captured outbound frames. */
  readonly audit?: boolean;
  /** Receives a capture file of every packet that leaves, piece by piece; a view until the promise is settled. */
  readonly output?: (bytes: Uint8Array) => Promise<void> | void;
  readonly outputFormat?: OutputFormat;
  readonly onConnection?: (record: ConnectionRecord) => void;
  readonly onPacket?: (record: PacketRecord) => void;
  /** Bytes of capture read so far. */
  readonly onProgress?: (bytes: number) => void;
  /** Stops reading; the report is of what was processed until then. */
  readonly signal?: AbortSignal;
  /** Only a share of the packets is wanted, and its output goes there instead. */
  readonly shard?: Shard;
}

/** What a replay has counted, ready to be added to what others have. */
export interface ReplayTally {
  readonly counts: EngineCounts;
  readonly services: readonly ServiceCount[];
  readonly run: Pick<Run, "packets" | "firstTime" | "lastTime">;
  readonly problems: readonly Problem[];
  /** Of a shard: OBSTACLE_* of assembly/layout/shard.ts, and how many connections it had at one time at most. */
  readonly shard?: { readonly obstacles: number; readonly mostOpen: number };
  readonly audit?: Audit;
}

export interface ReplayResult {
  readonly report: Report;
  readonly audit?: Audit;
  /** Captures that could not be read to their end: what stands before the damage is in the report. */
  readonly problems: readonly Problem[];
}

/** Outbound frames that following remembers. */
const FOLLOW_MAX = 1 << 17;

export async function replayCaptures(options: ReplayOptions): Promise<ReplayResult> {
  const engine = await createEngine(options);
  const started = performance.now();
  const tally = await takeThrough(engine, options);
  return { report: reportOf([tally], options, started), problems: tally.problems, ...audited(tally) };
}

/** One shard's part of a replay. */
export async function tallyCaptures(options: ReplayOptions): Promise<ReplayTally> {
  return takeThrough(await createEngine(options), options);
}

/** The report of what one replay counted, or its shards. */
export function reportOf(
  tallies: readonly ReplayTally[],
  { captures, program }: ReplayOptions,
  started: number,
): Report {
  const aggregate = new ServiceAggregate(program.services);
  for (const { services } of tallies) aggregate.addServices(services);
  const files = captures.map(({ name }) => name);
  const elapsedSeconds = (performance.now() - started) / 1000;
  const counts = tallies.map((tally) => tally.counts).reduce(addCounts);
  const report = buildReport(counts, { ...leastFar(tallies).run, files, elapsedSeconds }, aggregate.services());
  return { ...report, warnings: [...report.warnings, ...partialWarnings(tallies)] };
}

async function takeThrough(engine: Engine, options: ReplayOptions): Promise<ReplayTally> {
  const { program } = options;
  const groups = groupIntoLanes(options.captures);
  const regions = divide(groups.length);
  const problems: Problem[] = [];
  const file = new OutputFile(program, options.outputFormat ?? "pcapng", (bytes) => options.output?.(bytes));
  const lanes = openLanes(groups, {
    engine,
    regions,
    program,
    follows: follows(options),
    outputInterface: file.describe,
    onProblem: (problem) => problems.push(problem),
  });
  const aggregate = new ServiceAggregate(program.services);
  const endings = endingsOf(engine, aggregate, options.onConnection);
  const audit = options.audit ? new AuditObserver(engine, program.network, program.linkTypes) : undefined;
  const result = await run({
    engine,
    lanes,
    mergeRegion: regions.merge,
    observers: [...(audit === undefined ? [] : [audit]), ...recorders(engine, options)],
    output: (records) => file.write(records),
    ...(options.shard === undefined ? {} : { shard: options.shard }),
    takeEnded: endings.takeEnded,
    onBatch: () => options.onProgress?.(lanes.reduce((sum, lane) => sum + lane.position, 0)),
    signal: options.signal,
    timeline: new Timeline(options.steps ?? []),
  });
  await file.write(new Uint8Array());
  for (const lane of lanes) await lane.close();
  endings.takeAll(result.packets > 0 ? result.lastTime : undefined);
  return {
    ...{ counts: countsOf(engine), services: aggregate.services(), run: result, problems },
    ...(audit === undefined ? {} : { audit: audit.result() }),
    ...(options.shard === undefined ? {} : { shard: shardResult(engine) }),
  };
}

function shardResult(engine: Engine): NonNullable<ReplayTally["shard"]> {
  const exports = shardExports(engine);
  return { obstacles: exports.obstacles() >>> 0, mostOpen: exports.mostOpen() >>> 0 };
}

function audited({ audit }: ReplayTally): { readonly audit?: Audit } {
  return audit === undefined ? {} : { audit };
}

function createEngine(options: ReplayOptions): Promise<Engine> {
  const regions = divide(groupIntoLanes(options.captures).length);
  let flags = Layout.ENGINE_IP6 | Layout.ENGINE_ENDED;
  if (options.fastPath !== false) flags |= Layout.ENGINE_FAST_PATH;
  if (follows(options)) flags |= Layout.ENGINE_FOLLOW;
  if (options.output !== undefined || options.audit) flags |= Layout.ENGINE_EMIT;
  return Engine.create(options.engine, {
    flags,
    chunkBytes: regions.chunkBytes,
    descriptorsMax: regions.descriptorsMax,
    outputFormat: outputFormat(options),
    followMax: follows(options) ? FOLLOW_MAX : 0,
    seed: options.seed ?? 1n,
    sysctls: options.program.network.sysctls,
  }).then((engine) => {
    if (options.shard !== undefined) makeShard(engine, options.shard);
    engine.loadProgram(options.program.image);
    restoreConnections(engine, options.program.network.connections ?? []);
    return engine;
  });
}

function follows(options: ReplayOptions): boolean {
  return options.follow === true || options.audit === true;
}

/** Answers are wanted in packet records even where nothing is written. */
function outputFormat(options: ReplayOptions): number {
  if (options.outputFormat === "pcap" && options.output !== undefined) return Layout.OUTPUT_PCAP;
  const wanted = options.output !== undefined || options.audit || options.onPacket !== undefined;
  return wanted ? Layout.OUTPUT_PCAPNG : Layout.OUTPUT_NONE;
}

function recorders(engine: Engine, { program, onPacket }: ReplayOptions): Observer[] {
  if (onPacket === undefined) return [];
  const { interfaces, linkTypes, services } = program;
  return [new PacketRecorder({ engine, interfaces, linkTypes, services }, onPacket)];
}

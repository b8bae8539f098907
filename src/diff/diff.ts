/** A capture through two rule sets: what would change for its connections. */

import type { EngineSource } from "../engine/load.ts";
import type { Node } from "../library/node.ts";
import type { NodeProgram } from "../library/setup.ts";
import type { Problem } from "../manifest/types.ts";
import type { PacketRecord } from "../replay/packets.ts";
import { replayCaptures } from "../replay/replay.ts";
import type { ReplayCapture } from "../replay/types.ts";
import { isDrawnApart, Observation, type Tracked } from "./observation.ts";
import { isSpoken, Sampler } from "./sampler.ts";
import type { Change, ConnectionDifference, Diff, Outcomes } from "./types.ts";

export interface DiffSide {
  /** What people call it: a mode, files. */
  readonly name: string;
  readonly program: NodeProgram;
  /** A node with these rules and no connection. */
  readonly createNode: () => Promise<Node>;
}

export interface DiffOptions {
  readonly engine: () => EngineSource | Promise<EngineSource>;
  readonly before: DiffSide;
  readonly after: DiffSide;
  readonly captures: readonly ReplayCapture[];
  readonly seed: bigint;
  readonly onProgress?: (bytes: number) => void;
  readonly signal?: AbortSignal;
}

export interface DiffResult {
  readonly diff: Diff;
  readonly problems: readonly Problem[];
}

const NO_CONNECTION = "no connection";
const FIELDS = ["verdicts", "reasons", "endpoints", "masquerade", "interfaces", "affinity", "answers"] as const;

/**
 * Both runs follow the choices that the capture's outbound frames show. What is drawn at random otherwise is no difference:
 * compared is what may be drawn for each connection, and the packets behind the first only where both have drawn alike.
 */
export async function diffCaptures(options: DiffOptions): Promise<DiffResult> {
  const observation = new Observation();
  const before = await run(options, options.before, (record) => observation.before(record));
  const after = await run(options, options.after, (record) => observation.after(record));
  const connections = observation.connections.filter(({ isReply }) => !isReply);
  const samplers = { before: new Sampler(options.before.createNode), after: new Sampler(options.after.createNode) };
  const differences: ConnectionDifference[] = [];
  let drawnApart = 0;
  for (const tracked of connections) {
    if (options.signal?.aborted) break;
    const changes = await changesOf(tracked, samplers, hasHost(options));
    if (changes.length === 0 && isDrawnApart(tracked)) drawnApart++;
    if (changes.length > 0 || tracked.later !== undefined) differences.push(differenceOf(tracked, changes));
  }
  const diff: Diff = {
    schema: "sluice/diff/v1",
    before: options.before.name,
    after: options.after.name,
    packets: observation.packets,
    connections: connections.length,
    changed: differences.length,
    drawnApart,
    differences,
  };
  return {
    diff,
    problems: [...before, ...after.filter(({ message }) => before.every((told) => told.message !== message))],
  };
}

async function run(
  options: DiffOptions,
  { program }: DiffSide,
  onPacket: (record: PacketRecord) => void,
): Promise<readonly Problem[]> {
  const { engine, captures, seed, onProgress, signal } = options;
  const { problems } = await replayCaptures({
    engine: engine(),
    program,
    captures,
    seed,
    follow: true,
    onPacket,
    ...(onProgress ? { onProgress } : {}),
    ...(signal ? { signal } : {}),
  });
  return problems;
}

function hasHost({ captures }: DiffOptions): boolean {
  return captures.some(({ fromHost }) => fromHost === true);
}

/** Of protocols that cannot be asked about, what happened is compared instead. */
async function changesOf(
  { first, verdicts }: Tracked,
  samplers: { readonly before: Sampler; readonly after: Sampler },
  hasHost: boolean,
): Promise<Change[]> {
  const { proto = "", src = "", sport, dst = "", dport } = first;
  if (!isSpoken(proto) || sport === undefined || dport === undefined) {
    const [before, after] = [verdicts.before ?? NO_CONNECTION, verdicts.after ?? NO_CONNECTION];
    return before === after ? [] : [{ field: "verdicts", before: [before], after: [after] }];
  }
  const isFromHost = hasHost && first.in === undefined;
  const question = { proto, ends: { src, sport, dst, dport }, interface: first.in, fromHost: isFromHost };
  return compare(await samplers.before.outcomes(question), await samplers.after.outcomes(question));
}

/** That what is not forwarded leaves by no interface goes without saying. */
function compare(before: Outcomes, after: Outcomes): Change[] {
  const changes = FIELDS.flatMap((field) => {
    const isEqual = before[field].join("|") === after[field].join("|");
    return isEqual ? [] : [{ field, before: before[field], after: after[field] }];
  });
  const hasVerdict = changes.some(({ field }) => field === "verdicts");
  return hasVerdict ? changes.filter(({ field }) => field !== "interfaces") : changes;
}

function differenceOf({ first, later }: Tracked, changes: readonly Change[]): ConnectionDifference {
  const { n, time, proto = "", src = "", sport, dst = "", dport, service } = first;
  return {
    n,
    time,
    proto,
    src,
    ...(sport === undefined ? {} : { sport }),
    dst,
    ...(dport === undefined ? {} : { dport }),
    ...(service === undefined ? {} : { service }),
    changes,
    ...(later === undefined ? {} : { later }),
  };
}

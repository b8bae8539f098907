/** A trace from its beginning to its end: the packet, the answer that it would get, and why it came out so. */

import { NO_INTERFACE } from "../../assembly/layout/descriptor.ts";
import type { NodeState, Step } from "../events/plan.ts";
import { Timeline } from "../events/timeline.ts";
import type { Problem } from "../manifest/types.ts";
import { groupIntoLanes, type Lane } from "../replay/lanes.ts";
import { openLanes } from "../replay/open.ts";
import { timeOf } from "../replay/outbound.ts";
import { divide } from "../replay/regions.ts";
import { advance, takeBatch } from "../replay/run.ts";
import type { ReplayCapture } from "../replay/types.ts";
import { answerTo } from "./answer.ts";
import { Search } from "./search.ts";
import { type MadePacket, type Room, type Traced, Tracer, type TracerOptions } from "./tracer.ts";
import type { Walk } from "./types.ts";

export type RunTraceOptions = Omit<TracerOptions, "regions">;

export interface TracedWalks {
  readonly walk: Walk;
  readonly answer?: Walk;
  readonly lost: number;
}

export interface CaptureTraceOptions extends RunTraceOptions {
  readonly captures: readonly ReplayCapture[];
  /** What happens to the node meanwhile; each step has the state that it leads to. */
  readonly steps: readonly Step[];
  readonly packet: AskedPacket;
}

/** Packets count from 1, and on through the captures that follow one another. */
export interface AskedPacket {
  /** One of the captures whose packets are counted. */
  readonly capture: ReplayCapture;
  readonly number: number;
}

export interface TracedCapture extends Partial<TracedWalks> {
  /** The packets that are counted, where they are not so many. */
  readonly packets: number;
  readonly problems: readonly Problem[];
  /** What the node had come to; absent: it was as at first. */
  readonly state?: NodeState;
}

const MILLISECOND = 1_000_000n;

/** Traces a packet that somebody has described. */
export async function traceMade(options: RunTraceOptions, made: MadePacket): Promise<TracedWalks> {
  const tracer = await Tracer.create({ ...options, regions: divide(1) });
  const room = { index: 0, at: 0 };
  return withAnswer(tracer, tracer.traceMade(made, room), room);
}

/** Traces one packet of captures, all before it having been processed, in the order of time. */
export async function traceCapture(options: CaptureTraceOptions): Promise<TracedCapture> {
  const groups = groupIntoLanes(options.captures);
  const regions = divide(groups.length);
  const tracer = await Tracer.create({ ...options, regions });
  const { engine } = tracer;
  const problems: Problem[] = [];
  const lanes = openLanes(groups, {
    engine,
    regions,
    program: options.program,
    follows: options.follow,
    outputInterface: (captured) => tracer.captured.push(captured) - 1,
    onProblem: (problem) => problems.push(problem),
  });
  const search = new Search(engine, lanes[groups.findIndex((group) => group.includes(options.packet.capture))]!);
  const timeline = new Timeline(options.steps);
  const numbers = new Uint32Array(regions.merge.count);
  for (await advance(lanes); lanes.some(isWaiting); await advance(lanes)) {
    search.look(options.packet.number);
    const { first, count } = takeBatch(engine, lanes.filter(isWaiting), regions.merge, numbers);
    const found = search.indexIn(first, count);
    tracer.pass(first, (found ?? first + count) - first, timeline);
    if (found === undefined) continue;
    timeline.advance(engine, timeOf(engine, found));
    const { state } = timeline;
    if (state !== undefined) tracer.renew(state.program, state.world.ruleset);
    const traced = tracer.trace(found, options.packet.number);
    // What comes next may still be on its way into the other region.
    const walks = withAnswer(tracer, traced, tracer.roomOf(first));
    for (const lane of lanes) await lane.close();
    return { ...walks, packets: search.packets, problems, ...(state === undefined ? {} : { state }) };
  }
  for (const lane of lanes) await lane.close();
  return { packets: search.packets, problems };
}

function isWaiting({ batch }: Lane): boolean {
  return batch.count > 0;
}

/** An answer is made where a packet of a connection's own direction has reached somebody. */
function withAnswer(tracer: Tracer, { walk, outcome, packet, lost }: Traced, room: Room): TracedWalks {
  const isLocal = outcome.verdict === "local" && outcome.reason === "none";
  const hasArrived = outcome.direction === "original" && (outcome.verdict === "forward" || isLocal);
  const isTracked = outcome.ct === "new" || outcome.ct === "established";
  const answer = hasArrived && isTracked ? answerTo(packet) : undefined;
  if (answer === undefined) return { walk, lost };
  const input = isLocal ? NO_INTERFACE : (outcome.outInterface ?? NO_INTERFACE);
  const made = { packet: answer, time: outcome.time + MILLISECOND, input, fromHost: isLocal };
  const traced = tracer.traceMade(made, room);
  return { walk, answer: traced.walk, lost: traced.lost };
}

/** A trace from its beginning to its end: the packet, the answer that it would get, and why it came out so. */

import { NO_INTERFACE } from "../../assembly/layout/descriptor.ts";
import type { CaptureInterface } from "../capture/types.ts";
import type { Problem } from "../manifest/types.ts";
import { Lane } from "../replay/lanes.ts";
import { divide } from "../replay/regions.ts";
import type { ReplayCapture } from "../replay/types.ts";
import { answerTo } from "./answer.ts";
import { type MadePacket, type Room, type Traced, Tracer, type TracerOptions } from "./tracer.ts";
import type { Walk } from "./types.ts";

export type RunTraceOptions = Omit<TracerOptions, "regions">;

export interface TracedWalks {
  readonly walk: Walk;
  readonly answer?: Walk;
  readonly lost: number;
}

/** Packets of a capture count from 1. */
export interface TracedCapture extends Partial<TracedWalks> {
  /** The capture's packets, where it has not so many. */
  readonly packets: number;
  readonly problems: readonly Problem[];
}

const MILLISECOND = 1_000_000n;

/** Traces a packet that somebody has described. */
export async function traceMade(options: RunTraceOptions, made: MadePacket): Promise<TracedWalks> {
  const tracer = await Tracer.create({ ...options, regions: divide(1) });
  const room = { index: 0, at: 0 };
  return withAnswer(tracer, tracer.traceMade(made, room), room);
}

/** Traces packet `number` of a capture, all before it having been processed. */
export async function traceCapture(
  options: RunTraceOptions,
  captures: readonly ReplayCapture[],
  number: number,
): Promise<TracedCapture> {
  const regions = divide(1);
  const tracer = await Tracer.create({ ...options, regions });
  const problems: Problem[] = [];
  const context = {
    engine: tracer.engine,
    interfaces: options.program.interfaces,
    outputInterface: (captured: CaptureInterface) => tracer.captured.push(captured) - 1,
    onProblem: (problem: Problem) => problems.push(problem),
  };
  const lane = new Lane(context, regions.lanes[0]!, captures, options.follow);
  let packets = 0;
  for (await lane.advance(); lane.batch.count > 0; await lane.advance()) {
    const { first, count } = lane.batch;
    const before = Math.min(count, number - 1 - packets);
    tracer.pass(first, before);
    packets += before;
    if (before < count) {
      const traced = tracer.trace(first + before, number);
      // What comes next may still be on its way into the other region.
      const room = tracer.roomOf(first);
      await lane.close();
      return { ...withAnswer(tracer, traced, room), packets, problems };
    }
    lane.batch.count = 0;
  }
  await lane.close();
  return { packets, problems };
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

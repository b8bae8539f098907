/** The lanes of captures that a node's packets are read from. */

import type { CaptureInterface } from "../capture/types.ts";
import type { Engine } from "../engine/instance.ts";
import type { NodeProgram } from "../library/setup.ts";
import type { Problem } from "../manifest/types.ts";
import { Lane } from "./lanes.ts";
import { OutboundTimes } from "./outbound.ts";
import type { Regions } from "./regions.ts";
import type { ReplayCapture } from "./types.ts";

export interface LaneOptions {
  readonly engine: Engine;
  readonly regions: Regions;
  readonly program: Pick<NodeProgram, "interfaces" | "network">;
  /** The captures' outbound frames are looked at before what comes first is processed. */
  readonly follows: boolean;
  /** As in LaneContext. */
  readonly outputInterface: (captured: CaptureInterface) => number | undefined;
  readonly onProblem: (problem: Problem) => void;
}

/** A lane for each group of captures (groupIntoLanes), in their order. */
export function openLanes(groups: readonly (readonly ReplayCapture[])[], options: LaneOptions): Lane[] {
  const { engine, regions, program, follows, outputInterface, onProblem } = options;
  const context = {
    engine,
    outputInterface,
    interfaces: program.interfaces,
    onProblem,
    ...loopbackOf(groups, program),
    ...(groups.length > 1 && follows ? { outboundTimes: new OutboundTimes(engine) } : {}),
  };
  return groups.map((captures, index) => new Lane(context, regions.lanes[index]!, captures, follows));
}

/** What the node sends to itself is fed in once: by --from-host where there is one, else as it comes in over loopback. */
function loopbackOf(
  groups: readonly (readonly ReplayCapture[])[],
  { network }: LaneOptions["program"],
): { readonly loopback?: number } {
  const index = network.interfaces.findIndex((device) => device.loopback);
  return index >= 0 && groups.flat().some(({ fromHost }) => fromHost) ? { loopback: index } : {};
}

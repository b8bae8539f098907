/** From a cluster and rules to what an engine runs: the part that the command line and the library share. */

import * as Layout from "../../assembly/layout/program.ts";
import type { Cluster } from "../cluster/types.ts";
import type { Problem } from "../manifest/types.ts";
import type { NodeNetwork } from "../network/types.ts";
import { CompileCache } from "../program/cache.ts";
import { compileProgram } from "../program/compile.ts";
import type { ImageVersion } from "../program/image-versions.ts";
import { asProblem } from "../program/problem.ts";
import { SetIds } from "../program/set-ids.ts";
import type { ProgramPlaces } from "../program/types.ts";
import { RulesHistory } from "../proxy/generate.ts";
import { indexServices, type ServiceIndex } from "../report/services.ts";
import type { Ruleset } from "../ruleset/types.ts";

/** What runs on a node, and the names of what it counts. */
export interface NodeProgram {
  readonly image: Uint8Array;
  readonly version: ImageVersion;
  readonly network: NodeNetwork;
  /** Names of the interfaces, and the LINKTYPE_* of what is written for each. */
  readonly interfaces: readonly string[];
  readonly linkTypes: readonly number[];
  /** What the rules call what stands in the image. */
  readonly places: ProgramPlaces;
  /** Made when it is asked for. */
  readonly services: ServiceIndex;
  /** Rules that are not in the program, each with the reason. */
  readonly problems: readonly Problem[];
}

/** Fewer rules are met sooner one after the other (docs/decisions/0009-indexed-runs.md). */
const INDEX_FROM = 8;

export interface HistoryOptions {
  readonly setIds?: SetIds;
  /** Long chains are indexed, and not walked as they are written; default false. */
  readonly optimise?: boolean;
}

/** What an engine's programs have in common: session affinity outlives a change of rules, and so does what is compiled. */
export class ProgramHistory {
  readonly setIds: SetIds;
  readonly cache = new CompileCache();
  readonly rules = new RulesHistory();
  /** As in ProgramInput. */
  readonly indexFrom: number | undefined;

  constructor({ setIds = new SetIds(), optimise = false }: HistoryOptions = {}) {
    this.setIds = setIds;
    this.indexFrom = optimise ? INDEX_FROM : undefined;
  }
}

/**
 * `history`: of the engine that the program is for, where that has had others. Its image and places hold until the next
 * program of that history is prepared.
 */
export function prepareProgram(
  cluster: Cluster,
  ruleset: Ruleset,
  network: NodeNetwork,
  { setIds, cache, indexFrom }: ProgramHistory = new ProgramHistory(),
): NodeProgram {
  const compiled = compileProgram({ ruleset, network, setIds, cache, indexFrom });
  const nodeAddresses = network.interfaces.flatMap((device) => device.addresses.map(({ address }) => address));
  let services: ServiceIndex | undefined;
  return {
    image: compiled.image,
    version: compiled.version,
    network,
    interfaces: compiled.interfaces,
    linkTypes: linkTypesOf(compiled.image, compiled.interfaces.length),
    places: compiled,
    get services() {
      services ??= indexServices(cluster, nodeAddresses);
      return services;
    },
    problems: compiled.problems.map(asProblem),
  };
}

function linkTypesOf(image: Uint8Array, count: number): number[] {
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  const first = view.getUint32(Layout.INTERFACES, true);
  return Array.from({ length: count }, (_, index) =>
    view.getUint16(first + index * Layout.INTERFACE_SIZE + Layout.INTERFACE_LINK_TYPE, true),
  );
}

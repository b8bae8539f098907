/** One EndpointSlice changes among many Services: how long until the node runs the new program. */

import type { Cluster, Slice } from "../src/cluster/types.ts";
import { Engine } from "../src/engine/instance.ts";
import { engineWasm } from "../src/engine/wasm-node.ts";
import { deriveNetwork } from "../src/network/derive.ts";
import { CompileCache } from "../src/program/cache.ts";
import { compileProgram } from "../src/program/compile.ts";
import { SetIds } from "../src/program/set-ids.ts";
import { generateNftables } from "../src/proxy/nftables/ruleset.ts";
import { ServiceParts } from "../src/proxy/nftables/service-part.ts";
import { proxyNode } from "../src/proxy/node.ts";
import { Random } from "../src/traffic/random.ts";
import { benchmarkCluster, CONFIGURATION, NODE } from "./cluster.ts";

const SERVICES = 10_000;
const ENDPOINTS = 10;
const UPDATES = 50;
/** Of so many endpoints one is on the node: a cluster of a hundred nodes. */
const NODES = 100;

export interface UpdateResult {
  readonly services: number;
  readonly endpoints: number;
  /** Milliseconds for the whole, the first time and with each update. */
  readonly first: UpdateTimes;
  readonly updates: readonly UpdateTimes[];
}

export interface UpdateTimes {
  readonly generate: number;
  readonly compile: number;
  /** Copying into the engine, and the swap. */
  readonly load: number;
}

export async function benchmarkUpdate(): Promise<UpdateResult> {
  const engine = await Engine.create(engineWasm(), { connectionsMax: 1024 });
  const update = updater(engine);
  let cluster = spread(benchmarkCluster(SERVICES, ENDPOINTS));
  const first = update(cluster);
  const random = new Random(5);
  const updates = Array.from({ length: UPDATES }, () => {
    const changed = random.below(SERVICES);
    cluster = { ...cluster, endpointSlices: cluster.endpointSlices.with(changed, shorter(cluster, changed)) };
    return update(cluster);
  });
  return { services: SERVICES, endpoints: ENDPOINTS, first, updates };
}

/** What a node does with a new state of its cluster. */
function updater(engine: Engine): (cluster: Cluster) => UpdateTimes {
  const parts = new ServiceParts();
  const cache = new CompileCache();
  const setIds = new SetIds();
  return (cluster) => {
    const start = performance.now();
    const ruleset = generateNftables(cluster, proxyNode(cluster, NODE)!, CONFIGURATION, parts);
    const generated = performance.now();
    const { image } = compileProgram({ ruleset, network: deriveNetwork(cluster, NODE), setIds, cache });
    const compiled = performance.now();
    engine.loadProgram(image);
    const loaded = performance.now();
    return { generate: generated - start, compile: compiled - generated, load: loaded - compiled };
  };
}

function spread(cluster: Cluster): Cluster {
  let next = 0;
  const endpointSlices = cluster.endpointSlices.map((slice) => ({
    ...slice,
    endpoints: slice.endpoints.map((endpoint) => ({ ...endpoint, node: next++ % NODES === 0 ? NODE : "elsewhere" })),
  }));
  return { ...cluster, endpointSlices };
}

/** The slice without its first endpoint. */
function shorter({ endpointSlices }: Cluster, index: number): Slice {
  const slice = endpointSlices[index]!;
  return { ...slice, endpoints: slice.endpoints.slice(1) };
}

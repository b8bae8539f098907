/** One EndpointSlice changes among many Services: how long until the node runs the new program. */

import type { Cluster, Slice } from "../src/cluster/types.ts";
import { engineWasm } from "../src/engine/wasm-node.ts";
import { Node } from "../src/library/node.ts";
import type { ProxyConfiguration } from "../src/proxy/types.ts";
import { benchmarkCluster, CONFIGURATION, NODE } from "../src/scale/cluster.ts";
import { Random } from "../src/traffic/random.ts";
import type { Figure } from "./figures.ts";
import { measured, YARDSTICK } from "./yardstick.ts";

const SERVICES = 10_000;
const ENDPOINTS = 10;
const UPDATES = 50;
/** Of so many endpoints one is on the node: a cluster of a hundred nodes. */
const NODES = 100;

/** From a changed cluster to its program running. */
export async function benchmarkUpdate(mode: ProxyConfiguration["mode"]): Promise<Figure> {
  let cluster = spread(benchmarkCluster(SERVICES, ENDPOINTS));
  const options = { node: NODE, proxyConfiguration: CONFIGURATION, mode };
  const node = await Node.create({ ...options, manifests: cluster, engine: engineWasm(), connectionsMax: 1024 });
  const random = new Random(5);
  const { results, yardstick } = await measured(UPDATES, () => {
    const changed = random.below(SERVICES);
    cluster = { ...cluster, endpointSlices: cluster.endpointSlices.with(changed, shorter(cluster, changed)) };
    const start = performance.now();
    node.update({ manifests: cluster });
    return performance.now() - start;
  });
  return {
    name: `one EndpointSlice among ${SERVICES} Services × ${ENDPOINTS}, ${mode}`,
    unit: "ms",
    values: results,
    references: { [YARDSTICK]: yardstick },
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

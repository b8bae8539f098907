/** From manifests to a running program: what starting up with a cluster costs, part by part. */

import benny from "benny";
import { buildCluster } from "../src/cluster/build.ts";
import { parseManifests } from "../src/manifest/parse.ts";
import { deriveNetwork } from "../src/network/derive.ts";
import { compileProgram } from "../src/program/compile.ts";
import { generateNftables } from "../src/proxy/nftables/ruleset.ts";
import { proxyNode } from "../src/proxy/node.ts";
import { benchmarkCluster, CONFIGURATION, manifestsOf, NODE } from "../src/scale/cluster.ts";
import type { Figure } from "./figures.ts";
import { measured, YARDSTICK } from "./yardstick.ts";

const YARDSTICKS = 10;

export async function benchmarkProgram(services: number, endpoints: number): Promise<Figure[]> {
  const text = JSON.stringify(manifestsOf(services, endpoints));
  const manifests = parseManifests(text, "cluster.json");
  const cluster = benchmarkCluster(services, endpoints);
  const node = proxyNode(cluster, NODE)!;
  const ruleset = generateNftables(cluster, node, CONFIGURATION);
  const network = deriveNetwork(cluster, NODE);
  const before = await measured(YARDSTICKS, () => {});
  const { results } = await benny.suite(
    `${services} Services × ${endpoints} endpoints`,
    benny.add("manifests: parse and check JSON", () => parseManifests(text, "cluster.json")),
    benny.add("cluster: objects to cluster", () => buildCluster(manifests)),
    benny.add("proxy: cluster to nftables rules", () => generateNftables(cluster, node, CONFIGURATION)),
    benny.add("program: rules to program", () => compileProgram({ ruleset, network })),
  );
  const after = await measured(YARDSTICKS, () => {});
  return results.map(({ name, details }) => ({
    name: `${name}, ${services} Services × ${endpoints}`,
    unit: "ms",
    values: details.sampleResults.map((seconds) => seconds * 1000),
    references: { [YARDSTICK]: [...before.yardstick, ...after.yardstick] },
  }));
}

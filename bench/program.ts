/** From manifests to a running program: what starting up with a cluster costs, part by part. */

import benny from "benny";
import { buildCluster } from "../src/cluster/build.ts";
import { parseManifests } from "../src/manifest/parse.ts";
import { deriveNetwork } from "../src/network/derive.ts";
import { compileProgram } from "../src/program/compile.ts";
import { generateNftables } from "../src/proxy/nftables/ruleset.ts";
import { proxyNode } from "../src/proxy/node.ts";
import { benchmarkCluster, CONFIGURATION, manifestsOf, NODE } from "../src/scale/cluster.ts";

export interface Timing {
  readonly name: string;
  /** Median of the samples. */
  readonly milliseconds: number;
  /** Relative margin of error, percent. */
  readonly margin: number;
}

export async function benchmarkProgram(services: number, endpoints: number): Promise<Timing[]> {
  const text = JSON.stringify(manifestsOf(services, endpoints));
  const manifests = parseManifests(text, "cluster.json");
  const cluster = benchmarkCluster(services, endpoints);
  const node = proxyNode(cluster, NODE)!;
  const ruleset = generateNftables(cluster, node, CONFIGURATION);
  const network = deriveNetwork(cluster, NODE);
  const { results } = await benny.suite(
    `${services} Services × ${endpoints} endpoints`,
    benny.add("manifests: parse and check JSON", () => parseManifests(text, "cluster.json")),
    benny.add("cluster: objects to cluster", () => buildCluster(manifests)),
    benny.add("proxy: cluster to nftables rules", () => generateNftables(cluster, node, CONFIGURATION)),
    benny.add("program: rules to program", () => compileProgram({ ruleset, network })),
  );
  return results.map(({ name, details, margin }) => ({ name, milliseconds: details.median * 1000, margin }));
}

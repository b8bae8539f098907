/** test/fixtures/updates: manifests that change nine times under a running kube-proxy, and its rules after each change. */

import { readFileSync } from "node:fs";
import { buildCluster } from "../../src/cluster/build.ts";
import type { Cluster } from "../../src/cluster/types.ts";
import { parseManifests } from "../../src/manifest/parse.ts";
import { proxyNode } from "../../src/proxy/node.ts";
import type { ProxyNode } from "../../src/proxy/types.ts";
import { proxyConfiguration } from "./proxy.ts";

export interface UpdateStep {
  readonly what: string;
  readonly syncs: number;
  readonly cluster: Cluster;
  readonly node: ProxyNode;
  /** What `nft list ruleset` printed, and `iptables-save` in iptables mode. */
  readonly rules: string;
  readonly iptablesRules: string;
}

/** A change of two objects reaches kube-proxy in two syncs, of which the second deletes what the first has emptied. */
const CHANGES: readonly (readonly [what: string, syncs: number])[] = [
  ["nothing was there before", 1],
  ["an endpoint is added on another node", 1],
  ["the first endpoint of the UDP Service goes away", 1],
  ["all endpoints of a Service become not ready", 1],
  ["they come back, one of them terminating", 1],
  ["the external traffic policy becomes Local", 1],
  ["a nodePort and a port number change", 1],
  ["session affinity is turned off, and a Service is added", 2],
  ["a load balancer address goes away, and source ranges do", 1],
  ["a Service is deleted with its slice", 2],
];

/** The configuration that kube-proxy had. */
export const UPDATE_CONFIGURATION = proxyConfiguration({ clusterCidrs: ["10.244.0.0/16"], localhostNodePorts: true });

export function updateSequence(): UpdateStep[] {
  return CHANGES.map(([what, syncs], index) => {
    const { cluster, problems } = buildCluster(parseManifests(file(index, "manifests.yaml"), "manifests.yaml"));
    const node = proxyNode(cluster, "node1");
    if (node === undefined || problems.length > 0) throw new Error(`step ${index} is not understood`);
    return {
      what,
      syncs,
      cluster,
      node,
      rules: file(index, "rules.nft"),
      iptablesRules: file(index, "rules.iptables-save"),
    };
  });
}

function file(step: number, name: string): string {
  return readFileSync(new URL(`../fixtures/updates/step${step}/${name}`, import.meta.url), "utf8");
}

/** The fixtures of test/fixtures/golden: manifests, kube-proxy's configuration, and the rules it wrote for them. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Cluster } from "../../src/cluster/types.ts";
import { proxyNode } from "../../src/proxy/node.ts";
import type { ProxyConfiguration, ProxyNode } from "../../src/proxy/types.ts";
import { plainCluster, plainConfiguration } from "./plain-cluster.ts";

export const GOLDEN_ROOT = fileURLToPath(new URL("../fixtures/golden", import.meta.url));

/** The scenarios that have rules of nftables mode. */
export function goldenNames(): string[] {
  return readdirSync(GOLDEN_ROOT).filter((name) => existsSync(join(GOLDEN_ROOT, name, "rules.nft")));
}

export interface GoldenInput {
  readonly cluster: Cluster;
  readonly node: ProxyNode;
  readonly configuration: ProxyConfiguration;
}

export function goldenInput(name: string): GoldenInput {
  const cluster = plainCluster(readFileSync(join(GOLDEN_ROOT, name, "manifests.yaml"), "utf8"));
  const config = readFileSync(join(GOLDEN_ROOT, name, "kube-proxy-config.nftables.json"), "utf8");
  const node = proxyNode(cluster, JSON.parse(config).hostnameOverride);
  if (node === undefined) throw new Error(`${name}: no Node of that name`);
  return { cluster, node, configuration: plainConfiguration(config) };
}

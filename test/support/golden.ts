/** The fixtures of test/fixtures/golden: manifests, kube-proxy's configuration, and the rules it wrote for them. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildCluster } from "../../src/cluster/build.ts";
import type { Cluster } from "../../src/cluster/types.ts";
import { parseManifests } from "../../src/manifest/parse.ts";
import { readProxyConfiguration } from "../../src/manifest/proxy-configuration.ts";
import { proxyNode } from "../../src/proxy/node.ts";
import type { ProxyConfiguration, ProxyNode } from "../../src/proxy/types.ts";

export const GOLDEN_ROOT = fileURLToPath(new URL("../fixtures/golden", import.meta.url));

/** The scenarios that have rules of that mode. */
export function goldenNames(mode: ProxyConfiguration["mode"] = "nftables"): string[] {
  const rules = mode === "nftables" ? "rules.nft" : "rules.iptables-save";
  return readdirSync(GOLDEN_ROOT).filter((name) => existsSync(join(GOLDEN_ROOT, name, rules)));
}

export interface GoldenInput {
  readonly cluster: Cluster;
  readonly node: ProxyNode;
  readonly configuration: ProxyConfiguration;
}

/** What the fixture's files say. Throws where they are not understood. */
export function goldenInput(name: string, mode: ProxyConfiguration["mode"] = "nftables"): GoldenInput {
  const manifests = parseManifests(goldenFile(name, "manifests.yaml"), "manifests.yaml");
  const { cluster, problems } = buildCluster(manifests);
  const config = readProxyConfiguration(goldenFile(name, `kube-proxy-config.${mode}.json`), "config.json");
  const [problem] = [...manifests.problems, ...problems, ...config.problems];
  if (problem !== undefined) throw new Error(`${name}: ${problem.message}`);
  const node = proxyNode(cluster, config.hostnameOverride ?? "");
  if (node === undefined) throw new Error(`${name}: no Node "${config.hostnameOverride}"`);
  return { cluster, node, configuration: config.configuration };
}

export function goldenFile(name: string, file: string): string {
  return readFileSync(join(GOLDEN_ROOT, name, file), "utf8");
}

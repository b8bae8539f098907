/**
 * Manifests, kube-proxy's configuration, and the rules it wrote for them: the scenarios of test/fixtures/golden, and all
 * that were recorded where that data lies beside the repository (../shared/golden, or where SLUICE_GOLDEN says).
 */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { buildCluster } from "../../src/cluster/build.ts";
import type { Cluster } from "../../src/cluster/types.ts";
import { parseManifests } from "../../src/manifest/parse.ts";
import { readProxyConfiguration } from "../../src/manifest/proxy-configuration.ts";
import { proxyNode } from "../../src/proxy/node.ts";
import type { ProxyConfiguration, ProxyNode } from "../../src/proxy/types.ts";

export const GOLDEN_ROOT = fileURLToPath(new URL("../fixtures/golden", import.meta.url));
/** Where all scenarios are, on machines that have them. */
export const GOLDEN_BESIDE =
  process.env.SLUICE_GOLDEN ?? fileURLToPath(new URL("../../../shared/golden", import.meta.url));

/** The fixtures that have rules of that mode. */
export function goldenNames(mode: ProxyConfiguration["mode"] = "nftables"): string[] {
  return namesIn(GOLDEN_ROOT, mode);
}

/** Those, and the ones beside the repository. The sequence of updates has no configuration there: test/fixtures/updates. */
export function allGoldenNames(mode: ProxyConfiguration["mode"] = "nftables"): string[] {
  const beside = existsSync(GOLDEN_BESIDE) ? namesIn(GOLDEN_BESIDE, mode) : [];
  return [...new Set([...goldenNames(mode), ...beside])].sort();
}

function namesIn(root: string, mode: ProxyConfiguration["mode"]): string[] {
  const rules = mode === "nftables" ? "rules.nft" : "rules.iptables-save";
  return readdirSync(root).filter((name) =>
    [rules, `kube-proxy-config.${mode}.json`].every((file) => isThere(join(root, name, file))),
  );
}

function isThere(path: string): boolean {
  return existsSync(path) || existsSync(`${path}.gz`);
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
  const root = isThere(join(GOLDEN_ROOT, name, file)) ? GOLDEN_ROOT : GOLDEN_BESIDE;
  const path = join(root, name, file);
  return existsSync(path) ? readFileSync(path, "utf8") : gunzipSync(readFileSync(`${path}.gz`)).toString();
}

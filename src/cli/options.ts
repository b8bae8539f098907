/** The options that say which cluster, which node and which rules: shared by most commands. */

import { readFile } from "node:fs/promises";
import { type Command, Option } from "commander";
import { buildCluster } from "../cluster/build.ts";
import type { ClusterObjects } from "../cluster/control-plane.ts";
import type { Cluster } from "../cluster/types.ts";
import { isKnownSysctl } from "../engine/configuration.ts";
import { loadManifestFiles } from "../manifest/files-node.ts";
import { type ProxyConfigurationFile, readProxyConfiguration } from "../manifest/proxy-configuration.ts";
import type { Manifests, Problem } from "../manifest/types.ts";
import { deriveNetwork } from "../network/derive.ts";
import { chooseNode } from "../network/node.ts";
import { readSnapshot } from "../network/snapshot-node.ts";
import { sysctlsFrom } from "../network/text.ts";
import type { NodeNetwork } from "../network/types.ts";
import type { ProxyConfiguration, ProxyNode } from "../proxy/types.ts";
import type { Scheduler } from "../ruleset/types.ts";
import { addControlPlaneOptions, type ControlPlaneFlags, controlPlaneOptions } from "./control-plane-options.ts";
import { error, usageError } from "./messages.ts";

export interface ClusterOptions extends ControlPlaneFlags {
  readonly file: readonly string[];
  readonly proxyConfig?: string;
  readonly mode?: ProxyConfiguration["mode"];
  readonly scheduler?: Scheduler;
  readonly node?: string;
  readonly snapshot?: string;
  readonly sysctl: readonly string[];
  readonly seed: number;
}

/** Everything that [cluster] names, read and checked. Nothing is printed: `problems` has it all. */
export interface ClusterInput {
  readonly manifests: Manifests;
  readonly cluster: Cluster;
  readonly objects: ClusterObjects;
  readonly proxyConfiguration: ProxyConfiguration;
  readonly node: ProxyNode;
  readonly network: NodeNetwork;
  readonly problems: readonly Problem[];
}

/** The modes that this version has. */
const MODES = ["iptables", "nftables", "direct"] as const satisfies readonly ProxyConfiguration["mode"][];
const SCHEDULERS = ["random", "maglev"] as const satisfies readonly Scheduler[];
const SEED_MAX = 2 ** 32 - 1;

/** What --mode says, unless a command has a --mode of its own. */
const MODE_OPTION = new Option(
  "--mode <mode>",
  "iptables, nftables or direct (default: the proxy configuration's, else nftables)",
).argParser(parseMode);

/** Adds the [cluster] options, in the order of the help text. */
export function addClusterOptions(command: Command, modeOption = MODE_OPTION): Command {
  command
    .option("-f, --file <path>", 'manifests: a file, a directory or "-"; repeatable', collect, [])
    .option("--proxy-config <file>", "a KubeProxyConfiguration, YAML or JSON")
    .addOption(modeOption)
    .addOption(
      new Option("--scheduler <name>", "mode direct: how endpoints are chosen (default: random)").choices(SCHEDULERS),
    )
    .option("--node <name>", "whose point of view (default: the proxy configuration's, else the first by name)")
    .option("--snapshot <dir>", "a node's real state, in the files that `ip -j`, `sysctl`, `conntrack` and `ss` print")
    .option(
      "--sysctl <key=value>",
      "a setting of the node's, whatever the snapshot says; repeatable",
      collectSysctl,
      [],
    )
    .option("--seed <n>", "seed of the random generator", parseSeed, 1);
  return addControlPlaneOptions(command);
}

/** Reads what the options name. A file that cannot be read is a problem, like one that cannot be understood. */
export async function loadClusterInput(options: ClusterOptions): Promise<ClusterInput> {
  const manifests = await loadManifestFiles(options.file);
  const built = buildCluster(manifests, controlPlaneOptions(options, options.seed));
  const { cluster, objects } = built;
  const problems: Problem[] = [...manifests.problems, ...built.problems];
  const proxy = await loadProxyConfiguration(options, problems);
  const chosen = chooseNode(cluster, options.node ?? proxy.hostnameOverride);
  problems.push(...chosen.problems);
  let network = deriveNetwork(cluster, chosen.node.name);
  if (options.snapshot !== undefined) {
    const snapshot = await readSnapshot(options.snapshot, network);
    problems.push(...snapshot.problems);
    network = snapshot.network;
  }
  network = { ...network, sysctls: { ...network.sysctls, ...sysctlsFrom(options.sysctl.join("\n")) } };
  const proxyConfiguration = withScheduler(proxy.configuration, options);
  return { manifests, cluster, objects, proxyConfiguration, node: chosen.node, network, problems };
}

/** kube-proxy's own modes choose as they do. */
function withScheduler(configuration: ProxyConfiguration, { scheduler }: ClusterOptions): ProxyConfiguration {
  if (scheduler === undefined) return configuration;
  if (configuration.mode !== "direct") throw usageError("--scheduler is for mode direct", "add --mode direct");
  return { ...configuration, scheduler };
}

async function loadProxyConfiguration(options: ClusterOptions, problems: Problem[]): Promise<ProxyConfigurationFile> {
  const file = options.proxyConfig;
  let text = "";
  if (file !== undefined) {
    try {
      text = await readFile(file, "utf8");
    } catch (cause) {
      problems.push(error(`${file}: ${reasonOf(cause)}`));
    }
  }
  const read = readProxyConfiguration(text, file ?? "", options.mode);
  problems.push(...read.problems);
  return read;
}

/** "no such file or directory" and the like, as the shell would say it. */
export function reasonOf(cause: unknown): string {
  const code = (cause as { code?: string }).code;
  if (code === "EISDIR") return "is a directory";
  const message = cause instanceof Error ? cause.message : String(cause);
  return /^E[A-Z0-9]+: ([^,]+)/.exec(message)?.[1] ?? message;
}

/** For options that may be given again: a variadic option would swallow the captures that follow it. */
export function collect(value: string, previous: readonly string[]): readonly string[] {
  return [...previous, value];
}

function collectSysctl(value: string, previous: readonly string[]): readonly string[] {
  const name = /^([\w.-]+(?:\/[\w.-]+)*)=\S+$/.exec(value)?.[1];
  if (name === undefined) throw usageError(`--sysctl ${value}: not KEY=VALUE`, "for example net.ipv4.ip_forward=1");
  if (!isKnownSysctl(name)) {
    throw usageError(
      `--sysctl ${value}: conntrack has no setting ${name}`,
      "`sysctl net.netfilter` prints those that there are",
    );
  }
  return [...previous, value];
}

export function parseMode(value: string): ProxyConfiguration["mode"] {
  const mode = MODES.find((known) => known === value);
  if (mode !== undefined) return mode;
  throw usageError(`mode ${value} is not available in this version`, `it has: ${MODES.join(", ")}`);
}

function parseSeed(value: string): number {
  const seed = Number(value);
  if (!Number.isInteger(seed) || seed < 0 || seed > SEED_MAX) {
    throw usageError(`--seed ${value}: not a whole number from 0 to ${SEED_MAX}`);
  }
  return seed;
}

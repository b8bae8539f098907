/** `sluice check`: everything that is wrong with the manifests, each with its place. */

import { readFile } from "node:fs/promises";
import { Command } from "commander";
import { buildCluster } from "../cluster/build.ts";
import { loadManifestFiles } from "../manifest/files-node.ts";
import { lintManifests } from "../manifest/lint/lint.ts";
import { inOrder } from "../manifest/problem.ts";
import { readProxyConfiguration } from "../manifest/proxy-configuration.ts";
import type { Manifests, Problem } from "../manifest/types.ts";
import { checkUpdate } from "../manifest/validate/update.ts";
import { formatWithFrame } from "./code-frame.ts";
import { addControlPlaneOptions, type ControlPlaneFlags, controlPlaneOptions } from "./control-plane-options.ts";
import { EXIT_FAILURE, EXIT_OK, error, usageError } from "./messages.ts";
import { collect, reasonOf } from "./options.ts";

interface CheckOptions extends ControlPlaneFlags {
  readonly file: readonly string[];
  readonly against: readonly string[];
  readonly proxyConfig?: string;
}

export function checkCommand(): Command {
  const command = new Command("check")
    .description("validate manifests: prints file:line:column of every problem; exit code 1 when there is an error")
    .option("-f, --file <path>", 'manifests: a file, a directory or "-"; repeatable', collect, [])
    .option("--against <path>", "what is there already: tells what an update may not change; repeatable", collect, [])
    .option("--proxy-config <file>", "a KubeProxyConfiguration, YAML or JSON");
  return addControlPlaneOptions(command).action(async (options: CheckOptions) => {
    process.exitCode = await check(options);
  });
}

async function check(options: CheckOptions): Promise<number> {
  const { file, against, proxyConfig } = options;
  if (file.length === 0 && proxyConfig === undefined) throw usageError("nothing to check", "name manifests with -f");
  const before = against.length > 0 ? await loadManifestFiles(against) : undefined;
  const manifests = await loadManifestFiles(file, before);
  const built = buildCluster(manifests, controlPlaneOptions(options));
  const problems = [...manifests.problems, ...lintManifests(manifests), ...built.problems];
  if (before !== undefined) problems.push(...before.problems.filter(isError), ...checkUpdate(manifests, before));
  if (proxyConfig !== undefined) problems.push(...(await checkProxyConfiguration(proxyConfig)));
  if (file.length > 0 && objectCount(manifests) === 0 && problems.length === 0) {
    problems.push(error(`no objects found in ${file.join(", ")}`));
  }
  for (const problem of inOrder(problems)) process.stdout.write(`${formatWithFrame(problem)}\n`);
  process.stdout.write(`${summary(manifests, problems)}\n`);
  return problems.some(isError) ? EXIT_FAILURE : EXIT_OK;
}

function isError({ severity }: Problem): boolean {
  return severity === "error";
}

async function checkProxyConfiguration(path: string): Promise<readonly Problem[]> {
  try {
    return readProxyConfiguration(await readFile(path, "utf8"), path).problems;
  } catch (cause) {
    return [error(`${path}: ${reasonOf(cause)}`)];
  }
}

function objectCount(manifests: Manifests): number {
  return objectCounts(manifests).reduce((sum, [, count]) => sum + count, 0);
}

function objectCounts(manifests: Manifests): [string, number][] {
  return [
    ["Service", manifests.services.length],
    ["EndpointSlice", manifests.endpointSlices.length],
    ["Endpoints", manifests.endpoints.length],
    ["Node", manifests.nodes.length],
    ["Pod", manifests.pods.length],
    ["Deployment", manifests.deployments.length],
    ["ReplicaSet", manifests.replicaSets.length],
    ["StatefulSet", manifests.statefulSets.length],
    ["DaemonSet", manifests.daemonSets.length],
    ["ServiceCIDR", manifests.serviceCidrs.length],
    ["IPAddress", manifests.ipAddresses.length],
    ["other", Object.values(manifests.others).reduce((sum, count) => sum + count, 0)],
  ];
}

/** `2 errors, 0 warnings in 14 objects (3 Service, 3 EndpointSlice, 2 Node, 6 Pod)`: objects with an error are not counted among them. */
function summary(manifests: Manifests, problems: readonly Problem[]): string {
  const errors = problems.filter(isError).length;
  const kinds = objectCounts(manifests).filter(([, count]) => count > 0);
  const listed = kinds.length === 0 ? "" : ` (${kinds.map(([kind, count]) => `${count} ${kind}`).join(", ")})`;
  const found = `${counted(errors, "error")}, ${counted(problems.length - errors, "warning")}`;
  return `${found}; ${counted(objectCount(manifests), "valid object")}${listed}`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

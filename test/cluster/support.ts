/** Clusters from texts, for tests of what the control plane decides. */

import { type BuiltCluster, buildCluster } from "../../src/cluster/build.ts";
import type { ControlPlaneOptions } from "../../src/cluster/options.ts";
import { parseManifests } from "../../src/manifest/parse.ts";

/** Throws for manifests that do not load: a test means what it writes. */
export function built(documents: readonly string[], options: ControlPlaneOptions = {}): BuiltCluster {
  const manifests = parseManifests(documents.join("\n---\n"), "test.yaml");
  const [problem] = manifests.problems;
  if (problem !== undefined) throw new Error(`${problem.path}: ${problem.message}`);
  return buildCluster(manifests, options);
}

export function service(name: string, spec: string, more = ""): string {
  return `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}}\nspec: ${spec}\n${more}`;
}

export function node(name: string, spec = "{}", labels = "{}"): string {
  const address = `192.168.0.${name.replace(/\D/g, "")}`;
  return `apiVersion: v1\nkind: Node\nmetadata: {name: ${name}, labels: ${labels}}\nspec: ${spec}\nstatus: {addresses: [{type: InternalIP, address: ${address}}]}`;
}

export function pod(name: string, spec = "{}", more = ""): string {
  const containers = spec === "{}" ? "{containers: [{name: c, image: x}]}" : spec;
  return `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, labels: {app: web}}\nspec: ${containers}\n${more}`;
}

/** A Deployment, StatefulSet, ReplicaSet or DaemonSet whose pods have the label app=web. */
export function workload(kind: string, name: string, fields: string, podSpec = ""): string {
  const template = `{metadata: {labels: {app: web}}, spec: {${podSpec}containers: [{name: c, image: x, ports: [{name: http, containerPort: 8080}]}]}}`;
  return `apiVersion: apps/v1\nkind: ${kind}\nmetadata: {name: ${name}}\nspec: {${fields}selector: {matchLabels: {app: web}}, template: ${template}}`;
}

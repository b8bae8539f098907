/** Clusters from manifests, and answers as lines of text. */

import { buildCluster } from "../../src/cluster/build.ts";
import type { Cluster } from "../../src/cluster/types.ts";
import { answerQuestion } from "../../src/discovery/answer.ts";
import { type Directory, directoryOf } from "../../src/discovery/directory.ts";
import { recordText } from "../../src/discovery/text.ts";
import { DEFAULT_ZONE, type ZoneOptions } from "../../src/discovery/types.ts";
import { parseManifests } from "../../src/manifest/parse.ts";

export function clusterOf(...documents: readonly string[]): Cluster {
  const manifests = parseManifests(documents.join("\n---\n"), "test.yaml");
  const errors = manifests.problems.filter(({ severity }) => severity === "error");
  if (errors.length > 0) throw new Error(JSON.stringify(errors));
  return buildCluster(manifests).cluster;
}

export function service(name: string, spec: string, namespace = "default"): string {
  return `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}, namespace: ${namespace}}\nspec: ${spec}`;
}

export interface SliceFields {
  readonly endpoints: string;
  readonly namespace?: string;
  readonly ports?: string;
  readonly family?: "IPv4" | "IPv6";
  readonly suffix?: string;
}

export function slice(of: string, fields: SliceFields): string {
  const { endpoints, namespace = "default", ports = "[]", family = "IPv4", suffix = "1" } = fields;
  return [
    "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice",
    `metadata: {name: ${of}-${suffix}, namespace: ${namespace}, labels: {kubernetes.io/service-name: ${of}}}`,
    `addressType: ${family}\nports: ${ports}\nendpoints: ${endpoints}`,
  ].join("\n");
}

/** `CODE`, then a line for each record of the answer section; with `sections`, those of the others behind their names. */
export function asked(directory: Directory, question: string, zone: ZoneOptions = DEFAULT_ZONE): readonly string[] {
  const [name = "", type = ""] = question.split(" ");
  const { code, answers, authorities, additionals } = answerQuestion(directory, zone, { name, type });
  const line = (record: Parameters<typeof recordText>[0]) => recordText(record).replaceAll("\t", " ");
  return [
    code,
    ...answers.map(line),
    ...authorities.map((record) => `authority: ${line(record)}`),
    ...additionals.map((record) => `additional: ${line(record)}`),
  ];
}

export function directoryFrom(...documents: readonly string[]): Directory {
  return directoryOf(clusterOf(...documents));
}

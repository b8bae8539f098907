/** Manifests as texts → a cluster. */

import { buildCluster } from "../cluster/build.ts";
import type { Cluster as ClusterData } from "../cluster/types.ts";
import { parseManifestTexts } from "../manifest/parse.ts";
import { requireUsable } from "./errors.ts";

/** A manifest: YAML or JSON, one object, many documents or a List. */
export type ManifestText = string | { readonly text: string; readonly fileName: string };

export type Cluster = ClusterData;

export const Cluster = {
  /** Throws an InputError that lists everything that is wrong. */
  parse(...manifests: readonly ManifestText[]): Cluster {
    const read = parseManifestTexts(manifests.map(named));
    const built = buildCluster(read);
    requireUsable([...read.problems, ...built.problems]);
    return built.cluster;
  },
};

/** Manifests or a cluster that was made from them. */
export type ClusterSource = Cluster | ManifestText | readonly ManifestText[];

export function clusterFrom(source: ClusterSource | undefined): Cluster {
  if (source === undefined) return Cluster.parse();
  if (typeof source === "string") return Cluster.parse(source);
  if (isList(source)) return Cluster.parse(...source);
  return "text" in source ? Cluster.parse(source) : source;
}

function isList(source: ClusterSource): source is readonly ManifestText[] {
  return Array.isArray(source);
}

function named(manifest: ManifestText): { readonly text: string; readonly fileName: string } {
  return typeof manifest === "string" ? { text: manifest, fileName: "manifest" } : manifest;
}

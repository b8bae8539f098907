/** `sluice/node`: everything of the main entry, and files. */

import { openCapture } from "./capture/file-node.ts";
import type { CaptureSource } from "./capture/types.ts";
import { buildCluster } from "./cluster/build.ts";
import type { Cluster } from "./cluster/types.ts";
import { InputError, requireUsable } from "./library/errors.ts";
import { loadManifestFiles } from "./manifest/files-node.ts";
import { deriveNetwork } from "./network/derive.ts";
import { chooseNode } from "./network/node.ts";
import { readSnapshot } from "./network/snapshot-node.ts";
import type { NodeNetwork } from "./network/types.ts";

export * from "./index.ts";

/** Manifests from files and directories, as `kubectl -f` takes them. Throws an InputError that lists what is wrong. */
export async function loadCluster(...paths: readonly string[]): Promise<Cluster> {
  const manifests = await loadManifestFiles(paths);
  const built = buildCluster(manifests);
  requireUsable([...manifests.problems, ...built.problems]);
  return built.cluster;
}

/** A node's network from a snapshot directory; what the snapshot lacks follows from the cluster. */
export async function loadSnapshot(directory: string, cluster: Cluster, node?: string): Promise<NodeNetwork> {
  const chosen = chooseNode(cluster, node);
  const snapshot = await readSnapshot(directory, deriveNetwork(cluster, chosen.node.name));
  requireUsable([...chosen.problems, ...snapshot.problems]);
  return snapshot.network;
}

/** A capture file for replay(), packed with gzip or not. Throws an InputError when it cannot be opened. */
export async function openCaptureFile(path: string): Promise<{ readonly name: string; readonly data: CaptureSource }> {
  const source = await openCapture(path);
  if ("severity" in source) throw new InputError([source]);
  return { name: path, data: source };
}

/**
 * Nodes for pods that need one, where the manifests have none: node1 at 192.168.10.11, or the nodes that the pods name.
 * Without pods to place there is no node: then nothing is known of the network, and it must not be invented.
 */

import type { V1Node, V1Pod } from "../../manifest/kubernetes.ts";
import type { Located } from "../../manifest/types.ts";

const DEFAULT_NAME = "node1";
/** The first node is 192.168.10.11 and fd00:192:168:10::b. */
const HOST_BASE = 10;

export function defaultNodes(pods: readonly Located<V1Pod>[]): Located<V1Node>[] {
  const named = new Set(pods.map(({ object }) => object.spec?.nodeName ?? "").filter((name) => name !== ""));
  const names = named.size === 0 ? [DEFAULT_NAME] : [...named].sort();
  return names.map((name, index) => {
    const place = { file: "<default>", line: 1, column: 1 };
    return { object: nodeOf(name, index + 1), place, placeOf: () => place };
  });
}

function nodeOf(name: string, number: number): V1Node {
  const host = HOST_BASE + number;
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name, labels: { "kubernetes.io/hostname": name } },
    status: {
      addresses: [
        { type: "InternalIP", address: `192.168.10.${host}` },
        { type: "InternalIP", address: `fd00:192:168:10::${host.toString(16)}` },
        { type: "Hostname", address: name },
      ],
      conditions: [{ type: "Ready", status: "True" }],
    },
  };
}

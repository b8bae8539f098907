/** `--from`: a pod, the node, or an address. */

import { canonicalAddress } from "../../network/address.ts";
import { splitPort } from "./split.ts";
import type { Resolved, Sender, Surroundings } from "./types.ts";
import { unresolved } from "./types.ts";

const NAMESPACE = "default";
const POD_PREFIX = "pod/";
const LISTED_MAX = 5;
/** The first of Linux's ephemeral ports above those that kube-proxy allocates. */
const SOURCE_PORT = 40000;

export function senderOf(from: string, { cluster, node }: Pick<Surroundings, "cluster" | "node">): Resolved<Sender> {
  const { host, port } = splitPort(from);
  const number = port === undefined ? SOURCE_PORT : Number(port);
  if (!Number.isInteger(number) || number < 0 || number > 65535) {
    return unresolved("bad-source", `"${from}" has no port number behind its colon`);
  }
  if (host === "node" || host === `node/${node.name}`)
    return { value: { addresses: [], port: number, fromHost: true } };
  const address = canonicalAddress(host);
  if (address !== undefined) return { value: { addresses: [address], port: number, fromHost: false } };
  const [namespace, name] = podName(host);
  const pod = cluster.pods.find((candidate) => candidate.namespace === namespace && candidate.name === name);
  if (pod === undefined) {
    const known = cluster.pods.slice(0, LISTED_MAX).map((one) => `pod/${one.namespace}/${one.name}`);
    return unresolved("no-such-pod", `no pod is named ${namespace}/${name}, and "${host}" is no address`, known);
  }
  if (pod.addresses.length === 0)
    return unresolved("pod-without-address", `pod ${namespace}/${name} has no address yet`);
  return { value: { addresses: pod.addresses, port: number, pod, fromHost: pod.hostNetwork } };
}

/** "pod/NAMESPACE/NAME", "pod/NAME", and both without "pod/". */
function podName(host: string): [namespace: string, name: string] {
  const rest = host.startsWith(POD_PREFIX) ? host.slice(POD_PREFIX.length) : host;
  const slash = rest.indexOf("/");
  return slash < 0 ? [NAMESPACE, rest] : [rest.slice(0, slash), rest.slice(slash + 1)];
}

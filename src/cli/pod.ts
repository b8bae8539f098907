/** A pod as the command line names it: NAMESPACE/POD, or POD in namespace default. */

import type { Cluster, ClusterPod } from "../cluster/types.ts";
import { error, ProblemError } from "./messages.ts";

const DEFAULT_NAMESPACE = "default";
const LISTED_MAX = 5;

export function namedPod({ pods }: Cluster, argument: string): ClusterPod {
  const slash = argument.indexOf("/");
  const namespace = slash < 0 ? DEFAULT_NAMESPACE : argument.slice(0, slash);
  const name = argument.slice(slash + 1);
  const found = pods.find((pod) => pod.namespace === namespace && pod.name === name);
  if (found !== undefined) return found;
  const known = pods.slice(0, LISTED_MAX).map((pod) => `${pod.namespace}/${pod.name}`);
  const more = pods.length > LISTED_MAX ? ", …" : "";
  const remedy = pods.length === 0 ? "the manifests have no Pod" : `the manifests have: ${known.join(", ")}${more}`;
  throw new ProblemError([{ ...error(`no Pod is named "${namespace}/${name}"`), remedy }]);
}

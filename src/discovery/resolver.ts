/** A pod's resolver: the resolv.conf that the kubelet writes (pkg/kubelet/network/dns) and the names that a lookup tries. */

import type { Cluster, ClusterPod } from "../cluster/types.ts";
import { answerQuestion } from "./answer.ts";
import type { Directory } from "./directory.ts";
import { absolute, comparable } from "./names.ts";
import type { DnsAnswer, DnsQuestion, ZoneOptions } from "./types.ts";

export interface Resolver {
  readonly searches: readonly string[];
  readonly ndots: number;
  /** Whether the first name server is the cluster's: the others are asked only when it is silent. */
  readonly asksCluster: boolean;
}

export interface Attempt {
  readonly question: DnsQuestion;
  readonly answer: DnsAnswer;
}

/** resolv.conf of pods with policy ClusterFirst, and resolv.conf(5)'s own default. */
const NDOTS_CLUSTER = 5;
const NDOTS_DEFAULT = 1;
/** resolv.conf(5): higher values are silently capped. */
const NDOTS_MAX = 15;
const DNS_SERVICE = { namespace: "kube-system", name: "kube-dns" };

/** Search domains of an ordinary pod in a namespace. */
export function clusterFirst(namespace: string, { domain }: ZoneOptions): Resolver {
  const zone = comparable(domain);
  return { searches: [`${namespace}.svc.${zone}`, `svc.${zone}`, zone], ndots: NDOTS_CLUSTER, asksCluster: true };
}

/** With policy Default a pod has its node's resolv.conf, of which nothing is known here; with None only what it brings itself. */
export function resolverOf(cluster: Cluster, pod: ClusterPod, zone: ZoneOptions): Resolver {
  const { nameservers = [], searches = [], options = [] } = pod.dnsConfig ?? {};
  const base: Resolver = usesClusterDns(pod)
    ? clusterFirst(pod.namespace, zone)
    : { searches: [], ndots: NDOTS_DEFAULT, asksCluster: false };
  const dnsService = cluster.services.find(
    ({ namespace, name }) => namespace === DNS_SERVICE.namespace && name === DNS_SERVICE.name,
  );
  const ndots = options.findLast(({ name }) => name === "ndots")?.value;
  return {
    searches: [...new Set([...base.searches, ...searches.map(comparable)])],
    ndots: Math.min(ndots === undefined ? base.ndots : Number.parseInt(ndots, 10) || 0, NDOTS_MAX),
    asksCluster:
      base.asksCluster || (pod.dnsPolicy === "None" && dnsService?.clusterIps.includes(nameservers[0] ?? "") === true),
  };
}

/** On the host's network, ClusterFirst means Default (getPodDNSType). */
function usesClusterDns({ dnsPolicy = "ClusterFirst", hostNetwork }: ClusterPod): boolean {
  return dnsPolicy === "ClusterFirstWithHostNet" || (dnsPolicy === "ClusterFirst" && !hostNetwork);
}

/** Name by name, until one of them has a record of one of the types. */
export function resolve(
  directory: Directory,
  zone: ZoneOptions,
  resolver: Resolver,
  name: string,
  types: readonly string[],
): readonly Attempt[] {
  const attempts: Attempt[] = [];
  for (const candidate of candidates(name, resolver)) {
    const tried = types.map((type): Attempt => {
      const question = { name: candidate, type };
      return { question, answer: answerQuestion(directory, zone, question) };
    });
    attempts.push(...tried);
    if (tried.some(isFound)) break;
  }
  return attempts;
}

export function isFound({ answer }: Attempt): boolean {
  return answer.answers.length > 0;
}

/** As glibc tries them: a name with ndots dots goes first as it is, any other last; a dot at its end excludes all else. */
export function candidates(name: string, { searches, ndots }: Pick<Resolver, "searches" | "ndots">): readonly string[] {
  if (name.endsWith(".")) return [name];
  const searched = searches.map((domain) => absolute(`${name}.${domain}`));
  const dots = name.split(".").length - 1;
  return dots >= ndots ? [absolute(name), ...searched] : [...searched, absolute(name)];
}

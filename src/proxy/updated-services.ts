/**
 * Which Services kube-proxy takes for changed between two states of a cluster: those whose ports or endpoints are not what
 * they were for its family (UpdatedServices in pkg/proxy/servicechangetracker.go and endpointschangetracker.go).
 */

import type { Cluster, IpFamily, Slice } from "../cluster/types.ts";
import { type ProxyServicePort, servicePorts } from "./service-ports.ts";

/** Names as "namespace/name"; also of Services that have come or gone. */
export function updatedServices(before: Cluster, after: Cluster, family: IpFamily): ReadonlySet<string> {
  const known = statesOf(before, family);
  const now = statesOf(after, family);
  const names = [...new Set([...known.keys(), ...now.keys()])];
  return new Set(names.filter((name) => known.get(name)?.join() !== now.get(name)?.join()));
}

/** What proxiers see of each Service, as texts. */
function statesOf(cluster: Cluster, family: IpFamily): Map<string, string[]> {
  const states = new Map<string, string[]>();
  const add = (name: string, state: ProxyServicePort | Slice): void => {
    const texts = states.get(name) ?? [];
    states.set(name, texts);
    texts.push(JSON.stringify(state));
  };
  for (const port of servicePorts(cluster, family)) add(`${port.namespace}/${port.service}`, port);
  for (const slice of cluster.endpointSlices) {
    if (slice.family === family) add(`${slice.namespace}/${slice.service}`, slice);
  }
  return states;
}

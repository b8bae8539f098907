/**
 * Which connections kube-proxy ends after it has changed rules (pkg/proxy/conntrack/cleanup.go, v1.36): those of UDP to a
 * service port that do not go to one of its serving endpoints. Without that a client that keeps sending from one port
 * would stay with an endpoint that is gone. TCP notices by itself and is left alone.
 */

import type { Cluster, IpFamily } from "../cluster/types.ts";
import { endpointsOf } from "./endpoints.ts";
import { IP_FAMILIES } from "./family.ts";
import { servicePorts } from "./service-ports.ts";

/** What counts of a connection: where its first packet went, and who answers. */
export interface TrackedConnection {
  readonly protocol: string;
  readonly original: { readonly dst: string; readonly dport?: number };
  readonly reply: { readonly src: string; readonly sport?: number };
}

/** Titles ("10.244.1.5:8080") of the serving endpoints behind each place where UDP service ports are reachable. */
export interface UdpDestinations {
  readonly byAddress: ReadonlyMap<string, ReadonlySet<string>>;
  readonly byNodePort: Readonly<Record<IpFamily, ReadonlyMap<number, ReadonlySet<string>>>>;
}

/**
 * A service port without serving endpoints is left out, and so are its connections: there is nowhere better for them.
 * Policies and topology do not count: a change of the Service is no reason to end what goes on.
 */
export function udpDestinations(cluster: Cluster): UdpDestinations {
  const byAddress = new Map<string, ReadonlySet<string>>();
  const byNodePort = { IPv4: new Map<number, ReadonlySet<string>>(), IPv6: new Map<number, ReadonlySet<string>>() };
  const udp = {
    ...cluster,
    services: cluster.services.filter(hasUdp),
    endpointSlices: cluster.endpointSlices.filter(hasUdp),
  };
  for (const family of IP_FAMILIES) {
    const endpoints = endpointsOf(udp, family, "");
    for (const port of servicePorts(udp, family)) {
      if (port.protocol !== "UDP") continue;
      const serving = new Set(endpoints(port).flatMap((endpoint) => (endpoint.serving ? [endpoint.title] : [])));
      if (serving.size === 0) continue;
      for (const ip of [port.clusterIp, ...port.loadBalancerIps, ...port.externalIps]) {
        byAddress.set(title(ip, port.port), serving);
      }
      if (port.nodePort !== undefined) byNodePort[family].set(port.nodePort, serving);
    }
  }
  return { byAddress, byNodePort };
}

/** A nodePort is looked for whatever the address, as kube-proxy does. */
export function isStale({ protocol, original, reply }: TrackedConnection, destinations: UdpDestinations): boolean {
  if (protocol !== "udp" || original.dport === undefined) return false;
  const family: IpFamily = original.dst.includes(":") ? "IPv6" : "IPv4";
  const endpoint = title(reply.src, reply.sport);
  const candidates = [
    destinations.byAddress.get(title(original.dst, original.dport)),
    destinations.byNodePort[family].get(original.dport),
  ];
  return candidates.some((serving) => serving !== undefined && !serving.has(endpoint));
}

function hasUdp({ ports }: { readonly ports: readonly { readonly protocol: string }[] }): boolean {
  return ports.some(({ protocol }) => protocol === "UDP");
}

function title(address: string, port: number | undefined): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

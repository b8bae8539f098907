/** What can be talked to: every port of every Service, at every address that it is served on. */

import type { Cluster, ClusterService, IpFamily, Protocol } from "../cluster/types.ts";
import { familyOf } from "../network/address.ts";

/** Where a client stands. `host`: it is a process of the node itself. */
export type ClientKind = "pod" | "outside" | "host";

export interface Target {
  /** `namespace/name:port`. */
  readonly service: string;
  readonly protocol: Protocol;
  readonly address: string;
  readonly port: number;
  readonly family: IpFamily;
  readonly client: ClientKind;
  /** Ranges that clients outside must be of; empty: any. */
  readonly sourceRanges: readonly string[];
}

const HEADLESS = "None";

/** `nodeAddresses`: where node ports are served. Cluster IPs are for those inside, everything else is for all. */
export function targetsOf(
  cluster: Cluster,
  nodeAddresses: readonly string[],
  kinds: readonly ClientKind[],
): readonly Target[] {
  return cluster.services.flatMap((service) =>
    service.ports.flatMap((port) => {
      const name = `${service.namespace}/${service.name}:${port.port}`;
      return placesOf(service, port, nodeAddresses).flatMap(({ address, number, isInside, sourceRanges }) =>
        kinds
          .filter((kind) => kind !== "outside" || !isInside)
          .map((client) => ({
            service: name,
            protocol: port.protocol,
            address,
            port: number,
            family: familyOf(address),
            client,
            sourceRanges,
          })),
      );
    }),
  );
}

interface Place {
  readonly address: string;
  readonly number: number;
  readonly isInside: boolean;
  readonly sourceRanges: readonly string[];
}

/** Load balancers that stand in front of the node (ipMode Proxy) send what they take to the node ports. */
function placesOf(
  service: ClusterService,
  { port, nodePort }: ClusterService["ports"][number],
  nodeAddresses: readonly string[],
): Place[] {
  if (service.type === "ExternalName" || service.clusterIps.includes(HEADLESS)) return [];
  const place =
    (number: number, isInside = false, sourceRanges: readonly string[] = []) =>
    (address: string) => ({
      address,
      number,
      isInside,
      sourceRanges,
    });
  const balanced = service.loadBalancerIngress.filter(({ ipMode }) => ipMode === "VIP").map(({ ip }) => ip);
  return [
    ...service.clusterIps.map(place(port, true)),
    ...service.externalIps.map(place(port)),
    ...balanced.map(place(port, false, service.loadBalancerSourceRanges)),
    ...(nodePort === undefined ? [] : nodeAddresses.map(place(nodePort))),
  ];
}

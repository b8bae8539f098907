/** What decides about the iptables rules of one family besides the Services. */

import type { IpFamily } from "../../cluster/types.ts";
import { type FamilyOptions, familyOptions } from "../family-options.ts";
import { localhostAddresses, servesLocalhost } from "../node-port-addresses.ts";
import type { ProxyConfiguration, ProxyNode } from "../types.ts";

export interface IptablesOptions extends FamilyOptions {
  /** NodePorts are served on loopback addresses too. */
  readonly localhost: boolean;
  /** There are so many endpoints that their rules go without comments. */
  readonly largeCluster: boolean;
  /** Packets that connection tracking cannot place are dropped when forwarded, for they would leave untranslated. */
  readonly dropInvalid: boolean;
}

/** More endpoints than this, ready or not, make a large cluster (largeClusterEndpointsThreshold). */
const LARGE_CLUSTER_ENDPOINTS = 1000;

export function iptablesOptions(
  node: ProxyNode,
  configuration: ProxyConfiguration,
  family: IpFamily,
  endpointCount: number,
): IptablesOptions {
  const options = familyOptions(node, configuration, family);
  const { nodePortAddresses } = options;
  const localhost = family === "IPv4" && servesLocalhost(configuration, node);
  return {
    ...options,
    nodePortAddresses:
      nodePortAddresses === "all" || !localhost
        ? nodePortAddresses
        : [...nodePortAddresses, ...localhostAddresses(configuration, node)],
    localhost,
    largeCluster: endpointCount > LARGE_CLUSTER_ENDPOINTS,
    dropInvalid: !node.conntrackTcpLiberal && !configuration.conntrackTcpLiberal,
  };
}

/** How a proxier tells the node's own pods from others by a packet's source or way in. */

import type { IpFamily } from "../cluster/types.ts";
import { type Prefix, prefixOf } from "../network/prefix.ts";
import { ofFamily } from "./family.ts";
import type { ProxyConfiguration, ProxyNode } from "./types.ts";

export type LocalDetector =
  /** Every source counts as unknown: nothing is short-circuited or masqueraded for where it comes from. */
  | { readonly kind: "none" }
  | { readonly kind: "source"; readonly prefix: Prefix }
  /** An interface's name as nft writes it: "cni0", or "veth*" for all that begin so. */
  | { readonly kind: "interface"; readonly name: string };

/** The detector of one family; a CIDR mode without a CIDR of the family has none. */
export function localDetector(configuration: ProxyConfiguration, node: ProxyNode, family: IpFamily): LocalDetector {
  const { detectLocalMode, bridgeInterface, interfaceNamePrefix } = configuration;
  switch (detectLocalMode) {
    case "ClusterCIDR":
      return sourceDetector(ofFamily(configuration.clusterCidrs, family));
    case "NodeCIDR":
      return sourceDetector(ofFamily(node.podCidrs, family));
    case "BridgeInterface":
      return bridgeInterface ? { kind: "interface", name: bridgeInterface } : { kind: "none" };
    case "InterfaceNamePrefix":
      return interfaceNamePrefix ? { kind: "interface", name: `${interfaceNamePrefix}*` } : { kind: "none" };
    case "None":
      return { kind: "none" };
  }
}

function sourceDetector([cidr]: readonly string[]): LocalDetector {
  return cidr === undefined ? { kind: "none" } : { kind: "source", prefix: prefixOf(cidr) };
}

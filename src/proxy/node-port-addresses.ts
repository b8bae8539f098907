/** The addresses on which a node serves nodePorts. */

import type { IpFamily } from "../cluster/types.ts";
import { addressOf } from "../network/address.ts";
import { prefixContains, prefixOf } from "../network/prefix.ts";
import { ofFamily } from "./family.ts";
import type { ProxyConfiguration, ProxyNode } from "./types.ts";

const LOOPBACK: Readonly<Record<IpFamily, string>> = { IPv4: "127.0.0.0/8", IPv6: "::1/128" };

/** "all": every address of the node but loopback ones. A family for which nothing is configured serves all. */
export function nodePortAddresses(
  configuration: ProxyConfiguration,
  node: ProxyNode,
  family: IpFamily,
): "all" | readonly string[] {
  const cidrs = ofFamily(configuredCidrs(configuration, node), family).map(prefixOf);
  if (cidrs.length === 0 || cidrs.some(({ length }) => length === 0)) return "all";
  const loopback = prefixOf(LOOPBACK[family]);
  const candidates = ofFamily([...node.addresses, ...(node.interfaceAddresses ?? [])], family);
  const matching = candidates.filter((address) => cidrs.some((cidr) => prefixContains(cidr, addressOf(address))));
  return [...new Set(matching)].filter((address) => !prefixContains(loopback, addressOf(address)));
}

/** Nothing configured means "primary" in nftables mode: the node's main address of each family. */
function configuredCidrs({ nodePortAddresses, mode }: ProxyConfiguration, node: ProxyNode): readonly string[] {
  const isPrimary = nodePortAddresses.length === 0 ? mode === "nftables" : nodePortAddresses.includes("primary");
  return isPrimary ? node.addresses : nodePortAddresses;
}

/** The addresses on which a node serves nodePorts. */

import type { IpFamily } from "../cluster/types.ts";
import { addressOf, familyOf } from "../network/address.ts";
import { type Prefix, prefixContains, prefixOf } from "../network/prefix.ts";
import { IP_FAMILIES, ofFamily } from "./family.ts";
import type { ProxyConfiguration, ProxyNode } from "./types.ts";

const LOOPBACK: Readonly<Record<IpFamily, string>> = { IPv4: "127.0.0.0/8", IPv6: "::1/128" };
/** The one that every node has. */
const LOCALHOST = "127.0.0.1";

/** "all": every address of the node but loopback ones. A family for which nothing is configured serves all. */
export function nodePortAddresses(
  configuration: ProxyConfiguration,
  node: ProxyNode,
  family: IpFamily,
): "all" | readonly string[] {
  const cidrs = configuredPrefixes(configuration, node, family);
  if (isUnrestricted(cidrs)) return "all";
  const candidates = [...node.addresses, ...(node.interfaceAddresses ?? [])];
  return inside(cidrs, ofFamily(candidates, family)).filter((address) => !isLoopback(address));
}

/** Addresses of the node that answer for nodePorts to others: the configured ones, where any does, the node's own. */
export function servedAddresses(configuration: ProxyConfiguration, node: ProxyNode): readonly string[] {
  return IP_FAMILIES.flatMap((family) => {
    const served = nodePortAddresses(configuration, node, family);
    return served === "all" ? ofFamily(node.addresses, family) : served;
  });
}

/**
 * NodePorts are served on 127.0.0.0/8 too, unless that is switched off or restricted away. Of IPv4 only: the kernel routes
 * nothing from ::1 elsewhere.
 */
export function servesLocalhost(configuration: ProxyConfiguration, node: ProxyNode): boolean {
  if (!configuration.localhostNodePorts) return false;
  const cidrs = configuredPrefixes(configuration, node, "IPv4");
  const loopback = prefixOf(LOOPBACK.IPv4);
  const hasLoopback = (cidr: Prefix) =>
    prefixContains(cidr, addressOf(LOCALHOST)) || prefixContains(loopback, cidr.bytes);
  return cidrs.length === 0 || cidrs.some(hasLoopback);
}

/** The node's loopback addresses that restricted nodePorts are served on. */
export function localhostAddresses(configuration: ProxyConfiguration, node: ProxyNode): readonly string[] {
  if (!servesLocalhost(configuration, node)) return [];
  const candidates = [LOCALHOST, ...ofFamily(node.interfaceAddresses ?? [], "IPv4")];
  return inside(configuredPrefixes(configuration, node, "IPv4"), candidates).filter(isLoopback);
}

function isUnrestricted(cidrs: readonly Prefix[]): boolean {
  return cidrs.length === 0 || cidrs.some(({ length }) => length === 0);
}

function inside(cidrs: readonly Prefix[], candidates: readonly string[]): string[] {
  const matching = candidates.filter((address) => cidrs.some((cidr) => prefixContains(cidr, addressOf(address))));
  return [...new Set(matching)];
}

function isLoopback(address: string): boolean {
  return prefixContains(prefixOf(LOOPBACK[familyOf(address)]), addressOf(address));
}

function configuredPrefixes(configuration: ProxyConfiguration, node: ProxyNode, family: IpFamily): readonly Prefix[] {
  return ofFamily(configuredCidrs(configuration, node), family).map(prefixOf);
}

/** Nothing configured means "primary" in modes nftables and direct: the node's main address of each family. */
function configuredCidrs({ nodePortAddresses, mode }: ProxyConfiguration, node: ProxyNode): readonly string[] {
  const isPrimary = nodePortAddresses.length === 0 ? mode !== "iptables" : nodePortAddresses.includes("primary");
  return isPrimary ? node.addresses : nodePortAddresses;
}

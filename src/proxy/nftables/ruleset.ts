/** kube-proxy's nftables mode (v1.36): one table per family, from the cluster as one node sees it. */

import type { Cluster, IpFamily } from "../../cluster/types.ts";
import type { Chain, NamedSet, Ruleset, Table } from "../../ruleset/types.ts";
import { endpointsOf } from "../endpoints.ts";
import { IP_FAMILIES, ofFamily } from "../family.ts";
import { familyOptions } from "../family-options.ts";
import { type PlacedPort, placedPort } from "../placed-port.ts";
import { servicePorts } from "../service-ports.ts";
import { address, number, protocolLiteral } from "../statements.ts";
import { usableEndpoints } from "../topology.ts";
import type { ProxyConfiguration, ProxyNode } from "../types.ts";
import { putDestinations } from "./destinations.ts";
import { ElementTables } from "./elements.ts";
import { HAIRPIN_SET, serviceChains, TABLE } from "./names.ts";
import { serviceRules } from "./service.ts";
import { baseChains, fixedChains, fixedSets } from "./table.ts";

/** The rules that kube-proxy would program on the node, as `nft list ruleset` shows them after its first sync. */
export function generateNftables(cluster: Cluster, node: ProxyNode, configuration: ProxyConfiguration): Ruleset {
  return { tables: IP_FAMILIES.map((family) => generateTable(cluster, node, configuration, family)) };
}

function generateTable(cluster: Cluster, node: ProxyNode, configuration: ProxyConfiguration, family: IpFamily): Table {
  const serviceCidrs = ofFamily(cluster.serviceCidrs ?? [], family);
  const options = { ...familyOptions(node, configuration, family), serviceCidrs };
  const endpoints = endpointsOf(cluster, family, node.name);
  const elements = new ElementTables();
  const sets: NamedSet[] = [];
  const chains: Chain[] = [];
  for (const port of servicePorts(cluster, family)) {
    const placed = placedPort(port, usableEndpoints(endpoints(port), port, node), serviceChains(port));
    putHairpins(elements, placed);
    putDestinations(elements, placed);
    const rules = serviceRules(placed, options);
    sets.push(...rules.sets);
    chains.push(...rules.chains);
  }
  return {
    family: options.network,
    name: TABLE,
    comment: "rules for kube-proxy",
    sets: [...fixedSets(options, elements), ...sets],
    chains: [...baseChains(), ...fixedChains(options), ...chains],
  };
}

/** Connections of an endpoint of this node to itself: their source must become the node's, or answers go astray. */
function putHairpins(elements: ElementTables, { port, endpoints, origin }: PlacedPort): void {
  for (const endpoint of endpoints.reachable) {
    if (!endpoint.local) continue;
    const ip = address(endpoint.address);
    const key = [ip, ip, protocolLiteral(port.protocol), number(endpoint.port)];
    elements.put(HAIRPIN_SET, `${port.protocol}/${endpoint.title}`, { key, origin });
  }
}

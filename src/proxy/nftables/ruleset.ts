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
import { ElementList } from "./elements.ts";
import { HAIRPIN_SET, serviceChains, TABLE } from "./names.ts";
import { type Choice, serviceRules } from "./service.ts";
import { type ServicePart, ServiceParts } from "./service-part.ts";
import { baseChains, fixedChains, fixedSets, type TableOptions } from "./table.ts";

/** What differs between this mode and direct, which finds and chooses in its own way. */
export interface TableForm {
  readonly name: string;
  readonly comment: string;
  readonly choice?: Choice;
  readonly chains: (options: TableOptions) => readonly Chain[];
}

const KUBE_PROXY: TableForm = {
  name: TABLE,
  comment: "rules for kube-proxy",
  chains: (options) => [...baseChains(), ...fixedChains(options)],
};

/**
 * The rules that kube-proxy would program on the node, as `nft list ruleset` shows them after its first sync. `parts`
 * that saw an earlier state of the cluster make it quick, and objects of Services that did not change the same.
 */
export function generateNftables(
  cluster: Cluster,
  node: ProxyNode,
  configuration: ProxyConfiguration,
  parts: ServiceParts = new ServiceParts(),
  form: TableForm = KUBE_PROXY,
): Ruleset {
  return { tables: IP_FAMILIES.map((family) => generateTable(cluster, node, configuration, family, parts, form)) };
}

function generateTable(
  cluster: Cluster,
  node: ProxyNode,
  configuration: ProxyConfiguration,
  family: IpFamily,
  parts: ServiceParts,
  form: TableForm,
): Table {
  const serviceCidrs = ofFamily(cluster.serviceCidrs ?? [], family);
  const options: TableOptions = { ...familyOptions(node, configuration, family), serviceCidrs };
  const given = { family, conditions: JSON.stringify([options, node, form.comment]) };
  const made = parts.kept.of(cluster.services, cluster.endpointSlices, given, (service, slices) => {
    const alone: Cluster = { ...cluster, services: [service], endpointSlices: slices };
    return servicePart(alone, node, family, options, form);
  });
  return parts.tables[family].assemble(made, given.conditions, {
    table: { family: options.network, name: form.name, comment: form.comment },
    sets: (elements) => fixedSets(options, elements),
    chains: () => form.chains(options),
  });
}

/** What the Services of the cluster add to the table. */
function servicePart(
  cluster: Cluster,
  node: ProxyNode,
  family: IpFamily,
  options: TableOptions,
  { choice }: TableForm,
): ServicePart {
  const endpoints = endpointsOf(cluster, family, node.name);
  const elements = new ElementList();
  const sets: NamedSet[] = [];
  const chains: Chain[] = [];
  for (const port of servicePorts(cluster, family)) {
    const placed = placedPort(port, usableEndpoints(endpoints(port), port, node), serviceChains(port));
    putHairpins(elements, placed);
    putDestinations(elements, placed);
    const rules = serviceRules(placed, options, choice);
    sets.push(...rules.sets);
    chains.push(...rules.chains);
  }
  return { elements: elements.puts, sets, chains };
}

/** Connections of an endpoint of this node to itself: their source must become the node's, or answers go astray. */
function putHairpins(elements: ElementList, { port, endpoints, origin }: PlacedPort): void {
  for (const endpoint of endpoints.reachable) {
    if (!endpoint.local) continue;
    const ip = address(endpoint.address);
    const key = [ip, ip, protocolLiteral(port.protocol), number(endpoint.port)];
    elements.put(HAIRPIN_SET, `${port.protocol}/${endpoint.title}`, { key, origin });
  }
}

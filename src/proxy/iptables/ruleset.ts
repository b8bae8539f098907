/** kube-proxy's iptables mode (v1.36): three tables per family, from the cluster as one node sees it. */

import type { Cluster, IpFamily } from "../../cluster/types.ts";
import type { Chain, Ruleset, Table } from "../../ruleset/types.ts";
import { endpointsOf } from "../endpoints.ts";
import { IP_FAMILIES } from "../family.ts";
import { placedPort } from "../placed-port.ts";
import { servicePorts } from "../service-ports.ts";
import { usableEndpoints } from "../topology.ts";
import type { ProxyConfiguration, ProxyNode } from "../types.ts";
import type { Tables } from "./chain-rules.ts";
import { addDestinations } from "./destinations.ts";
import { serviceChains } from "./names.ts";
import { iptablesOptions } from "./options.ts";
import { addServiceChains } from "./service.ts";
import * as fixed from "./tables.ts";

/** The rules that kube-proxy would program on the node, as `iptables-save` and `ip6tables-save` show them after its first sync. */
export function generateIptables(cluster: Cluster, node: ProxyNode, configuration: ProxyConfiguration): Ruleset {
  return { tables: IP_FAMILIES.flatMap((family) => generateTables(cluster, node, configuration, family)) };
}

function generateTables(
  cluster: Cluster,
  node: ProxyNode,
  configuration: ProxyConfiguration,
  family: IpFamily,
): Table[] {
  const endpointsOfPort = endpointsOf(cluster, family, node.name);
  const ports = servicePorts(cluster, family).map((port) => ({ port, endpoints: endpointsOfPort(port) }));
  const endpointCount = ports.reduce((count, { endpoints }) => count + endpoints.length, 0);
  const options = iptablesOptions(node, configuration, family, endpointCount);
  const tables: Tables = { filter: fixed.filterRules(options), nat: fixed.natRules(options) };
  for (const { port, endpoints } of ports) {
    const placed = placedPort(port, usableEndpoints(endpoints, port, node), serviceChains(port));
    addDestinations(tables, placed, options);
    addServiceChains(tables.nat, placed, options);
  }
  fixed.appendNodePortRules(tables.nat, options);
  const table = (name: string, chains: readonly Chain[]): Table => {
    return { family: options.network, name, sets: [], chains };
  };
  return [
    table("mangle", fixed.mangleChains()),
    table("filter", [...fixed.filterBaseChains(), ...tables.filter.chains()]),
    table("nat", [...fixed.natBaseChains(), ...tables.nat.chains()]),
  ];
}

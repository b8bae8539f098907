/** kube-proxy's iptables mode (v1.36): three tables per family, from the cluster as one node sees it. */

import type { Cluster, IpFamily } from "../../cluster/types.ts";
import type { Rule, Ruleset, Table } from "../../ruleset/types.ts";
import { endpointsOf } from "../endpoints.ts";
import { IP_FAMILIES } from "../family.ts";
import { placedPort } from "../placed-port.ts";
import { servicePorts } from "../service-ports.ts";
import { usableEndpoints } from "../topology.ts";
import type { ProxyConfiguration, ProxyNode } from "../types.ts";
import { ChainRules, type Tables } from "./chain-rules.ts";
import { addDestinations } from "./destinations.ts";
import * as names from "./names.ts";
import { type IptablesOptions, iptablesOptions } from "./options.ts";
import { addServiceChains } from "./service.ts";
import { type FixedTable, type ServicePart, ServiceParts } from "./service-part.ts";
import * as fixed from "./tables.ts";

const SHARED_FILTER_CHAINS = [
  names.SERVICES_CHAIN,
  names.EXTERNAL_SERVICES_CHAIN,
  names.NODE_PORTS_CHAIN,
  names.PROXY_FIREWALL_CHAIN,
];
const SHARED_NAT_CHAINS = [names.SERVICES_CHAIN, names.NODE_PORTS_CHAIN];
const NO_RULES: ReadonlyMap<string, readonly Rule[]> = new Map();

/**
 * The rules that kube-proxy would program on the node, as `iptables-save` and `ip6tables-save` show them after its first
 * sync. `parts` that saw an earlier state of the cluster make it quick, and objects of Services that did not change the
 * same.
 */
export function generateIptables(
  cluster: Cluster,
  node: ProxyNode,
  configuration: ProxyConfiguration,
  parts: ServiceParts = new ServiceParts(),
): Ruleset {
  return { tables: IP_FAMILIES.flatMap((family) => generateTables(cluster, node, configuration, family, parts)) };
}

function generateTables(
  cluster: Cluster,
  node: ProxyNode,
  configuration: ProxyConfiguration,
  family: IpFamily,
  parts: ServiceParts,
): readonly Table[] {
  const { services, endpointSlices } = cluster;
  const counts = parts.endpointCounts.of(services, endpointSlices, { family, conditions: "" }, (service, slices) =>
    countEndpoints({ ...cluster, services: [service], endpointSlices: slices }, family),
  );
  const endpointCount = counts.reduce((sum, count) => sum + count, 0);
  const options = iptablesOptions(node, configuration, family, endpointCount);
  const conditions = JSON.stringify([options, node]);
  const made = parts.kept.of(services, endpointSlices, { family, conditions }, (service, slices) =>
    servicePart({ ...cluster, services: [service], endpointSlices: slices }, node, family, options),
  );
  return parts.tables[family].assemble(made, conditions, () => fixedTables(options));
}

function countEndpoints(cluster: Cluster, family: IpFamily): number {
  const endpoints = endpointsOf(cluster, family, "");
  return servicePorts(cluster, family).reduce((count, port) => count + endpoints(port).length, 0);
}

/** What the Services of the cluster add to the tables. */
function servicePart(cluster: Cluster, node: ProxyNode, family: IpFamily, options: IptablesOptions): ServicePart {
  const endpoints = endpointsOf(cluster, family, node.name);
  const tables: Tables = { filter: new ChainRules(SHARED_FILTER_CHAINS), nat: new ChainRules(SHARED_NAT_CHAINS) };
  for (const port of servicePorts(cluster, family)) {
    const placed = placedPort(port, usableEndpoints(endpoints(port), port, node), names.serviceChains(port));
    addDestinations(tables, placed, options);
    addServiceChains(tables.nat, placed, options);
  }
  return { filter: tables.filter.shared(), nat: tables.nat.shared(), own: tables.nat.own() };
}

function fixedTables(options: IptablesOptions): FixedTable[] {
  const family = options.network;
  const last = new ChainRules([names.SERVICES_CHAIN]);
  fixed.appendNodePortRules(last, options);
  return [
    { table: { family, name: "mangle" }, bases: fixed.mangleChains(), shared: [], last: NO_RULES },
    {
      table: { family, name: "filter" },
      bases: fixed.filterBaseChains(),
      shared: fixed.filterRules(options).chains(),
      last: NO_RULES,
    },
    {
      table: { family, name: "nat" },
      bases: fixed.natBaseChains(),
      shared: fixed.natRules(options).chains(),
      last: new Map(last.chains().map(({ name, rules }) => [name, rules])),
    },
  ];
}

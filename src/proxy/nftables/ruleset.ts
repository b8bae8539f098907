/** kube-proxy's nftables mode (v1.36): one table per family, from the cluster as one node sees it. */

import type { Cluster, IpFamily } from "../../cluster/types.ts";
import type { Chain, NamedSet, Ruleset, Table } from "../../ruleset/types.ts";
import { endpointsOf } from "../endpoints.ts";
import { IP_FAMILIES, ofFamily } from "../family.ts";
import { localDetector } from "../local-detector.ts";
import { nodePortAddresses } from "../node-port-addresses.ts";
import { type ProxyServicePort, servicePorts } from "../service-ports.ts";
import { usableEndpoints } from "../topology.ts";
import type { ProxyConfiguration, ProxyNode } from "../types.ts";
import { type PlacedPort, putDestinations } from "./destinations.ts";
import { ElementTables } from "./elements.ts";
import { HAIRPIN_SET, protocolNumber, serviceChains, TABLE } from "./names.ts";
import { serviceRules } from "./service.ts";
import { address, number, protocol } from "./statements.ts";
import { baseChains, fixedChains, fixedSets, type TableOptions } from "./table.ts";

/** The rules that kube-proxy would program on the node, as `nft list ruleset` shows them after its first sync. */
export function generateNftables(cluster: Cluster, node: ProxyNode, configuration: ProxyConfiguration): Ruleset {
  return { tables: IP_FAMILIES.map((family) => generateTable(cluster, node, configuration, family)) };
}

function generateTable(cluster: Cluster, node: ProxyNode, configuration: ProxyConfiguration, family: IpFamily): Table {
  const options = tableOptions(cluster, node, configuration, family);
  const endpoints = endpointsOf(cluster, family, node.name);
  const elements = new ElementTables();
  const sets: NamedSet[] = [];
  const chains: Chain[] = [];
  for (const port of servicePorts(cluster, family)) {
    const placed = placedPort(port, usableEndpoints(endpoints(port), port, node));
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

function tableOptions(
  cluster: Cluster,
  node: ProxyNode,
  configuration: ProxyConfiguration,
  family: IpFamily,
): TableOptions {
  const [nodeAddress] = ofFamily(node.addresses, family);
  return {
    network: family === "IPv4" ? "ip" : "ip6",
    detector: localDetector(configuration, node, family),
    nodePortAddresses: nodePortAddresses(configuration, node, family),
    masqueradeAll: configuration.masqueradeAll,
    masqueradeMark: (1 << configuration.masqueradeBit) >>> 0,
    serviceCidrs: ofFamily(cluster.serviceCidrs ?? [], family),
    nodeAddress,
  };
}

function placedPort(port: ProxyServicePort, endpoints: PlacedPort["endpoints"]): PlacedPort {
  const { namespace, service, name } = port;
  const object = name === "" ? `Service ${namespace}/${service}` : `Service ${namespace}/${service}, port ${name}`;
  return { port, endpoints, chains: serviceChains(port), origin: { object } };
}

/** Connections of an endpoint of this node to itself: their source must become the node's, or answers go astray. */
function putHairpins(elements: ElementTables, { port, endpoints, origin }: PlacedPort): void {
  for (const endpoint of endpoints.reachable) {
    if (!endpoint.local) continue;
    const ip = address(endpoint.address);
    const key = [ip, ip, protocol(protocolNumber(port)), number(endpoint.port)];
    elements.put(HAIRPIN_SET, `${port.protocol}/${endpoint.title}`, { key, origin });
  }
}

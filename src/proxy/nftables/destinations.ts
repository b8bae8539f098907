/** The places where one service port is reachable, as elements of the maps that dispatch packets. */

import type { Element, Literal, Verdict } from "../../ruleset/types.ts";
import { hasExternalEndpoints, hasInternalEndpoints, type PlacedPort, usesFirewall } from "../placed-port.ts";
import { address, number, protocolLiteral } from "../statements.ts";
import type { ElementList } from "./elements.ts";
import * as names from "./names.ts";

const TO_REJECT: Verdict = { kind: "goto", chain: names.REJECT_CHAIN };
const DROP: Verdict = { kind: "drop" };

/**
 * Fills service-ips, service-nodeports, firewall-ips, cluster-ips and what rejects or drops. No endpoint anywhere
 * rejects; endpoints that policy Local forbids drop, after pods and the node have taken their short cut.
 */
export function putDestinations(elements: ElementList, placed: PlacedPort): void {
  const { port, chains } = placed;
  elements.put(names.CLUSTER_IPS_SET, port.clusterIp, { key: [address(port.clusterIp)], origin: placed.origin });
  if (hasInternalEndpoints(placed)) {
    const chain = port.internalLocal ? chains.local : chains.cluster;
    putAddress(elements, names.SERVICE_IPS_MAP, placed, port.clusterIp, { kind: "goto", chain });
  } else {
    putAddress(elements, names.NO_ENDPOINT_SERVICES_MAP, placed, port.clusterIp, refusal(placed), port.title);
  }
  for (const ip of [...port.externalIps, ...port.loadBalancerIps]) putExternalAddress(elements, placed, ip);
  if (usesFirewall(port)) {
    for (const ip of port.loadBalancerIps) {
      putAddress(elements, names.FIREWALL_IPS_MAP, placed, ip, { kind: "goto", chain: chains.firewall });
    }
  }
  if (port.nodePort !== undefined) putNodePort(elements, placed, port.nodePort);
}

function putExternalAddress(elements: ElementList, placed: PlacedPort, ip: string): void {
  const { chains, endpoints, port } = placed;
  if (endpoints.anywhere) {
    putAddress(elements, names.SERVICE_IPS_MAP, placed, ip, { kind: "goto", chain: chains.external });
  }
  if (!hasExternalEndpoints(placed)) {
    putAddress(elements, names.NO_ENDPOINT_SERVICES_MAP, placed, ip, refusal(placed), port.title);
  }
}

function putNodePort(elements: ElementList, placed: PlacedPort, nodePort: number): void {
  const { chains, endpoints, port, origin } = placed;
  const key = [protocolLiteral(port.protocol), number(nodePort)];
  const keyText = `${port.protocol}/${nodePort}`;
  if (endpoints.anywhere) {
    const value: Verdict = { kind: "goto", chain: chains.external };
    elements.put(names.SERVICE_NODE_PORTS_MAP, keyText, { key, value, origin });
  }
  if (!hasExternalEndpoints(placed)) {
    const element: Element = { key, value: refusal(placed), comment: port.title, origin };
    elements.put(names.NO_ENDPOINT_NODE_PORTS_MAP, keyText, element);
  }
}

function putAddress(
  elements: ElementList,
  map: string,
  { port, origin }: PlacedPort,
  ip: string,
  value: Verdict,
  comment?: string,
): void {
  const key: Literal[] = [address(ip), protocolLiteral(port.protocol), number(port.port)];
  const element: Element = { key, value, origin, ...(comment === undefined ? {} : { comment }) };
  elements.put(map, `${ip}/${port.protocol}/${port.port}`, element);
}

function refusal({ endpoints }: PlacedPort): Verdict {
  return endpoints.anywhere ? DROP : TO_REJECT;
}

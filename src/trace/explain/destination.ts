/** Which service port a destination means, or why it means none. */

import type { ClusterService, ServicePort } from "../../cluster/types.ts";
import { addressOf } from "../../network/address.ts";
import { prefixContains, prefixOf } from "../../network/prefix.ts";
import { nodePortAddresses } from "../../proxy/node-port-addresses.ts";
import { portList } from "../describe/target.ts";
import type { Explanation } from "../types.ts";
import { type Destination, explanation, type Known, type MeantPort, titleOf, type Way } from "./types.ts";

export type Meaning = { readonly meant: MeantPort } | { readonly explanation: Explanation } | undefined;

/** Undefined: the destination has nothing to do with Services. */
export function meaningOf(known: Known, destination: Destination): Meaning {
  for (const service of known.cluster.services) {
    const way = wayTo(service, destination.address);
    if (way !== undefined) return atAddress(service, way, destination);
  }
  const owner = known.cluster.nodes.find(({ addresses }) => addresses.includes(destination.address));
  const isHere = owner?.name === known.node.name || isOwnAddress(known, destination.address);
  if (isHere || owner !== undefined) return atNode(known, destination, isHere ? known.node.name : owner?.name);
  const range = known.cluster.serviceCidrs?.find((cidr) =>
    prefixContains(prefixOf(cidr), addressOf(destination.address)),
  );
  if (range === undefined) return undefined;
  const message = `no Service has the address ${destination.address}, though it is in the Services' range ${range}`;
  return { explanation: explanation("no-such-service", message) };
}

function wayTo({ clusterIps, externalIps, loadBalancerIngress }: ClusterService, address: string): Way | undefined {
  if (clusterIps.includes(address)) return "ClusterIP";
  if (externalIps.includes(address)) return "external address";
  return loadBalancerIngress.some(({ ip }) => ip === address) ? "load balancer address" : undefined;
}

function atAddress(service: ClusterService, way: Way, destination: Destination): Meaning {
  const { port: number, protocol } = destination;
  const port = service.ports.find((one) => one.port === number && isProtocol(one, protocol));
  if (port !== undefined) return { meant: { service, port, way } };
  if (protocol === "icmp" || protocol === "icmpv6") {
    const message = `${titleOf(service)} has its addresses for its ports only: nobody answers a ping of them`;
    return { explanation: explanation("no-ping", message, portList(service)) };
  }
  const other = service.ports.find((one) => one.port === number);
  if (other !== undefined) {
    const message = `${titleOf(service)} has port ${number} for ${other.protocol}, and the packet is ${protocol.toUpperCase()}`;
    return { explanation: explanation("wrong-protocol", message, portList(service)) };
  }
  const message = `${titleOf(service)} has no port ${number}/${protocol.toUpperCase()}`;
  return { explanation: explanation("wrong-port", message, [...portList(service), ...targetHint(service, number)]) };
}

/** The endpoints' port is often taken for the Service's. */
function targetHint({ ports }: ClusterService, number: number): readonly string[] {
  const mistaken = ports.find(({ targetPort }) => targetPort === number);
  return mistaken === undefined
    ? []
    : [`${number} is the target port of port ${mistaken.port}: clients use ${mistaken.port}`];
}

function atNode(known: Known, destination: Destination, owner: string | undefined): Meaning {
  const { address, port: number, protocol, family } = destination;
  for (const service of known.cluster.services) {
    const port = service.ports.find((one) => one.nodePort === number && isProtocol(one, protocol));
    if (port === undefined) continue;
    if (owner !== known.node.name) return { explanation: otherNode(known, address, owner) };
    const served = nodePortAddresses(known.proxyConfiguration, known.node, family);
    if (served === "all" || served.includes(address)) return { meant: { service, port, way: "node port" } };
    const message = `node ports are served at ${served.join(", ") || "no address"} of ${known.node.name} only, and not at ${address}`;
    return { explanation: explanation("node-port-address", message) };
  }
  return notOfAnyService(known, destination);
}

function notOfAnyService({ cluster }: Known, { port: number, protocol, address }: Destination): Meaning {
  for (const service of cluster.services) {
    const port = service.ports.find((one) => one.port === number && isProtocol(one, protocol));
    if (port === undefined) continue;
    const has =
      port.nodePort === undefined
        ? `is of type ${service.type} and has no node port`
        : `has the node port ${port.nodePort}`;
    const message = `no Service has the node port ${number}; ${titleOf(service)}, whose port ${number} is, ${has}`;
    return { explanation: explanation("no-node-port", message) };
  }
  const isOther = cluster.services.some(({ ports }) => ports.some(({ nodePort }) => nodePort === number));
  if (!isOther) return undefined;
  return {
    explanation: explanation(
      "wrong-protocol",
      `node port ${number} of ${address} is not for ${protocol.toUpperCase()}`,
    ),
  };
}

function otherNode({ node }: Known, address: string, owner: string | undefined): Explanation {
  const message = `${address} is node ${owner ?? "unknown"}: ${node.name} only passes the packet on, and serves node ports at its own addresses`;
  return explanation("other-node", message, [`see what happens there with --node ${owner ?? "NAME"}`]);
}

function isOwnAddress({ network }: Known, address: string): boolean {
  return network.interfaces.some(({ addresses }) => addresses.some((own) => own.address === address));
}

function isProtocol({ protocol }: ServicePort, name: string): boolean {
  return protocol.toLowerCase() === name;
}

/** `--to`: a name that cluster DNS knows, a pod, or an address; and a port by number or name. */

import type { ClusterService, ServicePort } from "../../cluster/types.ts";
import { directoryOf, isHeadless, keyOf } from "../../discovery/directory.ts";
import { comparable, labelsBelow } from "../../discovery/names.ts";
import { type Attempt, clusterFirst, isFound, resolve, resolverOf } from "../../discovery/resolver.ts";
import { canonicalAddress, familyOf } from "../../network/address.ts";
import { senderOf } from "./sender.ts";
import { splitPort } from "./split.ts";
import {
  type DescribedPacket,
  type PacketProtocol,
  type Resolved,
  type Sender,
  type Surroundings,
  type Target,
  unresolved,
} from "./types.ts";

const NAMESPACE = "default";
const POD_PREFIX = "pod/";
const PORT_MAX = 65535;
const PORTLESS = "icmp";

export function targetOf(described: DescribedPacket, sender: Sender, around: Surroundings): Resolved<Target> {
  const { host, port } = splitPort(described.to);
  const address = canonicalAddress(host);
  if (address !== undefined) return withPort(described, [address], port, serviceAt(around, address), sender);
  if (host.startsWith(POD_PREFIX)) {
    const pod = senderOf(host, around);
    return "explanation" in pod ? pod : withPort(described, pod.value.addresses, port, undefined, sender);
  }
  const attempts = lookUp(host, sender, around);
  const found = attempts.filter(isFound).flatMap(({ answer }) => answer.answers);
  const service = serviceNamed(attempts, around);
  const addresses = found.flatMap((record) => (record.type === "A" || record.type === "AAAA" ? [record.data] : []));
  if (addresses.length > 0) return withPort(described, addresses, port, service, sender);
  return nameWithoutAddress(host, service, attempts);
}

function lookUp(name: string, { pod }: Sender, { cluster, zone }: Surroundings): readonly Attempt[] {
  const resolver = pod === undefined ? clusterFirst(NAMESPACE, zone) : resolverOf(cluster, pod, zone);
  return resolve(directoryOf(cluster), zone, resolver, name, ["A", "AAAA"]);
}

/** The Service that the first name in the zone which stands for one means. */
function serviceNamed(attempts: readonly Attempt[], { cluster, zone }: Surroundings): ClusterService | undefined {
  for (const { question } of attempts) {
    const [kind, namespace, name] = (
      labelsBelow(comparable(question.name), comparable(zone.domain)) ?? []
    ).toReversed();
    if (kind !== "svc" || namespace === undefined || name === undefined) continue;
    const wanted = keyOf(namespace, name);
    const service = cluster.services.find((candidate) => keyOf(candidate.namespace, candidate.name) === wanted);
    if (service !== undefined) return service;
  }
  return undefined;
}

function serviceAt({ cluster }: Surroundings, address: string): ClusterService | undefined {
  return cluster.services.find(({ clusterIps, externalIps, loadBalancerIngress }) => {
    const ingress = loadBalancerIngress.map(({ ip }) => ip);
    return [...clusterIps, ...externalIps, ...ingress].includes(address);
  });
}

function nameWithoutAddress(
  host: string,
  service: ClusterService | undefined,
  attempts: readonly Attempt[],
): Resolved<Target> {
  if (service === undefined) {
    const tried = attempts.map(({ question, answer }) => `${question.name} ${question.type}: ${answer.code}`);
    return unresolved("no-such-name", `cluster DNS has no address for "${host}"`, tried);
  }
  const title = `Service ${service.namespace}/${service.name}`;
  if (service.type === "ExternalName") {
    const message = `${title} is an ExternalName: clients are sent to ${service.externalName ?? ""}, and no rule of this node is asked`;
    return unresolved("external-name", message);
  }
  return unresolved("headless", `${title} is headless and has no ready endpoint: its name has no address`);
}

/** Chooses the address that the sender has one of the same family for, and the port. */
function withPort(
  { protocol }: DescribedPacket,
  addresses: readonly string[],
  port: string | undefined,
  service: ClusterService | undefined,
  sender: Sender,
): Resolved<Target> {
  const families = new Set(sender.addresses.map(familyOf));
  const address = addresses.find((candidate) => families.size === 0 || families.has(familyOf(candidate)));
  if (address === undefined) {
    const have = [...families].join(" and ");
    return unresolved("no-common-family", `the sender has ${have} only, and the destination ${addresses.join(", ")}`);
  }
  const chosen = choosePort(port, protocol, service);
  if ("explanation" in chosen) return chosen;
  return { value: { address, ...chosen.value, ...(service === undefined ? {} : { service }) } };
}

type PortAndProtocol = Pick<Target, "port" | "protocol">;

function choosePort(
  port: string | undefined,
  protocol: PacketProtocol | undefined,
  service: ClusterService | undefined,
): Resolved<PortAndProtocol> {
  if (protocol === PORTLESS) return { value: { port: 0, protocol } };
  const candidates = (service?.ports ?? []).filter((one) => protocol === undefined || protocolOf(one) === protocol);
  if (port === undefined) {
    const [only] = candidates;
    if (only !== undefined && candidates.length === 1)
      return { value: { port: only.port, protocol: protocolOf(only) } };
    const message = service === undefined ? "which port? Write it behind a colon" : "which of the Service's ports?";
    return unresolved("no-port", message, portList(service));
  }
  if (/^\d+$/.test(port)) {
    const number = Number(port);
    if (number < 1 || number > PORT_MAX) return unresolved("wrong-port", `${port} is no port`);
    const known = candidates.find((one) => one.port === number && !(service !== undefined && isHeadless(service)));
    return { value: { port: number, protocol: protocol ?? (known === undefined ? "tcp" : protocolOf(known)) } };
  }
  const named = candidates.find((one) => one.name === port);
  if (named !== undefined) return { value: { port: named.port, protocol: protocolOf(named) } };
  const title = service === undefined ? "an address" : `Service ${service.namespace}/${service.name}`;
  return unresolved("wrong-port-name", `${title} has no port named "${port}"`, portList(service));
}

/** "http 80/TCP" */
export function portList(service: ClusterService | undefined): readonly string[] {
  return (service?.ports ?? []).map(
    ({ name, port, protocol }) => `${name === "" ? "" : `${name} `}${port}/${protocol}`,
  );
}

function protocolOf({ protocol }: ServicePort): PacketProtocol {
  return protocol === "UDP" ? "udp" : protocol === "SCTP" ? "sctp" : "tcp";
}

/** What the schema of an EndpointSlice cannot say: how much it holds, and that its parts fit together (ValidateEndpointSlice). */

import type { AddressFamily } from "../../network/address.ts";
import type { V1EndpointSlice } from "../kubernetes.ts";
import type { Segment } from "../position.ts";
import { duplicateValue, invalidValue, requiredValue, tooMany } from "./errors.ts";
import type { Report } from "./finding.ts";
import { checkLabels } from "./labels.ts";
import { labelFaults, labelValueFaults, qualifiedNameFaults, subdomainFaults } from "./names.ts";
import { endpointAddressFaults } from "./special-addresses.ts";

type Endpoint = NonNullable<V1EndpointSlice["endpoints"]>[number];
type Paths = (...path: readonly Segment[]) => Segment[];

const ENDPOINTS_MAX = 1000;
const ADDRESSES_MAX = 100;
/** The API's own description says 100; this is what is enforced. */
const PORTS_MAX = 20000;
const HINTS_MAX = 8;
const TOPOLOGY_LABELS_MAX = 16;

/** Valid only for an object whose fields are of their types. */
export function checkEndpointSlice(slice: V1EndpointSlice, report: Report): void {
  const endpoints = slice.endpoints ?? [];
  if (endpoints.length > ENDPOINTS_MAX) {
    report({ path: ["endpoints"], message: tooMany(endpoints.length, ENDPOINTS_MAX) });
  } else {
    for (let index = 0; index < endpoints.length; index++) {
      checkEndpoint(endpoints[index] as Endpoint, slice.addressType, index, report);
    }
  }
  checkPorts(slice.ports ?? [], report);
}

/** Paths are put together only where there is something to tell: a cluster has 100,000 endpoints. */
function checkEndpoint(endpoint: Endpoint, addressType: string, index: number, report: Report): void {
  const at = (...path: readonly Segment[]): Segment[] => ["endpoints", index, ...path];
  const { hostname, nodeName, deprecatedTopology, hints } = endpoint;
  checkAddresses(endpoint.addresses ?? [], addressType, at, report);
  if (nodeName) for (const fault of subdomainFaults(nodeName)) reportValue(nodeName, fault, at("nodeName"), report);
  if (hostname) for (const fault of labelFaults(hostname)) reportValue(hostname, fault, at("hostname"), report);
  if (deprecatedTopology) checkTopology(deprecatedTopology, at("deprecatedTopology"), report);
  if (hints) checkHints(hints, at("hints"), report);
}

function checkAddresses(addresses: readonly string[], addressType: string, at: Paths, report: Report): void {
  if (addresses.length === 0) {
    report({ path: at("addresses"), message: requiredValue("must contain at least 1 address") });
  } else if (addresses.length > ADDRESSES_MAX) {
    report({ path: at("addresses"), message: tooMany(addresses.length, ADDRESSES_MAX) });
  }
  for (let index = 0; index < addresses.length; index++) {
    const address = addresses[index] ?? "";
    if (addressType === "IPv4" || addressType === "IPv6") {
      for (const fault of endpointAddressFaults(address, addressType satisfies AddressFamily))
        reportValue(address, fault, at("addresses", index), report);
    } else if (addressType === "FQDN") checkDomainName(address, at("addresses", index), report);
  }
}

function checkTopology(labels: Readonly<Record<string, string>>, path: readonly Segment[], report: Report): void {
  const count = Object.keys(labels).length;
  if (count > TOPOLOGY_LABELS_MAX) report({ path, message: tooMany(count, TOPOLOGY_LABELS_MAX) });
  checkLabels(labels, path, report);
}

/** IsFullyQualifiedDomainName: two labels at least, the final dot optional. */
function checkDomainName(text: string, path: readonly Segment[], report: Report): void {
  const name = text.replace(/\.$/, "");
  if (text === "") report({ path, message: requiredValue() });
  else if (subdomainFaults(name).length > 0) {
    report({ path, message: invalidValue(name, subdomainFaults(name).join(",")) });
  } else if (!name.includes(".")) {
    const reason = "should be a domain with at least two segments separated by dots";
    report({ path, message: invalidValue(name, reason) });
  }
}

function checkHints(hints: object, path: readonly Segment[], report: Report): void {
  const { forZones, forNodes } = hints as { forZones?: readonly Named[] | null; forNodes?: readonly Named[] | null };
  checkNames(forZones ?? [], labelValueFaults, [...path, "forZones"], report);
  checkNames(forNodes ?? [], subdomainFaults, [...path, "forNodes"], report);
}

interface Named {
  readonly name?: string;
}

function checkNames(
  hints: readonly Named[],
  faults: (name: string) => readonly string[],
  path: readonly Segment[],
  report: Report,
): void {
  if (hints.length > HINTS_MAX) {
    report({ path, message: tooMany(hints.length, HINTS_MAX) });
    return;
  }
  const names = new Set<string>();
  for (const [index, { name }] of hints.entries()) {
    if (!name) continue;
    if (names.has(name)) report({ path: [...path, index, "name"], message: duplicateValue(name) });
    names.add(name);
    for (const fault of faults(name)) reportValue(name, fault, [...path, index, "name"], report);
  }
}

function checkPorts(ports: NonNullable<V1EndpointSlice["ports"]>, report: Report): void {
  if (ports.length > PORTS_MAX) {
    report({ path: ["ports"], message: tooMany(ports.length, PORTS_MAX) });
    return;
  }
  const names = new Set<string>();
  for (const [index, { name, appProtocol }] of ports.entries()) {
    const path = ["ports", index];
    if (name) for (const fault of labelFaults(name)) reportValue(name, fault, [...path, "name"], report);
    if (names.has(name ?? "")) report({ path: [...path, "name"], message: duplicateValue(name ?? "") });
    names.add(name ?? "");
    for (const fault of appProtocol ? qualifiedNameFaults(appProtocol) : [])
      reportValue(appProtocol, fault, [...path, "appProtocol"], report);
  }
}

function reportValue(value: unknown, fault: string, path: readonly Segment[], report: Report): void {
  report({ path, message: invalidValue(value, fault) });
}

/** What the schema of an Endpoints object cannot say (ValidateEndpoints). */

import type { V1Endpoints } from "../kubernetes.ts";
import type { Segment } from "../position.ts";
import { invalidValue, requiredValue } from "./errors.ts";
import type { Report } from "./finding.ts";
import { labelFaults, qualifiedNameFaults, subdomainFaults } from "./names.ts";
import { specialFaults } from "./special-addresses.ts";

type Subset = NonNullable<V1Endpoints["subsets"]>[number];
type Address = NonNullable<Subset["addresses"]>[number];

/** Valid only for an object whose fields are of their types. */
export function checkEndpoints({ subsets }: V1Endpoints, report: Report): void {
  for (const [index, subset] of (subsets ?? []).entries()) {
    const path = ["subsets", index];
    const { addresses, notReadyAddresses } = subset;
    if ((addresses ?? []).length === 0 && (notReadyAddresses ?? []).length === 0) {
      report({ path, message: requiredValue("must specify `addresses` or `notReadyAddresses`") });
    }
    checkAddresses(addresses ?? [], [...path, "addresses"], report);
    checkAddresses(notReadyAddresses ?? [], [...path, "notReadyAddresses"], report);
    checkPorts(subset.ports ?? [], [...path, "ports"], report);
  }
}

/** Special addresses are only told of an address that has nothing else wrong. */
function checkAddresses(addresses: readonly Address[], path: readonly Segment[], report: Report): void {
  for (const [index, { ip, hostname, nodeName }] of addresses.entries()) {
    const at = [...path, index];
    const hostnameFaults = hostname ? labelFaults(hostname) : [];
    const nodeNameFaults = nodeName ? subdomainFaults(nodeName) : [];
    for (const reason of hostnameFaults) report({ path: [...at, "hostname"], message: invalidValue(hostname, reason) });
    for (const reason of nodeNameFaults) report({ path: [...at, "nodeName"], message: invalidValue(nodeName, reason) });
    if (!ip || hostnameFaults.length + nodeNameFaults.length > 0) continue;
    for (const reason of specialFaults(ip)) report({ path: [...at, "ip"], message: invalidValue(ip, reason) });
  }
}

function checkPorts(ports: NonNullable<Subset["ports"]>, path: readonly Segment[], report: Report): void {
  for (const [index, { name, appProtocol }] of ports.entries()) {
    const at = [...path, index];
    if (ports.length > 1 && !name) report({ path: [...at, "name"], message: requiredValue() });
    for (const reason of name ? labelFaults(name) : [])
      report({ path: [...at, "name"], message: invalidValue(name, reason) });
    for (const reason of appProtocol ? qualifiedNameFaults(appProtocol) : [])
      report({ path: [...at, "appProtocol"], message: invalidValue(appProtocol, reason) });
  }
}

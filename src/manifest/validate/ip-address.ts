/** Which object has a cluster IP (ValidateIPAddress, ValidateIPAddressUpdate; KEP-1880). The address is the object's name. */

import type { V1IpAddress } from "../kubernetes.ts";
import { invalidValue, requiredValue } from "./errors.ts";
import type { Report } from "./finding.ts";
import { pathSegmentFaults, subdomainFaults } from "./names.ts";

const PATH = ["spec", "parentRef"];

/** Valid only for an object whose fields are of their types. */
export function checkIpAddress({ spec }: V1IpAddress, report: Report): void {
  const parent = spec?.parentRef ?? undefined;
  if (parent === undefined) {
    report({ path: PATH, message: requiredValue() });
    return;
  }
  const check = (field: string, value: string | undefined, faults: (text: string) => readonly string[]): void => {
    if (!value) return;
    for (const reason of faults(value)) report({ path: [...PATH, field], message: invalidValue(value, reason) });
  };
  check("group", parent.group, subdomainFaults);
  for (const field of ["resource", "name"] as const) {
    if (!parent[field]) report({ path: [...PATH, field], message: requiredValue() });
    check(field, parent[field], pathSegmentFaults);
  }
  check("namespace", parent.namespace, pathSegmentFaults);
}

export function checkIpAddressUpdate(after: V1IpAddress, before: V1IpAddress, report: Report): void {
  const [parent, former] = [after, before].map(({ spec }) => parentOf(spec?.parentRef));
  if (JSON.stringify(parent) === JSON.stringify(former)) return;
  report({ path: PATH, message: invalidValue(parent, "field is immutable") });
}

/** As the API server prints it: its own type, every field filled in. */
function parentOf(parent: NonNullable<V1IpAddress["spec"]>["parentRef"]): object | null {
  if (!parent) return null;
  const { group = "", resource = "", namespace = "", name = "" } = parent;
  return { Group: group, Resource: resource, Namespace: namespace, Name: name };
}

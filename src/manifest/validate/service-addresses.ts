/** A Service's cluster IPs, their families and the family policy (ValidateServiceClusterIPsRelatedFields, and alloc.go's initIPFamilyFields). */

import { canonicalAddress, familyOf } from "../../network/address.ts";
import type { Segment } from "../position.ts";
import { addressFaults } from "./addresses.ts";
import { duplicateValue, invalidValue } from "./errors.ts";
import type { Finding, Report } from "./finding.ts";
import type { ServiceSpec } from "./service.ts";

const CLUSTER_IPS_MAX = 2;
const NONE = "None";
const CLUSTER_IPS: readonly Segment[] = ["spec", "clusterIPs"];

/** As the API server fills them in before it looks: clusterIP alone stands for both. */
export function clusterIpsOf({ clusterIP, clusterIPs }: ServiceSpec): readonly string[] {
  if ((clusterIPs ?? []).length > 0) return clusterIPs ?? [];
  return clusterIP ? [clusterIP] : [];
}

export function isHeadless(spec: ServiceSpec): boolean {
  const addresses = clusterIpsOf(spec);
  return addresses.length === 1 && addresses[0] === NONE;
}

/** For findings about cluster IPs: the API server speaks of clusterIPs also where only clusterIP is written. */
export function writtenAt({ clusterIPs }: ServiceSpec): Pick<Finding, "at"> {
  return (clusterIPs ?? []).length > 0 ? {} : { at: ["spec", "clusterIP"] };
}

/** Nothing of this may be set for ExternalName: that is told elsewhere. */
export function checkClusterIps(spec: ServiceSpec, report: Report): void {
  if (spec.type === "ExternalName") return;
  const addresses = clusterIpsOf(spec);
  const complain = (reason: string): void => report({ path: CLUSTER_IPS, message: invalidValue(addresses, reason) });
  if ((spec.clusterIPs ?? []).length > 0) {
    if (!spec.clusterIP) complain("must be empty when `clusterIP` is not specified");
    else if (spec.clusterIP !== addresses[0]) complain("first value must match `clusterIP`");
  }
  for (const [index, family] of (spec.ipFamilies ?? []).entries()) {
    if (spec.ipFamilies?.indexOf(family) === index) continue;
    report({ path: ["spec", "ipFamilies", index], message: duplicateValue(family) });
  }
  const isWellFormed = checkEach(spec, addresses, report);
  if (addresses.length > CLUSTER_IPS_MAX) complain(`may only hold up to ${CLUSTER_IPS_MAX} values`);
  if (!isWellFormed) return;
  if (addresses.length > 1 && new Set(addresses.map(familyOf)).size === 1) {
    complain("may specify no more than one IP for each IP family");
  }
  if (!isHeadless(spec)) checkFamilies(spec, addresses, report);
  checkPolicy(spec, addresses, report);
}

/** "None" stands alone; everything else is an address. Says whether families can be told. */
function checkEach(spec: ServiceSpec, addresses: readonly string[], report: Report): boolean {
  let isWellFormed = true;
  for (const [index, address] of addresses.entries()) {
    if (index === 0 && address === NONE) {
      if (addresses.length === 1) continue;
      report({ path: CLUSTER_IPS, message: invalidValue(addresses, "'None' must be the first and only value") });
      isWellFormed = false;
    } else if (canonicalAddress(address) === undefined) {
      for (const reason of addressFaults(address))
        report({ ...placeOf(spec, index), message: invalidValue(address, reason) });
      isWellFormed = false;
    }
  }
  return isWellFormed;
}

function checkFamilies(spec: ServiceSpec, addresses: readonly string[], report: Report): void {
  for (const [index, address] of addresses.entries()) {
    const family = spec.ipFamilies?.[index];
    if ((family !== "IPv4" && family !== "IPv6") || familyOf(address) === family) continue;
    const reason = `expected an ${family} value as indicated by \`ipFamilies[${index}]\``;
    report({ ...placeOf(spec, index), message: invalidValue(address, reason) });
  }
}

/** Without a policy a Service is SingleStack, unless it is headless and has no selector. */
function checkPolicy(spec: ServiceSpec, addresses: readonly string[], report: Report): void {
  const isOpen = isHeadless(spec) && Object.keys(spec.selector ?? {}).length === 0;
  const policy = spec.ipFamilyPolicy || (isOpen ? "RequireDualStack" : "SingleStack");
  if (policy !== "SingleStack") return;
  const complain = (what: string): void => {
    const reason = `must be 'RequireDualStack' or 'PreferDualStack' when multiple ${what} are specified`;
    report({ path: ["spec", "ipFamilyPolicy"], message: invalidValue(policy, reason) });
  };
  if (addresses.length === CLUSTER_IPS_MAX) complain("cluster IPs");
  if ((spec.ipFamilies ?? []).length === CLUSTER_IPS_MAX) complain("IP families");
}

function placeOf(spec: ServiceSpec, index: number): Pick<Finding, "path" | "at"> {
  return { path: [...CLUSTER_IPS, index], ...writtenAt(spec) };
}

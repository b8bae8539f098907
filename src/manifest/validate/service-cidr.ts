/** Where cluster IPs come from (ValidateServiceCIDR, ValidateServiceCIDRUpdate; KEP-1880). */

import { familyOf } from "../../network/address.ts";
import type { V1ServiceCidr } from "../kubernetes.ts";
import { strictCidrFaults } from "./addresses.ts";
import { invalidValue, requiredValue } from "./errors.ts";
import type { Report } from "./finding.ts";

const CIDRS_MAX = 2;
const PATH = ["spec", "cidrs"];

/** Valid only for an object whose fields are of their types. */
export function checkServiceCidr({ spec }: V1ServiceCidr, report: Report): void {
  const cidrs = spec?.cidrs ?? [];
  if (cidrs.length === 0) report({ path: PATH, message: requiredValue("at least one CIDR required") });
  else if (cidrs.length > CIDRS_MAX) {
    report({ path: PATH, message: invalidValue({ CIDRs: cidrs }, `may only hold up to ${CIDRS_MAX} values`) });
  } else checkEach(cidrs, report);
}

function checkEach(cidrs: readonly string[], report: Report): void {
  let areWellFormed = true;
  for (const [index, cidr] of cidrs.entries()) {
    const reasons = strictCidrFaults(cidr);
    if (reasons.length > 0) areWellFormed = false;
    for (const reason of reasons) report({ path: [...PATH, index], message: invalidValue(cidr, reason) });
  }
  if (!areWellFormed || new Set(cidrs.map(familyOf)).size === cidrs.length) return;
  const reason = "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64";
  report({ path: PATH, message: invalidValue(cidrs, reason) });
}

/** CIDRs stay, but a second family may come. */
export function checkServiceCidrUpdate(after: V1ServiceCidr, before: V1ServiceCidr, report: Report): void {
  const cidrs = after.spec?.cidrs ?? [];
  const former = before.spec?.cidrs ?? [];
  const grows = former.length === 1 && cidrs.length === CIDRS_MAX;
  if (cidrs.length !== former.length && !grows) {
    report({ path: PATH, message: invalidValue(cidrs, "field is immutable") });
    return;
  }
  for (const [index, cidr] of former.entries()) {
    if (cidrs[index] === cidr) continue;
    report({ path: [...PATH, index], message: invalidValue(cidrs[index], "field is immutable") });
  }
}

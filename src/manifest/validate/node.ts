/** What the schema of a Node cannot say: one pod CIDR for each family (ValidateNode). */

import { familyOf } from "../../network/address.ts";
import type { V1Node } from "../kubernetes.ts";
import { duplicateValue, invalidValue } from "./errors.ts";
import type { Report } from "./finding.ts";

const CIDRS_MAX = 2;

/** Valid only for an object whose fields are of their types. */
export function checkNode({ spec, status }: V1Node, report: Report): void {
  const cidrs = spec?.podCIDRs ?? [];
  const path = ["spec", "podCIDRs"];
  if (cidrs.length > CIDRS_MAX || new Set(cidrs.map(familyOf)).size < cidrs.length) {
    report({ path, message: invalidValue(cidrs, "may specify no more than one CIDR for each IP family") });
  }
  for (const [index, cidr] of cidrs.entries()) {
    if (cidrs.indexOf(cidr) < index) report({ path: [...path, index], message: duplicateValue(cidr) });
  }
  checkAddresses(status?.addresses ?? [], report);
}

function checkAddresses(addresses: readonly { type?: string; address?: string }[], report: Report): void {
  const seen = new Set<string>();
  for (const [index, { type, address }] of addresses.entries()) {
    const key = `${type}\n${address}`;
    const message = duplicateValue({ Type: type, Address: address });
    if (seen.has(key)) report({ path: ["status", "addresses", index], message });
    seen.add(key);
  }
}

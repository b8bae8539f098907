/** What the schema of an EndpointSlice cannot say: its addresses are of its addressType. */

import { canonicalAddress, familyOf } from "../../network/address.ts";
import type { V1EndpointSlice } from "../kubernetes.ts";
import type { Report } from "./finding.ts";
import { invalidValue } from "./formats.ts";

/** Valid only for an object that fits its schema. */
export function checkEndpointSlice(slice: V1EndpointSlice, report: Report): void {
  const family = slice.addressType;
  if (family !== "IPv4" && family !== "IPv6") return;
  for (const [index, endpoint] of (slice.endpoints ?? []).entries()) {
    for (const [position, address] of endpoint.addresses.entries()) {
      if (canonicalAddress(address) !== undefined && familyOf(address) === family) continue;
      const path = ["endpoints", index, "addresses", position];
      report({ path, message: invalidValue(address, `must be a valid ${family} address`) });
    }
  }
}

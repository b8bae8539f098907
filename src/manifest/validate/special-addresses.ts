/** Addresses that no packet is sent to through a Service (ValidateEndpointIP). */

import { type AddressFamily, canonicalAddress, familyOf } from "../../network/address.ts";
import type { Segment } from "../position.ts";
import { invalidValue } from "./errors.ts";
import type { Report } from "./finding.ts";

/** A well-formed address is not unspecified, loopback or link-local. What is not well-formed is told elsewhere. */
export function checkNotSpecial(text: string, path: readonly Segment[], report: Report): void {
  const address = canonicalAddress(text);
  const reason = address === undefined ? undefined : specialFault(address, text);
  if (reason !== undefined) report({ path, message: invalidValue(text, reason) });
}

/** An endpoint's address: of its slice's family, and not special. What is no address at all is told twice, as the API server does. */
export function checkEndpointAddress(
  text: string,
  family: AddressFamily,
  path: readonly Segment[],
  report: Report,
): void {
  const address = canonicalAddress(text);
  if (address === undefined || familyOf(address) !== family) {
    report({ path, message: invalidValue(text, `must be a valid ${family} address`) });
  }
  if (address === undefined) report({ path, message: invalidValue(text, "must be a valid IP address") });
  else checkNotSpecial(text, path, report);
}

/** Go's net.IP predicates, for an address in canonical form. */
function specialFault(address: string, text: string): string | undefined {
  if (address === "0.0.0.0" || address === "::") return `may not be unspecified (${text})`;
  if (address.startsWith("127.") || address === "::1") {
    return "may not be in the loopback range (127.0.0.0/8, ::1/128)";
  }
  if (address.startsWith("169.254.") || /^fe[89ab][0-9a-f]:/.test(address)) {
    return "may not be in the link-local range (169.254.0.0/16, fe80::/10)";
  }
  if (address.startsWith("224.0.0.") || /^ff[0-9a-f]2:/.test(address)) {
    return "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)";
  }
  return undefined;
}

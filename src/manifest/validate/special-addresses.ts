/** Addresses that no packet is sent to through a Service (ValidateEndpointIP). */

import { type AddressFamily, canonicalAddress, familyOf } from "../../network/address.ts";

const NOTHING: readonly string[] = [];

/** A well-formed address is not unspecified, loopback or link-local. What is not well-formed is told elsewhere. */
export function specialFaults(text: string): readonly string[] {
  const address = canonicalAddress(text);
  const fault = address === undefined ? undefined : specialFault(address, text);
  return fault === undefined ? NOTHING : [fault];
}

/** An endpoint's address: of its slice's family, and not special. What is no address at all is told twice, as the API server does. */
export function endpointAddressFaults(text: string, family: AddressFamily): readonly string[] {
  const address = canonicalAddress(text);
  const special = address === undefined ? "must be a valid IP address" : specialFault(address, text);
  const isOfFamily = address !== undefined && familyOf(address) === family;
  if (isOfFamily && special === undefined) return NOTHING;
  const faults = isOfFamily ? [] : [`must be a valid ${family} address`];
  return special === undefined ? faults : [...faults, special];
}

/** Go's net.IP predicates, for an address in canonical form. */
function specialFault(address: string, text: string): string | undefined {
  if (address === "0.0.0.0" || address === "::") return `may not be unspecified (${text})`;
  const isIp6 = familyOf(address) === "IPv6";
  if (address.startsWith("127.") || address === "::1") {
    return "may not be in the loopback range (127.0.0.0/8, ::1/128)";
  }
  if (address.startsWith("169.254.") || (isIp6 && /^fe[89ab][0-9a-f]:/.test(address))) {
    return "may not be in the link-local range (169.254.0.0/16, fe80::/10)";
  }
  if (address.startsWith("224.0.0.") || (isIp6 && /^ff[0-9a-f]2:/.test(address))) {
    return "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)";
  }
  return undefined;
}

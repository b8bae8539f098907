/** Addresses and CIDRs in the API server's words (apimachinery's util/validation/ip.go, KEP-4858). */

import { canonicalAddress, isIp4Mapped, parseAddress } from "../../network/address.ts";
import { canonicalCidr, parsePrefix } from "../../network/prefix.ts";

const NOTHING: readonly string[] = [];
const NO_ADDRESS = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
const NO_CIDR = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";

/** Of a field that is older than the strict rules: any spelling, but one that programs read differently. */
export function addressFaults(text: string): readonly string[] {
  if (canonicalAddress(text) !== undefined) return NOTHING;
  const read = withoutLeadingZeros(text);
  const bytes = parseAddress(read);
  if (bytes === undefined) return [NO_ADDRESS];
  const faults = read === text ? [] : ["must not have leading 0s"];
  return isIp4Mapped(bytes) ? [...faults, "must not be an IPv4-mapped IPv6 address"] : faults;
}

/** The same for CIDRs. Bits behind the length pass: what was stored before Kubernetes 1.36 keeps them. */
export function cidrFaults(text: string): readonly string[] {
  if (canonicalCidr(text) !== undefined) return NOTHING;
  const read = withoutLeadingZeros(text).replace(/\/0+(?=\d)/, "/");
  if (!text.includes("/") || parsePrefix(read) === undefined) return [NO_CIDR];
  return [
    read === text ? "must not have an IPv4-mapped IPv6 address" : "must not have leading 0s in IP or prefix length",
  ];
}

/** Of a field that has always had the strict rules: one spelling alone. */
export function strictAddressFaults(text: string): readonly string[] {
  const faults = addressFaults(text);
  return faults.length > 0 ? faults : spellingFaults(text, canonicalAddress(text));
}

export function strictCidrFaults(text: string): readonly string[] {
  const faults = cidrFaults(text);
  if (faults.length > 0) return faults;
  const [address = ""] = text.split("/");
  const masked = canonicalCidr(text)?.split("/")[0];
  if (canonicalAddress(address) !== masked) return ["must not have bits set beyond the prefix length"];
  return spellingFaults(text, canonicalCidr(text));
}

function spellingFaults(text: string, canonical: string | undefined): readonly string[] {
  return text === canonical ? NOTHING : [`must be in canonical form (${JSON.stringify(canonical)})`];
}

/** Go's ParseIP of old read 010.0.0.1 as 10.0.0.1: so may an IPv4 address at the end of an IPv6 one be written. */
function withoutLeadingZeros(text: string): string {
  const [address = "", ...length] = text.split("/");
  const dotted = address.slice(address.lastIndexOf(":") + 1);
  if (!dotted.includes(".")) return text;
  const plain = dotted.replace(/\b0+(?=\d)/g, "");
  return [address.slice(0, address.length - dotted.length) + plain, ...length].join("/");
}

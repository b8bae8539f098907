/** Names of the DNS: labels, absolute forms, and the addresses that some names stand for. */

import { canonicalAddress } from "../network/address.ts";

const LABEL_BYTES_MAX = 63;
const NAME_BYTES_MAX = 253;
const REVERSE_IPV4 = "in-addr.arpa";
const REVERSE_IPV6 = "ip6.arpa";
const IPV4_LABELS = 4;
const IPV6_LABELS = 32;
const IPV6_GROUPS = 8;

export const REVERSE_ZONES: readonly string[] = [REVERSE_IPV4, REVERSE_IPV6];

/** "kimho" and "kimho." are "kimho.", the root is ".". */
export function absolute(name: string): string {
  return name.endsWith(".") ? name : `${name}.`;
}

/** Comparisons are made in lower case and without the last dot (specification, section 2.1). */
export function comparable(name: string): string {
  return (name.endsWith(".") ? name.slice(0, -1) : name).toLowerCase();
}

/** The labels of a comparable name before its zone; undefined if it is not in the zone; none for the zone itself. */
export function labelsBelow(name: string, zone: string): readonly string[] | undefined {
  if (name === zone) return [];
  return name.endsWith(`.${zone}`) ? name.slice(0, -zone.length - 1).split(".") : undefined;
}

/** Whether a name can be written into a DNS message at all. */
export function isName(name: string): boolean {
  const text = comparable(name);
  if (text.length > NAME_BYTES_MAX || !/^[!-~]+$/.test(text)) return false;
  return text.split(".").every((label) => label.length > 0 && label.length <= LABEL_BYTES_MAX);
}

/** `1.0.96.10.in-addr.arpa` → 10.96.0.1; undefined for a name that is no address's. */
export function addressOfReverse(name: string): string | undefined {
  const ipv4 = labelsBelow(name, REVERSE_IPV4);
  if (ipv4?.length === IPV4_LABELS) return canonicalAddress(ipv4.toReversed().join("."));
  const ipv6 = labelsBelow(name, REVERSE_IPV6);
  if (ipv6?.length !== IPV6_LABELS || !ipv6.every((label) => /^[0-9a-f]$/.test(label))) return undefined;
  const groups = ipv6.toReversed().join("").match(/.{4}/g) ?? [];
  return canonicalAddress(groups.join(":"));
}

/** 10.96.0.1 → `1.0.96.10.in-addr.arpa.`, for a canonical address. */
export function reverseOf(address: string): string {
  if (!address.includes(":")) return `${address.split(".").toReversed().join(".")}.${REVERSE_IPV4}.`;
  const [head = "", tail] = address.split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail ? tail.split(":") : [];
  const zeros = tail === undefined ? [] : new Array<string>(IPV6_GROUPS - before.length - after.length).fill("0");
  const digits = [...before, ...zeros, ...after].map((group) => group.padStart(4, "0")).join("");
  return `${[...digits].toReversed().join(".")}.${REVERSE_IPV6}.`;
}

/** 10.244.1.5 → 10-244-1-5, 5678:abcd::1 → 5678-abcd--1: what CoreDNS calls an endpoint without a host name. */
export function dashed(address: string): string {
  return address.replaceAll(/[.:]/g, "-");
}

/** The way back; three dashes that stand alone make an IPv4 address. */
export function undashed(label: string): string | undefined {
  const isIpv4 = label.split("-").length === IPV4_LABELS && !label.includes("--");
  return canonicalAddress(label.replaceAll("-", isIpv4 ? "." : ":"));
}

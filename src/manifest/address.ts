/** Addresses and CIDRs as users write them: checked strictly, returned in canonical form (RFC 5952). Fast: a cluster has 100,000. */

export type AddressFamily = "IPv4" | "IPv6";

const IPV4_BYTES = 4;
const IPV6_GROUPS = 8;
const GROUP_BITS = 16;
const BYTE_MAX = 255;
const CODE_0 = 48;
const CODE_9 = 57;
const CODE_DOT = 46;

/** The address in canonical form, or undefined if it is none. Leading zeros (010.0.0.1), zones and IPv4-mapped IPv6 are refused. */
export function canonicalAddress(text: string): string | undefined {
  if (!text.includes(":")) return isIpv4(text) ? text : undefined;
  const groups = ipv6Groups(text);
  return groups === undefined || isIpv4Mapped(groups) ? undefined : ipv6Text(groups);
}

/** `10.1.2.3/8` → `10.0.0.0/8`, as Go's ParseCIDR masks it; undefined if it is no CIDR. */
export function canonicalCidr(text: string): string | undefined {
  const slash = text.indexOf("/");
  const length = text.slice(slash + 1);
  if (slash < 0 || !/^(?:0|[1-9]\d{0,2})$/.test(length)) return undefined;
  const address = text.slice(0, slash);
  const bits = Number(length);
  if (!address.includes(":")) {
    if (!isIpv4(address) || bits > IPV4_BYTES * 8) return undefined;
    return `${masked(address.split(".").map(Number), bits, 8).join(".")}/${bits}`;
  }
  const groups = ipv6Groups(address);
  if (groups === undefined || isIpv4Mapped(groups) || bits > IPV6_GROUPS * GROUP_BITS) return undefined;
  return `${ipv6Text(masked(groups, bits, GROUP_BITS))}/${bits}`;
}

/** The family of an address or CIDR that is known to be one. */
export function familyOf(address: string): AddressFamily {
  return address.includes(":") ? "IPv6" : "IPv4";
}

function isIpv4(text: string): boolean {
  let bytes = 0;
  let value = -1;
  for (let at = 0; at <= text.length; at++) {
    const code = at < text.length ? text.charCodeAt(at) : CODE_DOT;
    if (code === CODE_DOT) {
      if (value < 0) return false;
      bytes++;
      value = -1;
    } else if (code < CODE_0 || code > CODE_9 || value === 0) return false;
    else {
      value = Math.max(value, 0) * 10 + code - CODE_0;
      if (value > BYTE_MAX) return false;
    }
  }
  return bytes === IPV4_BYTES;
}

/** RFC 4291, section 2.2: eight groups, one "::" at most, the last two groups perhaps as an IPv4 address. */
function ipv6Groups(text: string): number[] | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const head = groupsOf(halves[0] ?? "", halves.length === 1);
  const tail = halves.length === 2 ? groupsOf(halves[1] ?? "", true) : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = IPV6_GROUPS - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  return [...head, ...new Array<number>(missing).fill(0), ...tail];
}

function groupsOf(text: string, last: boolean): number[] | undefined {
  if (text === "") return [];
  const groups: number[] = [];
  const parts = text.split(":");
  for (const [index, part] of parts.entries()) {
    if (last && index === parts.length - 1 && part.includes(".")) {
      if (!isIpv4(part)) return undefined;
      const [a = 0, b = 0, c = 0, d = 0] = part.split(".").map(Number);
      groups.push(a * 256 + b, c * 256 + d);
    } else if (/^[0-9A-Fa-f]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return groups;
}

/** ::ffff:0:0/96 */
function isIpv4Mapped(groups: readonly number[]): boolean {
  return groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0);
}

/** RFC 5952, section 4: the first longest run of two or more zero groups becomes "::". */
function ipv6Text(groups: readonly number[]): string {
  let best = { start: 0, length: 1 };
  for (let start = 0; start < groups.length; start++) {
    let end = start;
    while (groups[end] === 0) end++;
    if (end - start > best.length) best = { start, length: end - start };
  }
  const text = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(":");
  if (best.length < 2) return text(groups);
  return `${text(groups.slice(0, best.start))}::${text(groups.slice(best.start + best.length))}`;
}

/** Clears what lies behind the prefix, in units of `unitBits`. */
function masked(units: readonly number[], bits: number, unitBits: number): number[] {
  return units.map((unit, index) => {
    const kept = Math.min(Math.max(bits - index * unitBits, 0), unitBits);
    return unit & ~((1 << (unitBits - kept)) - 1);
  });
}

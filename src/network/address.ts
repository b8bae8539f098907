/** IP addresses as bytes in network order: parsed, printed (RFC 5952), compared. Fast: a cluster has 100,000. */

export type AddressFamily = "IPv4" | "IPv6";

const IP4_BYTES = 4;
const IP6_BYTES = 16;
const IP6_GROUPS = 8;
const GROUP_DIGITS = 4;
const CODE_0 = 48;
const CODE_COLON = 58;
const CODE_DOT = 46;

/** Four bytes or sixteen; undefined if it is no address. An IPv6 zone is none, an embedded IPv4 tail is read. */
export function parseAddress(text: string): Uint8Array | undefined {
  if (text.indexOf(":") >= 0) return parseIp6(text);
  const number = parseIp4(text);
  return number === undefined ? undefined : Uint8Array.of(number >>> 24, number >>> 16, number >>> 8, number);
}

/** The address as a number, its first byte the highest. Leading zeros are refused: inet_pton refuses them, too. */
export function parseIp4(text: string): number | undefined {
  let number = 0;
  let part = -1;
  let parts = 1;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === CODE_DOT) {
      if (part < 0) return undefined;
      number = number * 256 + part;
      part = -1;
      parts++;
    } else {
      const digit = code - CODE_0;
      if (digit < 0 || digit > 9 || part === 0) return undefined;
      part = part < 0 ? digit : part * 10 + digit;
      if (part > 255) return undefined;
    }
  }
  return parts === IP4_BYTES && part >= 0 ? number * 256 + part : undefined;
}

/** The bytes of what has been checked before: no address is a mistake of ours. */
export function addressOf(text: string): Uint8Array {
  const bytes = parseAddress(text);
  if (bytes === undefined) throw new Error(`"${text}" is no address`);
  return bytes;
}

/** An address as the API server takes it, in canonical form; no leading zeros, zones or IPv4-mapped IPv6 (::ffff:0:0/96). */
export function canonicalAddress(text: string): string | undefined {
  if (text.indexOf(":") < 0) return parseIp4(text) === undefined ? undefined : text;
  const bytes = parseIp6(text);
  return bytes === undefined || isIp4Mapped(bytes) ? undefined : formatIp6(bytes);
}

/** Those that are addresses, in canonical form: the list itself, where nothing is to be changed. */
export function canonicalAddresses(texts: readonly string[]): readonly string[] {
  for (const text of texts)
    if (canonicalAddress(text) !== text) return texts.flatMap((other) => canonicalAddress(other) ?? []);
  return texts;
}

/** The family of an address or prefix that is known to be one. */
export function familyOf(address: string): AddressFamily {
  return address.indexOf(":") < 0 ? "IPv4" : "IPv6";
}

/** RFC 5952: lower case, no leading zeros, the first longest run of two or more zero groups as "::". */
export function formatAddress(bytes: Uint8Array): string {
  if (bytes.length !== IP4_BYTES) return formatIp6(bytes);
  return `${bytes[0]}.${bytes[1]}.${bytes[2]}.${bytes[3]}`;
}

/** The address that is a number, its first byte the highest. */
export function formatIp4(number: number): string {
  return `${number >>> 24}.${(number >>> 16) & 0xff}.${(number >>> 8) & 0xff}.${number & 0xff}`;
}

/** The order of memcmp(); IPv4 before IPv6. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  if (a.length !== b.length) return a.length - b.length;
  for (let i = 0; i < a.length; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** ::ffff:0:0/96 */
export function isIp4Mapped(bytes: Uint8Array): boolean {
  return bytes[10] === 0xff && bytes[11] === 0xff && bytes.subarray(0, 10).every((byte) => byte === 0);
}

function parseIp6(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(IP6_BYTES);
  let filled = 0;
  let gapAt = -1;
  let start = 0;
  if (text.charCodeAt(0) === CODE_COLON) {
    if (text.charCodeAt(1) !== CODE_COLON) return undefined;
    gapAt = 0;
    start = 2;
  }
  while (start < text.length) {
    const colon = text.indexOf(":", start);
    const end = colon < 0 ? text.length : colon;
    const group = text.slice(start, end);
    if (group === "" && colon >= 0 && gapAt < 0) {
      gapAt = filled;
    } else {
      const written = group.includes(".")
        ? colon < 0
          ? writeTail(bytes, filled, group)
          : 0
        : writeGroup(bytes, filled, group);
      if (written === 0) return undefined;
      filled += written;
      if (colon === text.length - 1) return undefined;
    }
    start = end + 1;
  }
  return closeGap(bytes, filled, gapAt);
}

/** Writes one group of hexadecimal digits; returns the bytes written, 0 if it is none or there is no room. */
function writeGroup(bytes: Uint8Array, at: number, group: string): number {
  if (group.length === 0 || group.length > GROUP_DIGITS || at >= IP6_BYTES) return 0;
  let number = 0;
  for (let i = 0; i < group.length; i++) {
    const digit = hexadecimalDigit(group.charCodeAt(i));
    if (digit < 0) return 0;
    number = number * 16 + digit;
  }
  bytes[at] = number >>> 8;
  bytes[at + 1] = number;
  return 2;
}

function hexadecimalDigit(code: number): number {
  if (code >= CODE_0 && code <= CODE_0 + 9) return code - CODE_0;
  const letter = (code | 0x20) - 97;
  return letter >= 0 && letter < 6 ? letter + 10 : -1;
}

/** Writes a dotted IPv4 tail. */
function writeTail(bytes: Uint8Array, at: number, tail: string): number {
  const number = parseIp4(tail);
  if (number === undefined || at > IP6_BYTES - IP4_BYTES) return 0;
  bytes.set([number >>> 24, number >>> 16, number >>> 8, number], at);
  return IP4_BYTES;
}

/** Moves what stands behind "::" to the end. Without one all sixteen bytes must have been written. */
function closeGap(bytes: Uint8Array, filled: number, gapAt: number): Uint8Array | undefined {
  if (gapAt < 0) return filled === IP6_BYTES ? bytes : undefined;
  if (filled >= IP6_BYTES) return undefined;
  const tail = bytes.slice(gapAt, filled);
  bytes.fill(0, gapAt);
  bytes.set(tail, IP6_BYTES - tail.length);
  return bytes;
}

function formatIp6(bytes: Uint8Array): string {
  const groups = Array.from({ length: IP6_GROUPS }, (_, i) => ((bytes[i * 2] ?? 0) << 8) | (bytes[i * 2 + 1] ?? 0));
  const gap = longestZeroRun(groups);
  const text = (from: number, to: number) =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(":");
  if (gap.length < 2) return text(0, IP6_GROUPS);
  return `${text(0, gap.start)}::${text(gap.start + gap.length, IP6_GROUPS)}`;
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let length = 0;
  groups.forEach((group, index) => {
    length = group === 0 ? length + 1 : 0;
    if (length > best.length) best = { start: index - length + 1, length };
  });
  return best;
}

/** IP addresses and prefixes as bytes in network order: parsed, printed (RFC 5952), compared. */

const IP4_BYTES = 4;
const IP6_BYTES = 16;
const IP6_GROUPS = 8;
const GROUP_DIGITS = 4;
const CODE_0 = 48;
const CODE_COLON = 58;
const CODE_DOT = 46;

export interface Prefix {
  /** The network's address: bits behind `length` are zero. */
  readonly bytes: Uint8Array;
  readonly length: number;
}

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

/** `10.0.0.0/8`; an address alone is a prefix of its full length. */
export function parsePrefix(text: string): Prefix | undefined {
  const slash = text.indexOf("/");
  const bytes = parseAddress(slash < 0 ? text : text.slice(0, slash));
  if (bytes === undefined) return undefined;
  const length = slash < 0 ? bytes.length * 8 : Number(text.slice(slash + 1) || Number.NaN);
  if (!Number.isInteger(length) || length < 0 || length > bytes.length * 8) return undefined;
  return { bytes: maskBytes(bytes, length), length };
}

/** RFC 5952: lower case, no leading zeros, the first longest run of two or more zero groups as "::". */
export function formatAddress(bytes: Uint8Array): string {
  return bytes.length === IP4_BYTES ? bytes.join(".") : formatIp6(bytes);
}

/** Whether the address is of the prefix's family and inside it. */
export function prefixContains(prefix: Prefix, address: Uint8Array): boolean {
  return prefix.bytes.length === address.length && compareBytes(maskBytes(address, prefix.length), prefix.bytes) === 0;
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

/** How many leading bits two addresses of a family share. */
export function commonPrefixLength(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < a.length; i++) {
    const difference = (a[i] ?? 0) ^ (b[i] ?? 0);
    if (difference !== 0) return i * 8 + Math.clz32(difference) - 24;
  }
  return a.length * 8;
}

/** The bytes of a netmask. */
export function netmask(length: number, bytes: number): Uint8Array {
  return maskBytes(new Uint8Array(bytes).fill(0xff), length);
}

function maskBytes(bytes: Uint8Array, length: number): Uint8Array {
  return bytes.map((byte, index) => {
    const bits = Math.min(8, Math.max(0, length - index * 8));
    return byte & (0xff << (8 - bits));
  });
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

/** Addresses as bytes, for tests: written apart from src/, so that the two do not share their mistakes. */

/** "10.0.0.1" → 4 bytes, "fd00::1" → 16 bytes, in network order. */
export function addressBytes(text: string): Uint8Array {
  return text.includes(":") ? ip6Bytes(text) : Uint8Array.from(text.split("."), Number);
}

/** "02:00:00:00:01:01" → 6 bytes. */
export function macBytes(text: string): Uint8Array {
  return Uint8Array.from(text.split(":"), (digits) => Number.parseInt(digits, 16));
}

function ip6Bytes(text: string): Uint8Array {
  const [head = "", tail] = text.split("::");
  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  const zeros = new Array<number>(8 - before.length - after.length).fill(0);
  return Uint8Array.from([...before, ...zeros, ...after].flatMap((group) => [group >> 8, group & 0xff]));
}

function groups(text: string): number[] {
  return text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16));
}

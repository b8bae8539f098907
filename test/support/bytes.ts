/** Bytes, for tests: put together, from numbers in network order, from text. */

export function concat(...parts: readonly ArrayLike<number>[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

export function uint16(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value);
}

export function uint32(value: number): Uint8Array {
  return Uint8Array.of(value >> 24, value >> 16, value >> 8, value);
}

/** Text as bytes: readable payloads. */
export function text(content: string): Uint8Array {
  return new TextEncoder().encode(content);
}

/** Zeros: a payload of which only the length matters. */
export function zeros(bytes: number): Uint8Array {
  return new Uint8Array(bytes);
}

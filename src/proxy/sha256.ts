/** SHA-256 (FIPS 180-4), synchronous and alike in Node, browsers and workers, for the names of chains. */

const BLOCK_BYTES = 64;
const LENGTH_BYTES = 8;
const ROUNDS = 64;
const PADDING_BIT = 0x80;
const UTF8_BYTES_MAX = 3; // of a UTF-16 unit

const INITIAL = Uint32Array.of(
  0x6a09e667,
  0xbb67ae85,
  0x3c6ef372,
  0xa54ff53a,
  0x510e527f,
  0x9b05688c,
  0x1f83d9ab,
  0x5be0cd19,
);
const K = roundConstants();
const encoder = new TextEncoder();
const schedule = new Uint32Array(ROUNDS);
const state = new Uint32Array(INITIAL.length);
/** A name's longest form in UTF-8, and the padding; longer texts get a buffer of their own. */
const message = new Uint8Array(16 * BLOCK_BYTES);

/** Reuses its buffers, but for the digest: 100,000 endpoints have a name each. */
export function sha256(text: string): Uint8Array {
  const room = text.length * UTF8_BYTES_MAX + 1 + LENGTH_BYTES;
  const buffer = room <= message.length - BLOCK_BYTES ? message : new Uint8Array(room + BLOCK_BYTES);
  const bytes = pad(buffer, encoder.encodeInto(text, buffer).written);
  const view = new DataView(buffer.buffer, 0, bytes);
  state.set(INITIAL);
  for (let block = 0; block < bytes; block += BLOCK_BYTES) compress(view, block);
  const digest = new Uint8Array(state.byteLength);
  const words = new DataView(digest.buffer);
  for (let index = 0; index < state.length; index++) words.setUint32(index * 4, state[index]!);
  return digest;
}

/** Section 5.1.1: the bit 1, zeros, and the length in bits as 64-bit big endian, up to a whole block. Returns the bytes. */
function pad(buffer: Uint8Array, length: number): number {
  const bytes = Math.ceil((length + 1 + LENGTH_BYTES) / BLOCK_BYTES) * BLOCK_BYTES;
  buffer.fill(0, length, bytes);
  buffer[length] = PADDING_BIT;
  new DataView(buffer.buffer).setBigUint64(bytes - LENGTH_BYTES, BigInt(length) * 8n);
  return bytes;
}

/** Section 6.2.2. */
function compress(view: DataView, block: number): void {
  for (let t = 0; t < 16; t++) schedule[t] = view.getUint32(block + t * 4);
  for (let t = 16; t < ROUNDS; t++) {
    const w15 = schedule[t - 15]!;
    const w2 = schedule[t - 2]!;
    const s0 = rotate(w15, 7) ^ rotate(w15, 18) ^ (w15 >>> 3);
    const s1 = rotate(w2, 17) ^ rotate(w2, 19) ^ (w2 >>> 10);
    schedule[t] = schedule[t - 16]! + s0 + schedule[t - 7]! + s1;
  }
  let a = state[0]!;
  let b = state[1]!;
  let c = state[2]!;
  let d = state[3]!;
  let e = state[4]!;
  let f = state[5]!;
  let g = state[6]!;
  let h = state[7]!;
  for (let t = 0; t < ROUNDS; t++) {
    const sum1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const choice = (e & f) ^ (~e & g);
    const t1 = (h + sum1 + choice + K[t]! + schedule[t]!) | 0;
    const sum0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    const majority = (a & b) ^ (a & c) ^ (b & c);
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + sum0 + majority) | 0;
  }
  state[0]! += a;
  state[1]! += b;
  state[2]! += c;
  state[3]! += d;
  state[4]! += e;
  state[5]! += f;
  state[6]! += g;
  state[7]! += h;
}

function rotate(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits));
}

/** Section 4.2.2: the first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
function roundConstants(): Uint32Array {
  const constants = new Uint32Array(ROUNDS);
  let found = 0;
  for (let candidate = 2; found < ROUNDS; candidate++) {
    if (isPrime(candidate)) constants[found++] = cubeRootFraction(candidate);
  }
  return constants;
}

function isPrime(candidate: number): boolean {
  for (let divisor = 2; divisor * divisor <= candidate; divisor++) if (candidate % divisor === 0) return false;
  return true;
}

/** Exact: the integer cube root of prime × 2^96 holds the root with 32 binary places. */
function cubeRootFraction(prime: number): number {
  const target = BigInt(prime) << 96n;
  let root = 0n;
  for (let bit = 1n << 36n; bit > 0n; bit >>= 1n) {
    const next = root | bit;
    if (next * next * next <= target) root = next;
  }
  return Number(root & 0xffffffffn);
}

/** The same job as established.c in plain JavaScript: what the engine would have to be without Wasm. */

import { Random } from "../../src/traffic/random.ts";

const PACKETS = 1 << 18;
/** A packet's words: 3 and 4 are the addresses, 5 the ports; the upper halves of 2 and 9 the checksums. */
const WORDS = 16;
const IP_SUM = 2;
const SRC = 3;
const DST = 4;
const PORTS = 5;
const SEQUENCE = 6;
const TCP_SUM = 9;
/** A direction's words in a connection: src, dst, ports, highest sequence number. */
const SIDE = 4;
const SENT = 3;

/** What it returns translates packets of random connections, both directions: nanoseconds per packet. */
export function preparePlain(connections: number): () => number {
  const sides = new Uint32Array(connections * 2 * SIDE);
  const index = new Int32Array(2 ** Math.ceil(Math.log2(connections * 4))).fill(-1);
  const random = new Random(3);
  for (let i = 0; i < connections; i++) {
    const [client, port] = [random.below(2 ** 32), random.below(65536)];
    sides.set([client, random.below(2 ** 32), (80 << 16) | port, 0], i * 2 * SIDE);
    sides.set([random.below(2 ** 32), client, (port << 16) | 8080, 0], (i * 2 + 1) * SIDE);
    for (let side = i * 2; side < i * 2 + 2; side++) insert(index, sides, side);
  }
  const packets = new Uint32Array(PACKETS * WORDS);
  return () => {
    for (let at = 0; at < packets.length; at += WORDS) {
      const side = random.below(connections * 2) * SIDE;
      for (let word = 0; word < SENT; word++) packets[at + SRC + word] = sides[side + word]!;
    }
    const start = process.hrtime.bigint();
    let done = 0;
    for (let at = 0; at < packets.length; at += WORDS) done += translate(packets, at, index, sides);
    if (done !== PACKETS) throw new Error("packets were not found");
    return Number(process.hrtime.bigint() - start) / PACKETS;
  };
}

function slotOf(index: Int32Array, src: number, dst: number, ports: number): number {
  const mixed = Math.imul(src ^ Math.imul(dst, 0x9e3779b1) ^ Math.imul(ports, 0x85ebca6b), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 15)) & (index.length - 1);
}

function insert(index: Int32Array, sides: Uint32Array, side: number): void {
  const at = side * SIDE;
  let slot = slotOf(index, sides[at]!, sides[at + 1]!, sides[at + 2]!);
  while (index[slot] !== -1) slot = (slot + 1) & (index.length - 1);
  index[slot] = side;
}

function translate(packets: Uint32Array, at: number, index: Int32Array, sides: Uint32Array): number {
  const src = packets[at + SRC]!;
  const dst = packets[at + DST]!;
  const ports = packets[at + PORTS]!;
  let slot = slotOf(index, src, dst, ports);
  for (let side = index[slot]!; side !== -1; side = index[slot]!) {
    const own = side * SIDE;
    if (sides[own] === src && sides[own + 1] === dst && sides[own + 2] === ports) {
      rewrite(packets, at, sides, own, (side ^ 1) * SIDE);
      return 1;
    }
    slot = (slot + 1) & (index.length - 1);
  }
  return 0;
}

function rewrite(packets: Uint32Array, at: number, sides: Uint32Array, own: number, other: number): void {
  const [src, dst, ports] = [sides[other + 1]!, sides[other]!, sides[other + 2]!];
  const turned = ((ports << 16) | (ports >>> 16)) >>> 0;
  const addresses = words(~sides[own]!) + words(~sides[own + 1]!) + words(src) + words(dst);
  replace(packets, at + IP_SUM, addresses);
  replace(packets, at + TCP_SUM, addresses + words(~sides[own + 2]!) + words(turned));
  packets[at + SRC] = src;
  packets[at + DST] = dst;
  packets[at + PORTS] = turned;
  const sequence = packets[at + SEQUENCE]!;
  if (((sequence - sides[own + SENT]!) | 0) > 0) sides[own + SENT] = sequence;
}

function words(value: number): number {
  return (value & 0xffff) + (value >>> 16);
}

/** Replaces the checksum in the upper half of a word. */
function replace(packets: Uint32Array, at: number, difference: number): void {
  const word = packets[at]!;
  packets[at] = (word & 0xffff) | (~words(words((~word >>> 16) + difference)) << 16);
}

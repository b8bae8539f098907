/** Bits with names, by type, in the order in which nft prints them. */

import type { DataType } from "./types.ts";

const FLAGS: Readonly<Partial<Record<DataType, Readonly<Record<string, number>>>>> = {
  tcp_flag: { fin: 0x01, syn: 0x02, rst: 0x04, psh: 0x08, ack: 0x10, urg: 0x20, ecn: 0x40, cwr: 0x80 },
  ct_state: { invalid: 1, established: 2, related: 4, new: 8, untracked: 64 },
  ct_status: {
    expected: 1,
    "seen-reply": 2,
    assured: 4,
    confirmed: 8,
    snat: 16,
    dnat: 32,
    dying: 512,
  },
};

/** The bit of a name; undefined: the type has no such bit, or none that have names. */
export function flagOf(name: string, type: DataType): number | undefined {
  return FLAGS[type]?.[name];
}

/** Whether bits of this type have names. */
export function hasFlags(type: DataType): boolean {
  return type in FLAGS;
}

/** The names of the bits that are set. */
export function flagNames(bits: number, type: DataType): string[] {
  return Object.entries(FLAGS[type] ?? {}).flatMap(([name, bit]) => ((bits & bit) === 0 ? [] : [name]));
}

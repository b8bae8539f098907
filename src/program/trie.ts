/** The route trie: one address byte a level, prefixes expanded to whole entries (controlled prefix expansion). */

import type { Prefix } from "../network/prefix.ts";

const FANOUT = 256;

/** Entries are 0 (nothing), a value from 1 on, or less than 0: the node of that number, negated. Node 0 is the root. */
export class PrefixTrie {
  readonly nodes: Int32Array[] = [new Int32Array(FANOUT)];

  /** Whatever the prefix held before is replaced: insert the weakest first. */
  insert({ bytes, length }: Prefix, value: number): void {
    const last = length === 0 ? 0 : (length - 1) >> 3;
    let node = this.nodes[0] as Int32Array;
    for (let level = 0; level < last; level++) node = this.#childOf(node, bytes[level] ?? 0);
    const first = bytes[last] ?? 0;
    const free = (last + 1) * 8 - length;
    node.fill(value, first, first + (1 << free));
  }

  /** The node below an entry; one that is made inherits what the entry held. */
  #childOf(node: Int32Array, index: number): Int32Array {
    const entry = node[index] ?? 0;
    if (entry < 0) return this.nodes[-entry] as Int32Array;
    const child = new Int32Array(FANOUT).fill(entry);
    node[index] = -(this.nodes.push(child) - 1);
    return child;
  }
}

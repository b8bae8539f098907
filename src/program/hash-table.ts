/**
 * The hash tables of sets (SET_HASH in assembly/layout/program.ts), as elements come and go. Linear probing in order:
 * what probing passes is never farther from its home than what probes ("Robin Hood"), and equals stand in the order of
 * their hashes and keys. So a table's bytes depend on its elements alone, whatever was added or removed first.
 */

/** An element: tag (the key's hash, 0: free slot), key, value. */
export interface HashTable {
  readonly words: Uint32Array;
  readonly strideWords: number;
  readonly keyWords: number;
  /** Slots − 1, a power of two less one. At least one slot is free. */
  readonly mask: number;
  /** By slots: the label of the chain that the value means, or NO_LABEL. */
  readonly labels?: Int32Array;
}

export const NO_LABEL = -1;

/** Slots for so many elements: at most half of them are taken. */
export function slotsFor(elements: number): number {
  return 2 ** (32 - Math.clz32(elements * 2));
}

/** Adds an element. False: there is one of this key. */
export function insertElement(table: HashTable, element: Uint32Array, label = NO_LABEL): boolean {
  const { words, strideWords, mask, labels } = table;
  const slot = findPlace(table, element);
  if (slot === undefined) return false;
  let free = slot;
  while (words[free * strideWords] !== 0) free = (free + 1) & mask;
  for (; free !== slot; free = (free - 1) & mask) moveElement(table, (free - 1) & mask, free);
  words.set(element, slot * strideWords);
  if (labels !== undefined) labels[slot] = label;
  return true;
}

/** Removes the element with the key of `element`, and closes the gap. False: there is none. */
export function removeElement(table: HashTable, element: Uint32Array): boolean {
  const { words, strideWords, mask, labels } = table;
  let slot = element[0]! & mask;
  while (compare(table, element, slot) !== 0) {
    if (words[slot * strideWords] === 0) return false;
    slot = (slot + 1) & mask;
  }
  for (let next = (slot + 1) & mask; distanceAt(table, next) > 0; next = (next + 1) & mask) {
    moveElement(table, next, slot);
    slot = next;
  }
  words.fill(0, slot * strideWords, (slot + 1) * strideWords);
  if (labels !== undefined) labels[slot] = NO_LABEL;
  return true;
}

/** The slot where the element has to stand; undefined: its key is there. */
function findPlace(table: HashTable, element: Uint32Array): number | undefined {
  const { words, strideWords, mask } = table;
  let slot = element[0]! & mask;
  for (let distance = 0; words[slot * strideWords] !== 0; distance++) {
    const other = distanceAt(table, slot);
    if (other < distance) break;
    if (other === distance) {
      const order = compare(table, element, slot);
      if (order === 0) return undefined;
      if (order < 0) break;
    }
    slot = (slot + 1) & mask;
  }
  return slot;
}

/** How far the slot's element is from its home; 0 for a free slot, too. */
function distanceAt({ words, strideWords, mask }: HashTable, slot: number): number {
  const tag = words[slot * strideWords]!;
  return tag === 0 ? 0 : (slot - tag) & mask;
}

/** Tags and keys as numbers, one after the other. */
function compare({ words, strideWords, keyWords }: HashTable, element: Uint32Array, slot: number): number {
  const at = slot * strideWords;
  for (let i = 0; i <= keyWords; i++) {
    const difference = element[i]! - words[at + i]!;
    if (difference !== 0) return difference;
  }
  return 0;
}

function moveElement({ words, strideWords, labels }: HashTable, from: number, to: number): void {
  words.copyWithin(to * strideWords, from * strideWords, (from + 1) * strideWords);
  if (labels !== undefined) labels[to] = labels[from]!;
}

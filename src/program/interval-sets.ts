/** Sets and maps of one part with intervals: sorted and disjoint. */

import * as Layout from "../../assembly/layout/program.ts";
import { encodeValue, type SetShape, type SetSurroundings, valueWordsOf } from "./elements.ts";
import type { EncodedSet } from "./encoded-set.ts";
import { intervalOf, sortIntervals } from "./intervals.ts";
import { Uncompilable } from "./types.ts";
import { wordsOf } from "./values.ts";

export function encodeIntervals(shape: SetShape, around: SetSurroundings): EncodedSet {
  const [type] = shape.key;
  if (type === undefined) throw new Uncompilable("a set has no key");
  const intervals = shape.elements.map((element) => {
    const [literal] = element.key;
    if (literal === undefined) throw new Uncompilable("an element has no key");
    return { ...intervalOf(literal, type, around.interfaces), element };
  });
  const sorted = sortIntervals(intervals, shape.value === undefined);
  const keyWords = wordsOf(shape.key);
  const valueWords = valueWordsOf(shape);
  const strideWords = keyWords * 2 + valueWords;
  const table = new Uint32Array(sorted.length * strideWords);
  const references: number[] = [];
  sorted.forEach(({ low, high, element }, index) => {
    const at = index * strideWords;
    table.set(low, at);
    table.set(high, at + keyWords);
    encodeValue(element, shape, around, table, at + keyWords * 2, references);
  });
  return {
    kind: Layout.SET_INTERVAL,
    keyWords,
    valueWords,
    count: sorted.length,
    mask: 0,
    strideWords,
    table,
    references,
  };
}

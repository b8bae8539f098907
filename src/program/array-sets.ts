/** Maps whose keys count from 0, as arrays of their values. */

import * as Layout from "../../assembly/layout/program.ts";
import { encodeValue, type SetShape, type SetSurroundings, valueWordsOf } from "./elements.ts";
import type { EncodedSet } from "./encoded-set.ts";
import { NUMBER } from "./values.ts";

export function isDense({ key, value, elements }: SetShape): boolean {
  if (key.length !== 1 || key[0] !== NUMBER || value === undefined || elements.length === 0) return false;
  const present = new Uint8Array(elements.length);
  for (const element of elements) {
    const literal = element.key[0];
    if (literal?.kind !== "number" || literal.value >= elements.length || present[literal.value] === 1) return false;
    present[literal.value] = 1;
  }
  return true;
}

export function encodeArray(shape: SetShape, around: SetSurroundings): EncodedSet {
  const valueWords = valueWordsOf(shape);
  const count = shape.elements.length;
  const table = new Uint32Array(count * valueWords);
  const references: number[] = [];
  for (const element of shape.elements) {
    const index = element.key[0]?.kind === "number" ? element.key[0].value : 0;
    encodeValue(element, shape, around, table, index * valueWords, references);
  }
  return {
    kind: Layout.SET_ARRAY,
    keyWords: 1,
    valueWords,
    count,
    mask: 0,
    strideWords: valueWords,
    table,
    references,
  };
}

/** Sets and maps of concatenations that have intervals in them: a table that is searched by its first field. */

import * as Layout from "../../assembly/layout/program.ts";
import type { Element } from "../ruleset/types.ts";
import { encodeValue, type SetShape, type SetSurroundings, valueWordsOf } from "./elements.ts";
import type { EncodedSet } from "./encoded-set.ts";
import { compareWords, intervalOf } from "./intervals.ts";
import { Uncompilable } from "./types.ts";
import { type ValueType, wordsOf } from "./values.ts";

interface Box {
  readonly low: Uint32Array;
  readonly high: Uint32Array;
  readonly element: Element;
}

const WIDTH_BITS = 2;
const FIELDS_MAX = 16;

export function encodeFields(shape: SetShape, around: SetSurroundings): EncodedSet {
  const { key } = shape;
  if (key.length > FIELDS_MAX) throw new Uncompilable("the key has too many parts");
  const firstWords = wordsOf(key.slice(0, 1));
  const keyWords = wordsOf(key);
  const valueWords = valueWordsOf(shape);
  const strideWords = firstWords + keyWords * 2 + valueWords;
  const boxes = shape.elements.map((element) => boxOf(element, key, around));
  boxes.sort((a, b) => compareWords(a.low.subarray(0, firstWords), b.low.subarray(0, firstWords)));
  const table = new Uint32Array(boxes.length * strideWords);
  const references: number[] = [];
  let highest = new Uint32Array(firstWords);
  boxes.forEach(({ low, high, element }, index) => {
    const at = index * strideWords;
    const first = high.subarray(0, firstWords);
    if (compareWords(first, highest) > 0) highest = first.slice();
    table.set(highest, at);
    table.set(low, at + firstWords);
    table.set(high, at + firstWords + keyWords);
    encodeValue(element, shape, around, table, at + firstWords + keyWords * 2, references);
  });
  const mask = key.reduce((bits, type, index) => bits | ((wordsOf([type]) - 1) << (index * WIDTH_BITS)), 0) >>> 0;
  return { kind: Layout.SET_FIELDS, keyWords, valueWords, count: boxes.length, mask, strideWords, table, references };
}

function boxOf(element: Element, types: readonly ValueType[], { interfaces }: SetSurroundings): Box {
  if (element.key.length !== types.length)
    throw new Uncompilable(`${element.key.length} parts where ${types.length} are wanted`);
  const intervals = element.key.map((literal, index) => intervalOf(literal, types[index] as ValueType, interfaces));
  return {
    low: joined(intervals.map(({ low }) => low)),
    high: joined(intervals.map(({ high }) => high)),
    element,
  };
}

function joined(parts: readonly Uint32Array[]): Uint32Array {
  return Uint32Array.from(parts.flatMap((part) => [...part]));
}

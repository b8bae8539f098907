/** Sets and maps as tables: an array where keys count from 0, intervals where there are any, else a hash table. */

import * as Layout from "../../assembly/layout/program.ts";
import { isInterval } from "../ruleset/literal.ts";
import type { Element, Literal } from "../ruleset/types.ts";
import { encodeArray, isDense } from "./array-sets.ts";
import { encodeValue, isFallback, isWildcard, type SetShape, type SetSurroundings, valueWordsOf } from "./elements.ts";
import type { EncodedSet } from "./encoded-set.ts";
import { encodeFields } from "./field-sets.ts";
import { encodeHash } from "./hash-sets.ts";
import { encodeIntervals } from "./interval-sets.ts";
import { Uncompilable } from "./types.ts";
import { type InterfaceNumbers, type ValueType, wordsOf } from "./values.ts";

export function encodeSet(shape: SetShape, around: SetSurroundings): EncodedSet {
  const keyWords = wordsOf(shape.key);
  if (keyWords * 4 > Layout.KEY_BYTES_MAX) throw new Uncompilable("the key is too long");
  const named = shape.elements.filter((element) => !isFallback(element));
  const expanded = { ...shape, elements: expandWildcards(named, shape.key, around.interfaces) };
  const fallback = shape.elements.find(isFallback);
  const encoded = encodeElements(expanded, around);
  return fallback === undefined ? encoded : { ...encoded, fallback: encodeFallback(fallback, shape, around) };
}

function encodeElements(shape: SetShape, around: SetSurroundings): EncodedSet {
  if (hasIntervals(shape)) return shape.key.length > 1 ? encodeFields(shape, around) : encodeIntervals(shape, around);
  return isDense(shape) ? encodeArray(shape, around) : encodeHash(shape, around);
}

/** A set has no values: one word stands for being in it. */
function encodeFallback(
  element: Element,
  shape: SetShape,
  around: SetSurroundings,
): NonNullable<EncodedSet["fallback"]> {
  const words = new Uint32Array(Math.max(valueWordsOf(shape), 1));
  const references: number[] = [];
  encodeValue(element, shape, around, words, 0, references);
  return { words, references };
}

function hasIntervals({ elements }: SetShape): boolean {
  for (const { key } of elements) {
    for (const literal of key) if (isInterval(literal)) return true;
  }
  return false;
}

/** Of elements for interfaces that the node does not have nothing is left. */
function expandWildcards(
  elements: readonly Element[],
  types: readonly ValueType[],
  interfaces: InterfaceNumbers,
): readonly Element[] {
  return types.reduce((expanded, type, position) => {
    if (!type.interface) return expanded;
    return expanded.flatMap((element) =>
      interfacesOf(element.key[position], interfaces).map((literal) => ({
        ...element,
        key: element.key.with(position, literal),
      })),
    );
  }, elements);
}

function interfacesOf(literal: Literal | undefined, { byName, byKernelIndex }: InterfaceNumbers): readonly Literal[] {
  if (literal === undefined) return [];
  if (literal.kind === "number") return byKernelIndex.has(literal.value) ? [literal] : [];
  if (!isWildcard(literal)) return literal.kind === "name" && !byName.has(literal.name) ? [] : [literal];
  const beginning = literal.name.slice(0, -1);
  return [...byName.keys()].filter((name) => name.startsWith(beginning)).map((name) => ({ kind: "name", name }));
}

/** Lookups in sets and maps: the key in words, the set's name, the element that was found. */

import * as Layout from "../../assembly/layout/instructions.ts";
import { valueTypeOf } from "../program/data-types.ts";
import { elementText } from "../ruleset/nft-text-rule.ts";
import type { DataType, Element, Rule, SetReference } from "../ruleset/types.ts";
import { namedSet, type TraceContext } from "./context.ts";
import { findElement, setReferences } from "./elements.ts";
import type { InstructionFields, Operand } from "./instruction.ts";
import type { Register } from "./registers.ts";
import type { Place, RuleStep } from "./types.ts";
import { MARK, valueText } from "./values.ts";

interface FoundSet {
  readonly name: string;
  readonly keys: readonly DataType[];
  readonly values: readonly DataType[];
  readonly elements: readonly Element[];
}

const UPDATES: Readonly<Record<number, string>> = {
  [Layout.UPDATE_ADD]: "added to",
  [Layout.UPDATE_REFRESH]: "updated in",
  [Layout.UPDATE_DELETE]: "deleted from",
};

export class LookupNames {
  readonly #context: TraceContext;
  readonly #place: Place;
  /** Those of the rule's sets that no lookup has asked yet. */
  readonly #references: SetReference[];

  constructor(context: TraceContext, place: Place, rule: Rule | undefined) {
    this.#context = context;
    this.#place = place;
    this.#references = rule === undefined ? [] : [...setReferences(rule)];
  }

  step({ operation, options, x }: InstructionFields, outcome: number, key: readonly Register[]): RuleStep {
    const set = this.#take(x);
    const asked = {
      left: key.map(({ name }) => name).join(" . "),
      value: key.map(({ loaded, type }) => valueText(loaded, type, this.#context.interfaces)).join(" . "),
      right: set.name,
    };
    if (operation === Layout.OP_UPDATE_SET) {
      return { ...asked, operator: UPDATES[options] ?? "updates", holds: outcome !== 0 };
    }
    if (operation === Layout.OP_LOOKUP) {
      const isIn = (outcome !== 0) !== (options !== 0);
      const step = { ...asked, operator: options === 0 ? "in" : "not in", holds: outcome !== 0 };
      return isIn ? { ...step, ...this.#element(set, key) } : step;
    }
    const isFound = outcome !== 0;
    const step = { ...asked, operator: operation === Layout.OP_MAP ? "map" : "vmap", holds: isFound };
    return isFound ? { ...step, ...this.#element(set, key) } : step;
  }

  /** What a map has put into a register, for the instructions behind it. */
  valueOperand({ x }: InstructionFields, { left, right = "" }: RuleStep): Operand {
    const name = this.#context.places.setAt(x)?.set;
    const value = name === undefined ? undefined : namedSet(this.#context, this.#place, name)?.value;
    const [type, ...others] = value === undefined || typeof value === "string" ? [] : value;
    const isOne = type !== undefined && others.length === 0;
    return { name: `${left} map ${right}`, type: isOne ? valueTypeOf(type) : MARK };
  }

  /** The set at an offset of the program: the next of the rule's that it can be. */
  #take(offset: number): FoundSet {
    const name = this.#context.places.setAt(offset)?.set;
    const index = this.#references.findIndex((reference) =>
      reference.kind === "named" ? reference.name === name : name === undefined,
    );
    const [reference] = index < 0 ? [] : this.#references.splice(index, 1);
    if (name !== undefined) {
      const set = namedSet(this.#context, this.#place, name);
      const values = set?.value === undefined || set.value === "verdict" ? [] : set.value;
      return { name: `@${name}`, keys: set?.key ?? [], values, elements: set?.elements ?? [] };
    }
    const elements = reference?.kind === "anonymous" ? reference.elements : [];
    return { name: "{ … }", keys: [], values: [], elements };
  }

  #element({ elements, keys, values }: FoundSet, key: readonly Register[]): Pick<RuleStep, "element" | "origin"> {
    const parts = key.map(({ type, value, swapped }) => ({ type, bytes: value, swapped }));
    const found = findElement(elements, parts, this.#context.interfaceNumbers);
    if (found === undefined) return {};
    const { origin } = found;
    return { element: elementText(found, keys, values), ...(origin === undefined ? {} : { origin: origin.object }) };
  }
}

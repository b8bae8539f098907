/** One rule on its way to instructions: a list of them, registers handed out and taken back, what the rule has checked. */

import * as Instructions from "../../assembly/layout/instructions.ts";
import * as Keys from "../../assembly/layout/keys.ts";
import type { ObjectKind, Recent, SetReference, TableFamily } from "../ruleset/types.ts";
import type { SetShape } from "./elements.ts";
import { type EncodedSet, writeSet } from "./encoded-set.ts";
import { encodeSet } from "./sets.ts";
import type { Stateful } from "./stateful.ts";
import { Uncompilable } from "./types.ts";
import type { InterfaceNumbers, ValueType } from "./values.ts";
import type { ImageWriter, Label } from "./writer.ts";

/** Values of meta nfproto (NFPROTO_IPV4, NFPROTO_IPV6). */
export const FAMILY_IP = 2;
export const FAMILY_IP6 = 10;

export interface Instruction {
  readonly operation: number;
  readonly register?: number;
  readonly length?: number;
  readonly options?: number;
  readonly x?: number;
  readonly y?: number;
  /** Instead of x or y: the label's offset. */
  readonly xLabel?: Label;
  readonly yLabel?: Label;
  /** Where Y is a constant that is compared with: its words. */
  readonly yWords?: readonly number[];
  /** Instead of the next rule: the instruction of this rule, counted from 0, where a mismatch leads. */
  readonly failTo?: number;
  /** LOAD_NUMBER: what stands in the place of FAIL. */
  readonly last?: number;
}

/** A set or map that rules refer to. */
export interface UsedSet {
  readonly label: Label;
  readonly key: readonly ValueType[];
  readonly value?: readonly ValueType[] | "verdict" | "object";
  readonly kind: number;
  /** What each element keeps for itself, and asks when it is found. */
  readonly states?: readonly ElementState[];
}

export interface ElementState {
  readonly statement: Stateful;
  /** From the element's first byte. */
  readonly offset: number;
}

/** A named object: the instruction that uses it, its state, and what of it does not change. */
export interface UsedObject {
  readonly operation: number;
  readonly options: number;
  readonly state: Label;
  readonly form?: Label;
}

/** Writes what stands behind the instructions, into whichever image its rule is in. */
export type WriteLater = (writer: ImageWriter) => void;

/** What the rules of a table have in common. */
export interface TableScope {
  readonly family: TableFamily;
  readonly newLabel: () => Label;
  readonly interfaces: InterfaceNumbers;
  readonly set: (name: string) => UsedSet | undefined;
  readonly chain: (name: string) => Label;
  readonly object: (kind: ObjectKind, name: string) => UsedObject;
  /** Tells something about the rule at hand that does not stand in its way. */
  readonly warn: (message: string) => void;
  /** The same, of the first rule that it can be said of. */
  readonly warnOnce: (message: string) => void;
  /** The header of the list of recent addresses that the statement names. */
  readonly recentList: (statement: Recent) => Label;
  /** Puts what rules refer to behind the instructions. */
  readonly later: (write: WriteLater) => void;
}

export class RuleBuilder {
  readonly scope: TableScope;
  readonly instructions: Instruction[] = [];
  #registers = 0;
  readonly #checked = new Map<number, number>();

  constructor(scope: TableScope) {
    this.scope = scope;
  }

  emit(instruction: Instruction): void {
    this.instructions.push(instruction);
  }

  /** Offset of a register of so many words; taken back by release(). */
  allocate(words: number): number {
    const register = this.#registers;
    this.#registers += words * 4;
    if (this.#registers > Instructions.REGISTERS_BYTES) throw new Uncompilable("the expression is too long");
    return register;
  }

  /** Statements share no values: after each all registers are free. */
  release(): void {
    this.#registers = 0;
  }

  /**
   * Emits instructions that may not match without ending the rule: it then goes on behind them. If they do, OP_NEVER,
   * the last of them, leads to the next rule.
   */
  emitApart(emit: () => void): void {
    const checked = new Map(this.#checked);
    const start = this.instructions.length;
    emit();
    const end = this.instructions.length + 1;
    for (let at = start; at < end - 1; at++) if (this.instructions[at]?.failTo === undefined) this.leadTo(at, end);
    this.emit({ operation: Instructions.OP_NEVER });
    this.#checked.clear();
    for (const [key, value] of checked) this.#checked.set(key, value);
  }

  /** Where a mismatch of an instruction leads. */
  leadTo(at: number, failTo: number): void {
    const instruction = this.instructions[at];
    if (instruction !== undefined) this.instructions[at] = { ...instruction, failTo };
  }

  /** The rule matches only packets of this family (meta nfproto), where the table has both. */
  requireFamily(family: "ip" | "ip6"): void {
    const { scope } = this;
    if (scope.family === "inet") this.#require(Keys.META_FAMILY, family === "ip" ? FAMILY_IP : FAMILY_IP6);
    else if (scope.family !== family) throw new Uncompilable(`${family} in a table of family ${scope.family}`);
  }

  /** The rule matches only packets of this transport protocol: nft adds that to tcp dport and its like. */
  requireProtocol(protocol: number): void {
    this.#require(Keys.META_PROTOCOL, protocol);
  }

  /** The rule matches only ICMP messages of this type. */
  requireMessage(type: number): void {
    const register = this.allocate(1);
    this.emit({ operation: Instructions.OP_LOAD_TRANSPORT, register, length: 1, x: 0 });
    this.emit({
      operation: Instructions.OP_COMPARE,
      register,
      length: 4,
      options: Instructions.COMPARE_EQUAL,
      x: type,
    });
  }

  /** Label of words that stand behind the instructions. */
  constant(words: Uint32Array): Label {
    const { newLabel, later } = this.scope;
    const label = newLabel();
    later((writer) => {
      writer.align(8);
      writer.place(label);
      writer.appendBytes(new Uint8Array(words.buffer));
    });
    return label;
  }

  /** The set that the rule names, or a new one with the elements in the rule. */
  set(reference: SetReference, shape: Omit<SetShape, "elements">): UsedSet {
    if (reference.kind === "anonymous") return this.#anonymousSet({ ...shape, elements: reference.elements });
    const set = this.scope.set(reference.name);
    if (set === undefined) throw new Uncompilable(`there is no set or map "${reference.name}" that could be compiled`);
    const fits = set.key.length === shape.key.length && set.key.every((type, i) => isSameForm(type, shape.key[i]));
    if (!fits) throw new Uncompilable(`the key does not have the type of "${reference.name}"`);
    return set;
  }

  #anonymousSet(shape: SetShape): UsedSet {
    const encoded: EncodedSet = encodeSet(shape, this.scope);
    return { ...shape, label: this.#later(encoded), kind: encoded.kind };
  }

  #later(encoded: EncodedSet): Label {
    const { newLabel, later } = this.scope;
    const label = newLabel();
    later((writer) => writeSet(writer, label, encoded));
    return label;
  }

  #require(key: number, value: number): void {
    if (this.#checked.get(key) === value) return;
    const register = this.allocate(1);
    this.emit({ operation: Instructions.OP_LOAD_META, register, length: 4, x: key });
    this.emit({
      operation: Instructions.OP_COMPARE,
      register,
      length: 4,
      options: Instructions.COMPARE_EQUAL,
      x: value,
    });
    this.#checked.set(key, value);
  }
}

function isSameForm(a: ValueType, b: ValueType | undefined): boolean {
  return b !== undefined && a.bytes === b.bytes && a.order === b.order;
}

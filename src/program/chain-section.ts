/** The chains of a table as they stand in the image: one behind the other, each with what its rules refer to. */

import type { Run } from "../ruleset/runs.ts";
import { IntList } from "./int-list.ts";
import { ImageWriter, type Label } from "./writer.ts";

/** Behind the rules of a chain stand its end and its constants. */
const NO_RULE = -1;

export interface PlacedRule {
  /** Positions in the table and in the chain, from 0. */
  readonly chain: number;
  readonly rule: number;
  /** Where in the section its instructions begin and end. */
  readonly begin: number;
  readonly end: number;
}

export class ChainSection {
  readonly writer = new ImageWriter();
  /** By chains: the label, where bytes, offset words and rules begin. */
  readonly #labels = new IntList();
  readonly #starts = new IntList();
  readonly #wordStarts = new IntList();
  readonly #ruleStarts = new IntList();
  /** By rules: where they begin, counted from their chain's beginning, and their positions in it. */
  readonly #offsets = new IntList();
  readonly #positions = new IntList();

  /** Begins anew, in the same memory. */
  begin(): void {
    this.writer.begin();
    for (const list of [this.#labels, this.#starts, this.#wordStarts, this.#ruleStarts]) list.clear();
    this.#offsets.clear();
    this.#positions.clear();
  }

  beginChain(label: Label): void {
    this.#labels.push(label);
    this.#starts.push(this.writer.length);
    this.#wordStarts.push(this.writer.wordCount);
    this.#ruleStarts.push(this.#offsets.length);
  }

  /** What follows is the rule at this position of the chain. */
  beginRule(position: number): void {
    this.#offsets.push(this.writer.length - this.#starts.get(this.#starts.length - 1));
    this.#positions.push(position);
  }

  endRules(): void {
    this.beginRule(NO_RULE);
  }

  endChain(): void {
    this.writer.align(8);
    this.writer.endPart();
  }

  /** Appends the run's chains as they stand in the section before. */
  copy(before: ChainSection, { from, to }: Run): void {
    const part = before.#partOf(from, to);
    const [words, bytes] = [this.writer.wordCount - part.wordStart, this.writer.length - part.start];
    const [ruleStart, ruleEnd] = [before.#ruleStart(from), before.#ruleStart(to)];
    this.#labels.append(before.#labels, from, to);
    this.#starts.append(before.#starts, from, to, bytes);
    this.#wordStarts.append(before.#wordStarts, from, to, words);
    this.#ruleStarts.append(before.#ruleStarts, from, to, this.#offsets.length - ruleStart);
    this.#offsets.append(before.#offsets, ruleStart, ruleEnd);
    this.#positions.append(before.#positions, ruleStart, ruleEnd);
    this.writer.appendPart(before.writer, part);
  }

  /** Appends the section to an image and tells it where the chains are; returns where the section starts. */
  appendTo(image: ImageWriter): number {
    image.align(8);
    const start = image.length;
    const labels = this.#labels.items();
    const starts = this.#starts.items();
    for (let i = 0; i < labels.length; i++) image.placeAt(labels[i]!, start + starts[i]!);
    image.appendImage(this.writer);
    return start;
  }

  /** The chains that refer to one of the labels; ascending. */
  chainsThatRefer(labels: ReadonlySet<Label>): number[] {
    if (labels.size === 0) return [];
    return [...new Set(this.writer.wordsOf(labels).map((word) => this.#wordStarts.lastUpTo(word)))];
  }

  /** The position of the chain to which an offset of the section belongs. */
  chainAt(offset: number): number | undefined {
    const chain = this.#starts.lastUpTo(offset);
    return chain < 0 || offset >= this.writer.length ? undefined : chain;
  }

  /** The rule to which an offset of the section belongs; undefined: none, a chain's end or what stands behind it. */
  ruleAt(offset: number): PlacedRule | undefined {
    const chain = this.chainAt(offset);
    if (chain === undefined) return undefined;
    const inside = offset - this.#starts.get(chain);
    let index = this.#ruleStart(chain);
    while (index + 1 < this.#ruleStart(chain + 1) && this.#offsets.get(index + 1) <= inside) index++;
    return this.#positions.get(index) === NO_RULE ? undefined : this.#placedRule(chain, index);
  }

  /** In the order of the section. */
  *rules(): Iterable<PlacedRule> {
    for (let chain = 0; chain < this.#starts.length; chain++) {
      const last = this.#ruleStart(chain + 1) - 1;
      for (let index = this.#ruleStart(chain); index < last; index++) yield this.#placedRule(chain, index);
    }
  }

  #placedRule(chain: number, index: number): PlacedRule {
    const start = this.#starts.get(chain);
    const [begin, end] = [start + this.#offsets.get(index), start + this.#offsets.get(index + 1)];
    return { chain, rule: this.#positions.get(index), begin, end };
  }

  #partOf(from: number, to: number) {
    const isLast = to === this.#starts.length;
    return {
      start: this.#starts.get(from),
      end: isLast ? this.writer.length : this.#starts.get(to),
      wordStart: this.#wordStarts.get(from),
      wordEnd: isLast ? this.writer.wordCount : this.#wordStarts.get(to),
    };
  }

  #ruleStart(chain: number): number {
    return chain === this.#ruleStarts.length ? this.#offsets.length : this.#ruleStarts.get(chain);
  }
}

/** The chains of a table as they stand in the image: where their rules are, and what they refer to. Nothing but numbers. */

import type { Image } from "./image.ts";
import { IntGroups } from "./int-groups.ts";
import { IntList } from "./int-list.ts";
import type { ImageWriter, Label } from "./writer.ts";

/** Between rules stand lookups, behind them the end of the chain and its constants. */
const NO_RULE = -1;

export interface PlacedRule {
  /** Positions in the table and in the chain, from 0. */
  readonly chain: number;
  readonly rule: number;
  /** Where in the image its instructions begin and end. */
  readonly begin: number;
  readonly end: number;
}

export class ChainSection {
  readonly #labels = new IntList();
  /** By chains, of each word that means a label: where in the chain it stands, and the label. */
  readonly #references = new IntGroups();
  /** By chains, of each rule: where in the chain it begins, and its position. */
  readonly #rules = new IntGroups();

  get count(): number {
    return this.#labels.length;
  }

  beginChain(label: Label): void {
    this.#labels.push(label);
    this.#references.begin();
    this.#rules.begin();
  }

  /** The rule at this position of the chain begins at an offset of the chain. */
  beginRule(position: number, offset: number): void {
    this.#rules.push(offset, position);
  }

  /** What follows belongs to no rule. */
  beginOther(offset: number): void {
    this.#rules.push(offset, NO_RULE);
  }

  /** The chain is written. */
  endChain({ referenceWords, references }: ImageWriter): void {
    this.#references.first.append(referenceWords);
    this.#references.second.append(references);
  }

  /** Puts chains of another section in the place of those from `from` to `to`. */
  replace(from: number, to: number, other: ChainSection, otherFrom: number, otherTo: number): void {
    this.#labels.replace(from, to, other.#labels, otherFrom, otherTo);
    this.#references.replace(from, to, other.#references, otherFrom, otherTo);
    this.#rules.replace(from, to, other.#rules, otherFrom, otherTo);
  }

  labelOf(chain: number): Label {
    return this.#labels.get(chain);
  }

  /** The chains that refer to one of the labels; ascending. */
  chainsThatRefer(labels: ReadonlySet<Label>): number[] {
    return [...new Set(this.#referencesTo(labels).map((index) => this.#references.groupOf(index)))];
  }

  /** Fills in anew what refers to labels that stand elsewhere now. */
  mend(image: Image): void {
    for (const index of this.#referencesTo(image.moved)) {
      const chain = image.offsetOf(this.labelOf(this.#references.groupOf(index)));
      image.mend(chain + this.#references.first.get(index), this.#references.second.get(index));
    }
  }

  /** The rule of the chain to which an offset of the image belongs; undefined: its end or what stands behind it. */
  ruleAt(image: Image, chain: number, offset: number): PlacedRule | undefined {
    const inside = offset - image.offsetOf(this.labelOf(chain));
    const last = this.#rules.startOf(chain + 1) - 1;
    let index = this.#rules.startOf(chain);
    while (index < last && this.#rules.first.get(index + 1) <= inside) index++;
    return this.#rules.second.get(index) === NO_RULE ? undefined : this.#placedRule(image, chain, index);
  }

  /** In the order of the chains, each as it stands there. */
  *rules(image: Image): Iterable<PlacedRule> {
    for (let chain = 0; chain < this.count; chain++) {
      const last = this.#rules.startOf(chain + 1) - 1;
      for (let index = this.#rules.startOf(chain); index < last; index++) {
        if (this.#rules.second.get(index) !== NO_RULE) yield this.#placedRule(image, chain, index);
      }
    }
  }

  #placedRule(image: Image, chain: number, index: number): PlacedRule {
    const start = image.offsetOf(this.labelOf(chain));
    const [begin, end] = [start + this.#rules.first.get(index), start + this.#rules.first.get(index + 1)];
    return { chain, rule: this.#rules.second.get(index), begin, end };
  }

  #referencesTo(labels: ReadonlySet<Label>): number[] {
    return labels.size === 0 ? [] : this.#references.second.indicesOf(labels);
  }
}

/** What changes in an image from one program to the next, so that a copy of an earlier one can be brought up to date. */

import { IntList } from "./int-list.ts";

/** Programs that are remembered: an engine holds two, and brings the older one up to date. */
const VERSIONS_KEPT = 4;
/** A program that differs in more places is copied whole. */
const RANGES_MAX = 1 << 12;

/** One state of an image. It holds until the next one. */
export interface ImageVersion {
  /** The same object for all states of the same image. */
  readonly history: object;
  readonly number: number;
  /**
   * Where an engine's copy of an earlier state may differ from this one, be it because it has run: begin, end, begin, end
   * … Undefined: anywhere.
   */
  readonly changedSince: (number: number) => readonly number[] | undefined;
}

export class ImageVersions {
  #number = 0;
  /** Of the last states: begin, end, begin, end … Undefined: everything has changed. */
  readonly #changes: (IntList | undefined)[] = [];

  begin(): void {
    this.#number++;
    this.#changes.push(new IntList());
    if (this.#changes.length > VERSIONS_KEPT) this.#changes.shift();
  }

  note(begin: number, end: number): void {
    const ranges = this.#changes.at(-1);
    if (ranges === undefined) return;
    if (ranges.length >= RANGES_MAX * 2) {
      this.noteAll();
      return;
    }
    ranges.push(begin);
    ranges.push(end);
  }

  noteAll(): void {
    this.#changes[this.#changes.length - 1] = undefined;
  }

  /** `running`: where a program that runs changes itself: begin, end, begin, end … */
  current(running: () => readonly number[]): ImageVersion {
    const now = this.#number;
    const changedSince = (number: number): readonly number[] | undefined => {
      const steps = this.#changes.slice(this.#changes.length - (now - number));
      if (now !== this.#number || number > now || steps.length !== now - number) return undefined;
      if (steps.includes(undefined)) return undefined;
      return [...steps.flatMap((ranges) => [...(ranges?.items() ?? [])]), ...running()];
    };
    return { history: this, number: now, changedSince };
  }
}

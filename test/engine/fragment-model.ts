/** The slow, obvious version of a datagram's collection: the rules of inet_frag_queue_insert() on a list of stretches. */

import * as Verdict from "../../assembly/layout/verdict.ts";
import type { Piece } from "../support/fragments.ts";

interface Stretch {
  from: number;
  to: number;
}

export interface Arrival {
  readonly reason: number;
  /** What leaves: these stretches as fragments, or the datagram uncut. */
  readonly pieces: readonly Piece[];
  readonly whole: boolean;
}

const IP6_HEADERS = 48;
const FRAGMENT_HEADER = 8;

export class FragmentModel {
  readonly #headers: number;
  readonly #total: number;
  #held: Stretch[] = [];
  /** Stretches that grew in order at the end; each other fragment is one of its own. */
  #runs: Stretch[] = [];

  /** For fragments with so many bytes of headers, of a payload of `total` bytes whose last fragment ends there. */
  constructor(headers: number, total: number) {
    this.#headers = headers;
    this.#total = total;
  }

  arrive(from: number, to: number): Arrival {
    const hit = this.#runs.filter((run) => from < run.to && run.from < to);
    const end = Math.max(0, ...this.#runs.map((run) => run.to));
    if (hit.length > 0) {
      const isRepeated = to <= end && hit.length === 1 && hit[0]!.from <= from && to <= hit[0]!.to;
      if (isRepeated) return this.#wait(Verdict.REASON_FRAGMENT_DUPLICATE);
      this.#forget();
      return this.#wait(Verdict.REASON_FRAGMENT_OVERLAP);
    }
    const last = this.#runs.find((run) => run.to === end);
    if (last !== undefined && from === end) last.to = to;
    else this.#runs.push({ from, to });
    this.#held.push({ from, to });
    if (this.#held.reduce((sum, stretch) => sum + stretch.to - stretch.from, 0) < this.#total) {
      return this.#wait(Verdict.REASON_FRAGMENT_HELD);
    }
    return this.#complete();
  }

  #complete(): Arrival {
    const pieces = this.#held
      .sort((a, b) => a.from - b.from)
      .map(({ from, to }) => ({ offset: from, bytes: to - from }));
    const longest = Math.max(...pieces.map((piece) => piece.bytes)) + this.#headers;
    this.#forget();
    const isWhole = this.#headers === IP6_HEADERS && this.#headers - FRAGMENT_HEADER + this.#total <= longest;
    return { reason: Verdict.REASON_NONE, pieces, whole: isWhole };
  }

  #forget(): void {
    this.#held = [];
    this.#runs = [];
  }

  #wait(reason: number): Arrival {
    return { reason, pieces: [], whole: false };
  }
}

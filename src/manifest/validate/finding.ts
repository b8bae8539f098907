/** What a check has to say about a field of an object. */

import type { Segment } from "../position.ts";

export interface Finding {
  readonly path: readonly Segment[];
  readonly message: string;
  readonly remedy?: string;
  /** Point at the key, not at the value: the name is what is wrong. */
  readonly aboutKey?: boolean;
}

export type Report = (finding: Finding) => void;

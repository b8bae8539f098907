/** What a check has to say about a field of an object. */

import type { Segment } from "../position.ts";

export interface Finding {
  /** As the API server writes it. */
  readonly path: readonly Segment[];
  /** Where it stands, if the API server's path is not what was written: `clusterIP` becomes `clusterIPs[0]` before it is judged. */
  readonly at?: readonly Segment[];
  readonly message: string;
  readonly remedy?: string;
  /** Point at the key, not at the value: the name is what is wrong. */
  readonly aboutKey?: boolean;
  /** A wrong type or an unknown field: the API server does not read on, and what seems missing may only be misspelt. */
  readonly stopsDecoding?: boolean;
}

export type Report = (finding: Finding) => void;

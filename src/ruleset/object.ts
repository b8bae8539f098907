/** What a table holds besides sets and chains: counters, quotas and the like that rules name, and flowtables. */

import type { Json } from "./json.ts";
import type { OBJECT_KINDS } from "./nft-words.ts";
import type { Statement } from "./statement.ts";

/** An object that rules name. */
export interface NamedObject {
  readonly object: ObjectKind;
  readonly name: string;
  readonly comment?: string;
  /** Counters, quotas, limits: as a statement of a rule has them. */
  readonly statement?: Statement;
  /** The fields of others. */
  readonly json?: Json;
}

export type ObjectKind = (typeof OBJECT_KINDS)[number];

export interface Flowtable {
  readonly name: string;
  readonly json: Json;
}

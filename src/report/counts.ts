/** What an engine has counted, as a copy: what several engines counted can be added. */

import * as Layout from "../../assembly/layout/engine.ts";
import type { Engine } from "../engine/instance.ts";

export interface EngineCounts {
  /** The engine's counters in the order of layout/engine.ts. */
  readonly counters: BigUint64Array<ArrayBuffer>;
  /** Connections in the table. */
  readonly open: number;
}

const COUNTER_BYTES = 8;

export function countsOf(engine: Engine): EngineCounts {
  const bytes = engine.bytes(engine.exports.engine() + Layout.COUNTERS, Layout.SIZE - Layout.COUNTERS).slice();
  return { counters: new BigUint64Array(bytes.buffer), open: engine.field(Layout.OPEN) };
}

export function addCounts(a: EngineCounts, b: EngineCounts): EngineCounts {
  return { counters: a.counters.map((value, index) => value + b.counters[index]!), open: a.open + b.open };
}

/** A counter of layout/engine.ts; exact up to 2^53. */
export function counterOf({ counters }: EngineCounts, offset: number): number {
  return Number(counters[(offset - Layout.COUNTERS) / COUNTER_BYTES]);
}

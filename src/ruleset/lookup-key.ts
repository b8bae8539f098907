/** What sets are asked for. */

import type { Expression, Table } from "./types.ts";

/** The key with which a rule of the table looks into the set. */
export function lookupKeyOf(name: string, { chains }: Table): Expression | undefined {
  for (const { rules } of chains) {
    for (const { statements } of rules) {
      for (const statement of statements) {
        if (statement.kind === "lookup" && statement.set.kind === "named" && statement.set.name === name)
          return statement.key;
        if (statement.kind === "vmap" && statement.map.kind === "named" && statement.map.name === name)
          return statement.key;
        if (statement.kind === "set" && statement.set === name) return statement.key;
      }
    }
  }
  return undefined;
}

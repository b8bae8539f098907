/** xt_recent, the obvious way: an ordered map of addresses to the times at which each was seen, in a list of a hundred. */

import type { Recent } from "../../src/ruleset/types.ts";

const LIST_MAX = 100;

export class RecentLists {
  readonly #lists = new Map<string, Map<string, readonly number[]>>();

  /** Whether the rule matches a packet from the address, and what that does to the list. */
  match(statement: Recent, address: string, now: number): boolean {
    const { list: name, operation, seconds = 0, hits = 0, reap = false, invert = false } = statement;
    const list = this.#list(name);
    const isOld = (seen: number) => seconds > 0 && now - seen > seconds;
    const times = list.get(address);
    if (times === undefined) {
      if (operation !== "set") return invert;
      if (list.size === LIST_MAX) list.delete(oldest(list));
      list.set(address, [now]);
      return !invert;
    }
    const seen = times.filter((time) => !isOld(time)).length;
    const isSaid = operation === "set" || operation === "remove" || seen >= Math.max(hits, 1);
    const matches = isSaid !== invert;
    const isRenewed = operation === "set" || (operation === "update" && matches);
    if (operation === "remove") list.delete(address);
    const first = oldest(list);
    const isChecked = operation === "rcheck" || operation === "update";
    if (reap && isChecked && isOld(list.get(first)!.at(-1)!) && !(isRenewed && first === address)) list.delete(first);
    if (isRenewed) {
      list.delete(address);
      list.set(address, [...times, now]);
    }
    return matches;
  }

  #list(name: string): Map<string, readonly number[]> {
    const list = this.#lists.get(name) ?? new Map<string, readonly number[]>();
    this.#lists.set(name, list);
    return list;
  }
}

/** A map's keys stand in the order in which they were put in. */
function oldest(list: ReadonlyMap<string, unknown>): string {
  return list.keys().next().value ?? "";
}

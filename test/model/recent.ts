/** xt_recent, the obvious way: an ordered map of addresses to the time each was last seen, in a list of a hundred. */

import type { Recent } from "../../src/ruleset/types.ts";

const LIST_MAX = 100;

export class RecentLists {
  readonly #lists = new Map<string, Map<string, number>>();

  /** Whether the rule matches a packet from the address, and what that does to the list. */
  match({ list: name, operation, seconds = 0, reap = false }: Recent, address: string, now: number): boolean {
    const list = this.#list(name);
    const isOld = (seen: number | undefined) => seen !== undefined && seconds > 0 && now - seen > seconds;
    if (operation === "set") {
      if (!list.has(address) && list.size === LIST_MAX) list.delete(oldest(list));
      renew(list, address, now);
      return true;
    }
    if (!list.has(address)) return false;
    if (operation === "remove") return list.delete(address);
    const isListed = !isOld(list.get(address));
    const isRenewed = isListed && operation === "update";
    const first = oldest(list);
    if (reap && isOld(list.get(first)) && !(isRenewed && first === address)) list.delete(first);
    if (isRenewed) renew(list, address, now);
    return isListed;
  }

  #list(name: string): Map<string, number> {
    const list = this.#lists.get(name) ?? new Map<string, number>();
    this.#lists.set(name, list);
    return list;
  }
}

/** A map's keys stand in the order in which they were put in. */
function oldest(list: ReadonlyMap<string, number>): string {
  return list.keys().next().value ?? "";
}

function renew(list: Map<string, number>, address: string, now: number): void {
  list.delete(address);
  list.set(address, now);
}

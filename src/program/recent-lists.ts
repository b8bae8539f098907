/** Lists of recent addresses (xt_recent): what all rules that name one have in common. */

import * as Layout from "../../assembly/layout/program.ts";
import { parseAddress } from "../network/address.ts";
import type { Recent } from "../ruleset/types.ts";
import type { Compilation } from "./compilation.ts";
import type { ImageWriter, Label } from "./writer.ts";

const MASK_BYTES = 16;
const ALL_BITS = 0xff;

/** A list of recent addresses. */
export interface RecentList {
  readonly id: number;
  readonly label: Label;
  /** The most that a rule asks of an address. */
  readonly hits: number;
  /** As an address; absent: all bits count. */
  readonly mask?: string;
}

/** xt_recent finds its lists by name, whatever the table and the family; the first rule that names one says its mask. */
export function recentListOf(
  { recentLists, setId, cache }: Compilation,
  { list: name, mask, hits = 0 }: Recent,
): Label {
  const list = recentLists.get(name) ?? {
    id: setId(`recent ${name}`),
    label: cache.labelOf(cache.listLabels, name),
    hits,
    ...(mask === undefined ? {} : { mask }),
  };
  recentLists.set(name, hits > list.hits ? { ...list, hits } : list);
  return list.label;
}

/** The headers of the lists of recent addresses, each at the place of its id. */
export function writeRecentLists(writer: ImageWriter, named: ReadonlyMap<string, RecentList>, limit: number): void {
  const lists = new Map(Array.from(named.values(), (list) => [list.id, list]));
  writer.align(8);
  writer.setOffset(Layout.RECENT_LISTS, writer.length);
  writer.set32(Layout.RECENT_LIST_COUNT, limit);
  for (let id = 0; id < limit; id++) {
    const list = lists.get(id);
    if (list !== undefined) writer.place(list.label);
    const at = writer.reserve(Layout.LIST_SIZE);
    if (list === undefined) continue;
    writer.set16(at + Layout.LIST_IS_USED, 1);
    writer.set16(at + Layout.LIST_HITS, list.hits);
    const mask = list.mask === undefined ? [] : parseAddress(list.mask)!;
    for (let byte = 0; byte < MASK_BYTES; byte++) writer.set8(at + Layout.LIST_MASK + byte, mask[byte] ?? ALL_BITS);
  }
}

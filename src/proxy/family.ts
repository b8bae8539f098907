/** One proxier per IP family: what belongs to a family is told by its form, and the rest is left to the other proxier. */

import type { IpFamily } from "../cluster/types.ts";
import { familyOf } from "../network/address.ts";

export const IP_FAMILIES: readonly IpFamily[] = ["IPv4", "IPv6"];

/** The addresses or prefixes of one family, in their order. */
export function ofFamily(texts: readonly string[], family: IpFamily): string[] {
  return texts.filter((text) => familyOf(text) === family);
}

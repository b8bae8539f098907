/** Where a host stands, seen from the node: the interface that the node's routes lead to it by. */

import { addressOf } from "../network/address.ts";
import { prefixContains, prefixOf } from "../network/prefix.ts";
import type { NodeNetwork } from "../network/types.ts";

/** undefined: it is the node itself, or there is no way. Over a wire everybody stands at its one interface. */
export function interfaceTowards(network: NodeNetwork, address: string): string | undefined {
  if (network.kind === "wire") return network.interfaces[0]?.name;
  const bytes = addressOf(address);
  let best: { length: number; metric: number; link: string | undefined } | undefined;
  for (const { type, destination, interface: link, table, metric } of network.routes) {
    if (table !== "main" && table !== "local") continue;
    const prefix = prefixOf(destination);
    if (!prefixContains(prefix, bytes)) continue;
    const { length } = prefix;
    const isBetter = best === undefined || length > best.length || (length === best.length && metric < best.metric);
    if (isBetter) best = { length, metric, link: type === "unicast" ? link : undefined };
  }
  return best?.link;
}

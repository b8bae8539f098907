/** A table's objects by the Service that they are for: kube-proxy writes all chains of a Service or none. */

import type { Chain, Element, NamedSet, Table } from "../../ruleset/types.ts";

export interface ServiceGroup {
  readonly chains: readonly Chain[];
  readonly sets: readonly NamedSet[];
  readonly elements: readonly { readonly set: NamedSet; readonly element: Element }[];
}

interface OpenGroup {
  readonly chains: Chain[];
  readonly sets: NamedSet[];
  readonly elements: { readonly set: NamedSet; readonly element: Element }[];
}

/** What is for no Service is a group of its own and stands before all others. */
export function groupsOf({ sets, chains }: Table): ServiceGroup[] {
  const common: OpenGroup = { chains: [], sets: [], elements: [] };
  const services = new Map<string, OpenGroup>();
  const groupOf = (object: string | undefined): OpenGroup => {
    if (object === undefined) return common;
    const service = object.split(",", 1)[0]!;
    const group = services.get(service) ?? { chains: [], sets: [], elements: [] };
    services.set(service, group);
    return group;
  };
  const owners = new Map(chains.map((chain) => [chain.name, chain.rules[0]?.origin?.object]));
  for (const set of sets) {
    groupOf(owners.get(set.name.replace(/^affinity-/, "endpoint-"))).sets.push(set);
    for (const element of set.elements) groupOf(element.origin?.object).elements.push({ set, element });
  }
  for (const chain of chains) groupOf(owners.get(chain.name)).chains.push(chain);
  return [common, ...services.values()];
}

/** Names of chains for service ports and endpoints have a slash, the others have none. */
export function isServiceChain({ name }: Chain): boolean {
  return name.includes("/");
}

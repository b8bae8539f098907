/** What one Service adds to the table of nftables mode. */

import type { IpFamily } from "../../cluster/types.ts";
import type { Chain, Element, NamedSet } from "../../ruleset/types.ts";
import { KeptParts, shareObjects } from "../kept-parts.ts";
import { TableParts } from "./table-parts.ts";

/** An element on its way into a set or map; `key` tells it apart from the others there. */
export interface PutElement {
  readonly table: string;
  readonly key: string;
  readonly element: Element;
}

export interface ServicePart {
  readonly elements: readonly PutElement[];
  readonly sets: readonly NamedSet[];
  readonly chains: readonly Chain[];
}

/** What nftables rules have of the states of a cluster before. */
export class ServiceParts {
  readonly kept = new KeptParts<ServicePart>(sharing);
  readonly tables: Record<IpFamily, TableParts> = { IPv4: new TableParts(), IPv6: new TableParts() };
}

/** The part, with the objects of the old one where they say the same. */
function sharing(made: ServicePart, old: ServicePart): ServicePart {
  const isSameElements = JSON.stringify(made.elements) === JSON.stringify(old.elements);
  return {
    elements: isSameElements ? old.elements : made.elements,
    sets: shareObjects(made.sets, old.sets),
    chains: shareObjects(made.chains, old.chains),
  };
}

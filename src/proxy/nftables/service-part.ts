/** What one Service adds to the table, kept from one state of the cluster to the next: most Services do not change. */

import type { ClusterService, IpFamily, Slice } from "../../cluster/types.ts";
import type { Chain, Element, NamedSet } from "../../ruleset/types.ts";

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

interface KeptPart {
  readonly slices: readonly Slice[];
  readonly part: ServicePart;
}

/**
 * Parts by the identity of what they were made from: a Service and its slices. Whoever changes a cluster makes new
 * objects of what changes and leaves the others as they are.
 */
export class ServiceParts {
  readonly #families: Record<IpFamily, { conditions: string; kept: Map<ClusterService, KeptPart> }> = {
    IPv4: { conditions: "", kept: new Map() },
    IPv6: { conditions: "", kept: new Map() },
  };

  /**
   * The parts of the Services, of which `make` makes those that are not known. `conditions`: what else they depend on.
   * Only the parts of these Services are kept.
   */
  of(
    services: readonly ClusterService[],
    slices: readonly Slice[],
    { family, conditions }: { readonly family: IpFamily; readonly conditions: string },
    make: (service: ClusterService, slices: readonly Slice[]) => ServicePart,
  ): ServicePart[] {
    const before = this.#families[family];
    const known = before.conditions === conditions ? before.kept : new Map<ClusterService, KeptPart>();
    const kept = new Map<ClusterService, KeptPart>();
    const slicesOf = groupByService(slices, family);
    const parts = services.map((service) => {
      const own = slicesOf.get(service.namespace)?.get(service.name) ?? [];
      const old = known.get(service);
      const now = old !== undefined && isSame(old.slices, own) ? old : { slices: own, part: make(service, own) };
      kept.set(service, now);
      return now.part;
    });
    this.#families[family] = { conditions, kept };
    return parts;
  }
}

function groupByService(slices: readonly Slice[], family: IpFamily): Map<string, Map<string, Slice[]>> {
  const namespaces = new Map<string, Map<string, Slice[]>>();
  for (const slice of slices) {
    if (slice.family !== family) continue;
    const services = namespaces.get(slice.namespace) ?? new Map<string, Slice[]>();
    namespaces.set(slice.namespace, services);
    const own = services.get(slice.service);
    if (own === undefined) services.set(slice.service, [slice]);
    else own.push(slice);
  }
  return namespaces;
}

/** The same objects in the same order. */
export function isSame<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}

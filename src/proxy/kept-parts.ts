/** What rules have for one Service, kept from one state of the cluster to the next: most Services do not change. */

import type { ClusterService, IpFamily, Slice } from "../cluster/types.ts";
import { commonRuns, outside } from "../ruleset/runs.ts";

/** A state of the cluster, and the parts of its Services in their order. */
interface KeptState<P> {
  readonly conditions: string;
  readonly services: readonly ClusterService[];
  readonly slices: readonly Slice[];
  readonly parts: readonly P[];
}

type Names = ReadonlyMap<string, ReadonlySet<string>>;
type MakePart<P> = (service: ClusterService, slices: readonly Slice[]) => P;

const NOTHING: KeptState<never> = { conditions: "", services: [], slices: [], parts: [] };

/**
 * Parts by the identity of what they were made from: a Service and its slices. Whoever changes a cluster makes new
 * objects of what changes and leaves the others as they are.
 */
export class KeptParts<P> {
  readonly #families: Record<IpFamily, KeptState<P>> = { IPv4: NOTHING, IPv6: NOTHING };
  readonly #share: (made: P, old: P) => P;

  /** `share` gives a new part the objects of the old one, where they say the same. */
  constructor(share: (made: P, old: P) => P) {
    this.#share = share;
  }

  /**
   * The parts of the Services, of which `make` makes those that are not known; what says the same as before is the same
   * object, and so is the list if no part has changed. `conditions`: what else they depend on. Only the parts of these
   * Services are kept.
   */
  of(
    services: readonly ClusterService[],
    slices: readonly Slice[],
    { family, conditions }: { readonly family: IpFamily; readonly conditions: string },
    make: MakePart<P>,
  ): readonly P[] {
    const kept = this.#families[family];
    const before: KeptState<P> = kept.conditions === conditions ? kept : NOTHING;
    const parts = partsOf(before, services, slices, family, (service, own, old) => {
      const made = make(service, own);
      return old === undefined ? made : this.#share(made, old);
    });
    this.#families[family] = {
      conditions,
      services,
      slices,
      parts: isSame(before.parts, parts) ? before.parts : parts,
    };
    return this.#families[family].parts;
  }
}

function partsOf<P>(
  before: KeptState<P>,
  services: readonly ClusterService[],
  slices: readonly Slice[],
  family: IpFamily,
  make: (service: ClusterService, slices: readonly Slice[], old: P | undefined) => P,
): P[] {
  const touched = touchedServices(before.slices, slices, family);
  const isAligned =
    services.length === before.services.length && services.every((service, i) => service === before.services[i]);
  const indices = isAligned ? undefined : new Map(before.services.map((service, index) => [service, index]));
  const stale: number[] = [];
  const parts = services.map((service, index) => {
    const known = before.parts[(indices === undefined ? index : indices.get(service)) ?? -1];
    if (known === undefined || has(touched, service.namespace, service.name)) stale.push(index);
    return known;
  });
  const slicesOf = groupByService(slices, family, namesOf(stale.map((index) => services[index]!)));
  for (const index of stale) {
    const service = services[index]!;
    const own = slicesOf.get(service.namespace)?.get(service.name) ?? [];
    parts[index] = make(service, own, parts[index] ?? before.parts[index]);
  }
  return parts as P[];
}

/** Names of Services whose slices are not the same objects in the same order. */
function touchedServices(before: readonly Slice[], after: readonly Slice[], family: IpFamily): Names {
  const runs = commonRuns(before, after);
  const changed = [
    ...outside(before.length, runs, "before").map((index) => before[index]!),
    ...outside(after.length, runs, "after").map((index) => after[index]!),
  ];
  return namesOf(
    changed.flatMap(({ family: own, namespace, service }) => (own === family ? [{ namespace, name: service }] : [])),
  );
}

function namesOf(objects: readonly { readonly namespace: string; readonly name: string }[]): Names {
  const names = new Map<string, Set<string>>();
  for (const { namespace, name } of objects) {
    const own = names.get(namespace);
    if (own === undefined) names.set(namespace, new Set([name]));
    else own.add(name);
  }
  return names;
}

function has(names: Names, namespace: string, name: string): boolean {
  return names.get(namespace)?.has(name) ?? false;
}

/** The slices of the family and of Services of these names. */
function groupByService(slices: readonly Slice[], family: IpFamily, names: Names): Map<string, Map<string, Slice[]>> {
  const namespaces = new Map<string, Map<string, Slice[]>>();
  if (names.size === 0) return namespaces;
  for (const slice of slices) {
    if (slice.family !== family || !has(names, slice.namespace, slice.service)) continue;
    const services = namespaces.get(slice.namespace) ?? new Map<string, Slice[]>();
    namespaces.set(slice.namespace, services);
    const own = services.get(slice.service);
    if (own === undefined) services.set(slice.service, [slice]);
    else own.push(slice);
  }
  return namespaces;
}

/** The same objects in the same order. */
function isSame<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}

/** A chain or set, or the one of before that says the same. */
export function shareObjects<T extends { readonly name: string }>(made: readonly T[], old: readonly T[]): T[] {
  const known = new Map(old.map((object) => [JSON.stringify(object), object]));
  return made.map((object) => known.get(JSON.stringify(object)) ?? object);
}

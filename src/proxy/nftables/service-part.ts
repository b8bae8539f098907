/** What one Service adds to the table, kept from one state of the cluster to the next: most Services do not change. */

import type { ClusterService, IpFamily, Slice } from "../../cluster/types.ts";
import { commonRuns, outside } from "../../ruleset/runs.ts";
import type { Chain, Element, NamedSet } from "../../ruleset/types.ts";
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

/** A state of the cluster, and the parts of its Services in their order. */
interface KeptParts {
  readonly conditions: string;
  readonly services: readonly ClusterService[];
  readonly slices: readonly Slice[];
  readonly parts: readonly ServicePart[];
}

type Names = ReadonlyMap<string, ReadonlySet<string>>;
type MakePart = (service: ClusterService, slices: readonly Slice[]) => ServicePart;

const NOTHING: KeptParts = { conditions: "", services: [], slices: [], parts: [] };

/**
 * Parts by the identity of what they were made from: a Service and its slices. Whoever changes a cluster makes new
 * objects of what changes and leaves the others as they are.
 */
export class ServiceParts {
  readonly #families: Record<IpFamily, KeptParts> = { IPv4: NOTHING, IPv6: NOTHING };
  readonly tables: Record<IpFamily, TableParts> = { IPv4: new TableParts(), IPv6: new TableParts() };

  /**
   * The parts of the Services, of which `make` makes those that are not known; what says the same as before is the same
   * object, and so is the list if no part has changed. `conditions`: what else they depend on. Only the parts of these
   * Services are kept.
   */
  of(
    services: readonly ClusterService[],
    slices: readonly Slice[],
    { family, conditions }: { readonly family: IpFamily; readonly conditions: string },
    make: MakePart,
  ): readonly ServicePart[] {
    const kept = this.#families[family];
    const before = kept.conditions === conditions ? kept : NOTHING;
    const parts = partsOf(before, services, slices, family, make);
    this.#families[family] = {
      conditions,
      services,
      slices,
      parts: isSame(before.parts, parts) ? before.parts : parts,
    };
    return this.#families[family].parts;
  }
}

function partsOf(
  before: KeptParts,
  services: readonly ClusterService[],
  slices: readonly Slice[],
  family: IpFamily,
  make: MakePart,
): ServicePart[] {
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
    const made = make(service, slicesOf.get(service.namespace)?.get(service.name) ?? []);
    const old = parts[index] ?? before.parts[index];
    parts[index] = old === undefined ? made : sharing(made, old);
  }
  return parts as ServicePart[];
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

/** The part, with the objects of the old one where they say the same. */
function sharing(made: ServicePart, old: ServicePart): ServicePart {
  const known = new Map([...old.sets, ...old.chains].map((object) => [JSON.stringify(object), object]));
  const share = <T extends NamedSet | Chain>(objects: readonly T[]): T[] =>
    objects.map((object) => (known.get(JSON.stringify(object)) as T | undefined) ?? object);
  const isSameElements = JSON.stringify(made.elements) === JSON.stringify(old.elements);
  return {
    elements: isSameElements ? old.elements : made.elements,
    sets: share(made.sets),
    chains: share(made.chains),
  };
}

/** The same objects in the same order. */
function isSame<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}

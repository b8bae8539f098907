/** Documents to objects: lists are opened, kinds told apart, every object checked, namespaces filled in. */

import type { Document, Documents } from "./documents.ts";
import { Item } from "./item.ts";
import type { V1Service } from "./kubernetes.ts";
import type { Segment } from "./position.ts";
import { inOrder, problemOf } from "./problem.ts";
import { isMisnamed, KINDS, type Kind } from "./schema/kinds.ts";
import type { Located, Manifests, Problem } from "./types.ts";
import { Allocations } from "./validate/allocations.ts";
import { typeFault } from "./validate/errors.ts";
import { checkFields, isMapping } from "./validate/fields.ts";
import type { Finding } from "./validate/finding.ts";
import { checkMetadata } from "./validate/metadata.ts";
import { nearest } from "./validate/nearest.ts";
import { dropTypeDependentFields } from "./validate/service-dropped.ts";

const DEFAULT_NAMESPACE = "default";
const KIND_BY_NAME: ReadonlyMap<unknown, Kind> = new Map(KINDS.map((kind) => [kind.kind, kind]));
const KIND_NAMES = KINDS.map(({ kind }) => kind);
const NO_OBJECT = "not a Kubernetes object: expected a mapping with apiVersion and kind";

/** Everything that the texts hold, in their order. Services that `before` has too are checked as updates of those. */
export function collectManifests(texts: readonly Documents[], before?: Manifests): Manifests {
  const collector = new Collector(before?.services ?? []);
  for (const text of texts) collector.takeText(text);
  return collector.manifests();
}

/** What a typed list (ServiceList) says for its items. */
interface Type {
  readonly kind: string;
  readonly apiVersion: string;
}

class Collector {
  readonly problems: Problem[] = [];
  readonly #objects = new Map<string, Located<unknown>[]>();
  readonly #others = new Map<string, number>();
  readonly #places = new Map<string, Located<unknown>>();
  readonly #allocations = new Allocations();
  readonly #before: ReadonlyMap<string, V1Service>;

  constructor(before: readonly Located<V1Service>[]) {
    this.#before = new Map(before.map(({ object }) => [serviceName(object), object]));
  }

  /** A text's problems are told in the order of its lines, whoever found them. */
  takeText({ documents, problems }: Documents): void {
    const before = this.problems.length;
    for (const problem of problems) this.problems.push(problem);
    for (const document of documents) {
      if (document.value !== null && document.value !== undefined) this.#takeValue(document, [], document.value);
    }
    for (const problem of inOrder(this.problems.splice(before))) this.problems.push(problem);
  }

  manifests(): Manifests {
    const of = <T>(kind: string): readonly Located<T>[] => (this.#objects.get(kind) ?? []) as Located<T>[];
    return {
      services: of("Service"),
      endpointSlices: of("EndpointSlice"),
      endpoints: of("Endpoints"),
      nodes: of("Node"),
      pods: of("Pod"),
      deployments: of("Deployment"),
      replicaSets: of("ReplicaSet"),
      statefulSets: of("StatefulSet"),
      daemonSets: of("DaemonSet"),
      serviceCidrs: of("ServiceCIDR"),
      ipAddresses: of("IPAddress"),
      others: Object.fromEntries(this.#others),
      problems: this.problems,
    };
  }

  #takeValue(document: Document, prefix: readonly Segment[], value: unknown, implied?: Type): void {
    if (!isMapping(value)) {
      this.problems.push(problemOf(document, prefix, undefined, { path: [], message: NO_OBJECT }));
      return;
    }
    const item = new Item(document, prefix, value);
    const kind = value.kind ?? implied?.kind;
    const apiVersion = value.apiVersion ?? implied?.apiVersion;
    if (typeof kind !== "string" || kind === "" || typeof apiVersion !== "string" || apiVersion === "") {
      this.#reportUntyped(item, kind, apiVersion);
    } else if (kind.endsWith("List") && prefix.length === 0) this.#takeList(item, kind, apiVersion);
    else this.#takeObject(item, kind, apiVersion);
  }

  #takeList(item: Item, kind: string, apiVersion: string): void {
    const { items } = item.object;
    if (items === null || items === undefined) return;
    if (!Array.isArray(items)) {
      this.#report(item, kind, { path: ["items"], message: typeFault(items, "array") });
      return;
    }
    const implied = kind === "List" ? undefined : { kind: kind.slice(0, -"List".length), apiVersion };
    for (const [index, value] of items.entries()) this.#takeValue(item.document, ["items", index], value, implied);
  }

  #takeObject(item: Item, kindName: string, apiVersion: string): void {
    const kind = KIND_BY_NAME.get(kindName);
    if (kind?.apiVersion === apiVersion) this.#checkObject(item, kind);
    else this.#takeUnread(item, kindName, apiVersion);
  }

  /** What is of another kind or version: no business of ours, or a mistake. */
  #takeUnread(item: Item, kindName: string, apiVersion: string): void {
    const kind = KIND_BY_NAME.get(kindName);
    const noMatch = { path: ["apiVersion"], message: `no matches for kind "${kindName}" in version "${apiVersion}"` };
    if (kind === undefined && isMisnamed(kindName, apiVersion)) {
      const similar = nearest(kindName, KIND_NAMES);
      const remedy = similar === undefined ? {} : { remedy: `did you mean "${similar}"?` };
      this.#report(item, undefined, { ...noMatch, path: ["kind"], ...remedy });
    } else if (kind === undefined || isForeign(apiVersion)) {
      this.#others.set(kindName, (this.#others.get(kindName) ?? 0) + 1);
    } else this.#report(item, nameOf(item, kind), { ...noMatch, remedy: `use apiVersion: ${kind.apiVersion}` });
  }

  /** Only an object without errors is kept: who reads it need not check again. What does not decode is not judged further. */
  #checkObject(item: Item, kind: Kind): void {
    const metadata = fillIn(item.object, kind);
    const name = nameOf(item, kind);
    const before = this.problems.length;
    const report = (finding: Finding) => this.#report(item, name, finding);
    if (!checkFields(item.object, kind.schema, report) || metadata === undefined) return;
    checkMetadata(metadata, kind.nameFaults, report);
    if (kind.kind === "Service") this.#dropUnused(item.object);
    kind.check?.(item.object, report);
    if (
      this.problems.length === before &&
      this.#isNew(item, kind, name) &&
      this.#allocations.take(item.object, report)
    ) {
      this.#keep(item, kind, name);
    }
  }

  #dropUnused(service: V1Service): void {
    const before = this.#before.get(serviceName(service));
    if (before !== undefined) dropTypeDependentFields(service, before);
  }

  #isNew(item: Item, kind: Kind, name: string): boolean {
    const first = this.#places.get(name);
    if (first === undefined) return true;
    const { file, line, column } = first.place;
    const message = `${kind.plural} "${String((item.object.metadata as { name: string }).name)}" already exists`;
    this.#report(item, name, { path: [], message, remedy: `the first one is at ${file}:${line}:${column}` });
    return false;
  }

  #keep(item: Item, kind: Kind, name: string): void {
    this.#places.set(name, item);
    const kept = this.#objects.get(kind.kind);
    if (kept === undefined) this.#objects.set(kind.kind, [item]);
    else kept.push(item);
  }

  #reportUntyped(item: Item, kind: unknown, apiVersion: unknown): void {
    const known = KIND_BY_NAME.get(kind);
    const similar = typeof kind === "string" ? nearest(kind, KIND_NAMES) : undefined;
    const meant = known ?? KIND_BY_NAME.get(similar);
    const name = known === undefined ? undefined : nameOf(item, known);
    if (typeof apiVersion !== "string" || apiVersion === "") {
      const remedy = meant === undefined ? {} : { remedy: `add apiVersion: ${meant.apiVersion}` };
      this.#report(item, name, { path: ["apiVersion"], message: "apiVersion not set", ...remedy });
    }
    if (typeof kind !== "string" || kind === "") this.#report(item, name, { path: ["kind"], message: "kind not set" });
  }

  #report(item: Item, object: string | undefined, finding: Finding): void {
    this.problems.push(problemOf(item.document, item.prefix, object, finding));
  }
}

/** Kinds of other makers may bear the same name (Knative's Service): only the API groups of Kubernetes itself are judged. */
function isForeign(apiVersion: string): boolean {
  const group = apiVersion.split("/", 2).length === 2 ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
  return group.includes(".") && !group.endsWith(".k8s.io");
}

/** Puts kind and namespace into an object that leaves them to be understood; returns its metadata. */
function fillIn(value: Record<string, unknown>, kind: Kind): Record<string, unknown> | undefined {
  value.kind = kind.kind;
  value.apiVersion = kind.apiVersion;
  value.metadata ??= {};
  if (!isMapping(value.metadata)) return undefined;
  if (kind.namespaced && (value.metadata.namespace ?? "") === "") value.metadata.namespace = DEFAULT_NAMESPACE;
  return value.metadata;
}

function serviceName({ metadata }: V1Service): string {
  return `${metadata?.namespace}/${metadata?.name}`;
}

/** `Service "default/web"`; what is missing is left empty. */
function nameOf({ object }: Item, kind: Kind): string {
  const metadata = isMapping(object.metadata) ? object.metadata : {};
  const name = typeof metadata.name === "string" ? metadata.name : "";
  const namespace = typeof metadata.namespace === "string" ? metadata.namespace : DEFAULT_NAMESPACE;
  return kind.namespaced ? `${kind.kind} "${namespace}/${name}"` : `${kind.kind} "${name}"`;
}

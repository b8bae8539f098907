/** What every object's metadata gives, with null and absence made one. */

import type { V1Service } from "../manifest/kubernetes.ts";

type Metadata = NonNullable<V1Service["metadata"]>;

const NONE: Readonly<Record<string, string>> = Object.freeze({});

export function nameOf(metadata: Metadata | undefined): string {
  return metadata?.name ?? "";
}

export function namespaceOf(metadata: Metadata | undefined): string {
  return metadata?.namespace ?? "";
}

/** Labels, annotations or a selector; a value of null is an empty string, as Go decodes it. */
export function stringMap(
  given: Readonly<Record<string, string | null>> | null | undefined,
): Readonly<Record<string, string>> {
  if (given === null || given === undefined) return NONE;
  return Object.fromEntries(Object.entries(given).map(([key, value]) => [key, value ?? ""]));
}

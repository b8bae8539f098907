/** metadata of every kind (apimachinery's ValidateObjectMeta): a name that fits, keys and values of labels and annotations. */

import { invalidValue, requiredValue, tooLong } from "./errors.ts";
import type { Report } from "./finding.ts";
import { checkLabels } from "./labels.ts";
import { qualifiedNameFaults, subdomainFaults } from "./names.ts";

const ANNOTATIONS_BYTES_MAX = 256 * 1024;

type Labels = Readonly<Record<string, string | null>>;

interface Metadata {
  readonly name?: string | null;
  readonly labels?: Labels | null;
  readonly annotations?: Labels | null;
}

/** Valid only for metadata whose fields are of their types. */
export function checkMetadata(
  metadata: Metadata,
  nameFaults: ((name: string) => readonly string[]) | undefined,
  report: Report,
): void {
  const name = metadata.name || "";
  const path = ["metadata", "name"];
  if (name === "") report({ path, message: requiredValue("name or generateName is required") });
  else
    for (const reason of (nameFaults ?? subdomainFaults)(name)) report({ path, message: invalidValue(name, reason) });
  checkLabels(metadata.labels, ["metadata", "labels"], report);
  checkAnnotations(metadata.annotations ?? {}, report);
}

/** Keys may be written in capitals, unlike those of labels. */
function checkAnnotations(annotations: Labels, report: Report): void {
  const path = ["metadata", "annotations"];
  let bytes = 0;
  for (const key in annotations) {
    for (const reason of qualifiedNameFaults(key.toLowerCase()))
      report({ path, at: [...path, key], message: invalidValue(key, reason) });
    bytes += key.length + (annotations[key]?.length ?? 0);
  }
  if (bytes > ANNOTATIONS_BYTES_MAX) report({ path, message: tooLong(ANNOTATIONS_BYTES_MAX) });
}

/** A finding about a field becomes a problem with a place; many problems are told in the order of their places. */

import type { Document } from "./documents.ts";
import { formatPath, offsetOf, type Segment } from "./position.ts";
import type { Problem } from "./types.ts";
import type { Finding } from "./validate/finding.ts";

/** `prefix` leads to the object inside its document, `object` is its name. What is about a key says the path in its message. */
export function problemOf(
  document: Document,
  prefix: readonly Segment[],
  object: string | undefined,
  finding: Finding,
): Problem {
  const unknown = finding.aboutKey === true;
  const offset = offsetOf(document.root(), [...prefix, ...(finding.at ?? finding.path)], unknown ? "key" : "value");
  const path = formatPath(finding.path);
  return {
    severity: "error",
    place: document.source.placeAt(offset),
    ...(object === undefined ? {} : { object }),
    ...(unknown || path === "" ? {} : { path }),
    message: unknown ? `${finding.message} "${path}"` : finding.message,
    ...(finding.remedy === undefined ? {} : { remedy: finding.remedy }),
  };
}

/** By file, in the order in which the files first have a problem, then by line and column. What stands nowhere comes first. */
export function inOrder(problems: readonly Problem[]): Problem[] {
  const files = new Map<string | undefined, number>([[undefined, 0]]);
  for (const { place } of problems) if (!files.has(place?.file)) files.set(place?.file, files.size);
  const fileOf = ({ place }: Problem): number => files.get(place?.file) ?? 0;
  return [...problems].sort(
    (a, b) =>
      fileOf(a) - fileOf(b) ||
      (a.place?.line ?? 0) - (b.place?.line ?? 0) ||
      (a.place?.column ?? 0) - (b.place?.column ?? 0),
  );
}

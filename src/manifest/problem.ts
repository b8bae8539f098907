/** A finding about a field becomes a problem with a place. */

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
  const offset = offsetOf(document.root(), [...prefix, ...finding.path], unknown ? "key" : "value");
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

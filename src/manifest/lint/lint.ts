/** What is valid and still hardly meant: warnings, the API server's own and those that only a view of the whole cluster can give. */

import { formatPath } from "../position.ts";
import type { Located, Manifests, Problem } from "../types.ts";
import type { Finding } from "../validate/finding.ts";
import { lintCluster } from "./cluster.ts";
import { lintEndpointSlice, lintService } from "./objects.ts";

const ENDPOINTS_DEPRECATED = "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice";

/** All warnings, object by object. */
export function lintManifests(manifests: Manifests): Problem[] {
  const problems: Problem[] = [];
  const warn = (located: Located<Named>, kind: string, finding: Finding): void => {
    problems.push(warning(located, kind, finding));
  };
  for (const located of manifests.services) lintService(located.object, (finding) => warn(located, "Service", finding));
  for (const located of manifests.endpointSlices) {
    lintEndpointSlice(located.object, (finding) => warn(located, "EndpointSlice", finding));
  }
  for (const located of manifests.endpoints) warn(located, "Endpoints", { path: [], message: ENDPOINTS_DEPRECATED });
  lintCluster(manifests, warn);
  return problems;
}

export interface Named {
  readonly metadata?: { readonly name?: string; readonly namespace?: string } | null;
}

export type Warn = (located: Located<Named>, kind: string, finding: Finding) => void;

function warning(located: Located<Named>, kind: string, { path, at, message, remedy }: Finding): Problem {
  const { name, namespace } = located.object.metadata ?? {};
  const text = formatPath(path);
  return {
    severity: "warning",
    place: located.placeOf(formatPath(at ?? path)),
    object: `${kind} "${namespace}/${name}"`,
    ...(text === "" ? {} : { path: text }),
    message,
    ...(remedy === undefined ? {} : { remedy }),
  };
}

/** What was done to a node while a capture ran: what no packet tells, and the packets that follow depend on. */

import type { Manifests, Place } from "../manifest/types.ts";
import type { NodeNetwork, Route } from "../network/types.ts";
import type { Ruleset } from "../ruleset/types.ts";
import type { ConnectionFilter } from "./connection-filter.ts";

/** One command, as somebody gave it. Files are still to be read. */
export type Command =
  | { readonly kind: "route"; readonly verb: RouteVerb; readonly route: Route }
  | { readonly kind: "mtu"; readonly interface: string; readonly mtu: number }
  | { readonly kind: "sysctl"; readonly name: string; readonly value: string }
  | { readonly kind: "endConnections"; readonly filter: ConnectionFilter }
  | { readonly kind: "manifests"; readonly verb: "apply" | "delete"; readonly path: string }
  | { readonly kind: "snapshot"; readonly path: string };

export type RouteVerb = "add" | "replace" | "delete";

/** A command with what its file says. */
export type Change =
  | Exclude<Command, { readonly kind: "manifests" } | { readonly kind: "snapshot" }>
  | { readonly kind: "manifests"; readonly verb: "apply" | "delete"; readonly manifests: Manifests }
  | { readonly kind: "snapshot"; readonly network: NodeNetwork; readonly ruleset?: Ruleset };

export interface Timed<T> {
  /** Nanoseconds since 1970. */
  readonly time: bigint;
  readonly place: Place;
  readonly change: T;
}

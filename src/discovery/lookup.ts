/** What a name in the zone stands for, whatever type is asked for (findServices and findPods of CoreDNS's kubernetes plugin). */

import type { ClusterService } from "../cluster/types.ts";
import { canonicalAddress } from "../network/address.ts";
import { type Directory, isHeadless, keyOf, type NamedEndpoint } from "./directory.ts";
import { absolute, isName, undashed } from "./names.ts";

export type Target = AddressTarget | AliasTarget;

export interface AddressTarget {
  readonly kind: "address";
  readonly address: string;
  /** The labels below the zone under which SRV records point to it. */
  readonly name: string;
  /** Absent where no port is declared. */
  readonly port?: number;
}

export interface AliasTarget {
  readonly kind: "alias";
  readonly target: string;
}

/** The part of a name that stands before the Service. */
interface Selection {
  readonly endpoint?: string;
  readonly port?: string;
  readonly protocol?: string;
}

/** undefined: there is no such name. An empty list: the name is there, and has no record of its own. */
export function lookUp(directory: Directory, labels: readonly string[]): readonly Target[] | undefined {
  const [kind, namespace, name, ...rest] = labels.toReversed();
  if (kind === undefined) return [];
  if (kind !== "svc" && kind !== "pod") return undefined;
  if (namespace === undefined) return [];
  if (!directory.namespaces.has(namespace)) return undefined;
  if (name === undefined) return [];
  const selection = selectionOf(rest);
  if (selection === undefined) return undefined;
  const targets =
    kind === "pod" ? podTargets(namespace, name) : serviceTargets(directory, keyOf(namespace, name), selection);
  return targets.length === 0 ? undefined : targets;
}

/** One label is an endpoint's, two are protocol and port; underscores are not insisted on. */
function selectionOf(rest: readonly string[]): Selection | undefined {
  const [first, second, ...more] = rest;
  if (more.length > 0) return undefined;
  if (first === undefined) return {};
  if (second === undefined) return { endpoint: first };
  return { protocol: first.replace(/^_/, ""), port: second.replace(/^_/, "") };
}

/** Any address has a name, whether a pod has it or not: "pods insecure" (specification, section 2.6). */
function podTargets(namespace: string, label: string): AddressTarget[] {
  const address = undashed(label);
  return address === undefined ? [] : [{ kind: "address", address, name: `${label}.${namespace}.pod` }];
}

function serviceTargets(directory: Directory, key: string, selection: Selection): readonly Target[] {
  const service = directory.services.get(key);
  if (service === undefined) return [];
  if (service.type === "ExternalName") return selection.endpoint === undefined ? aliasTargets(service) : [];
  if (isHeadless(service) || selection.endpoint !== undefined) {
    return (directory.endpoints.get(key) ?? []).flatMap((endpoint) => endpointTargets(endpoint, selection));
  }
  return service.ports.filter(isSelected(selection)).flatMap(({ port }) =>
    service.clusterIps.map((address): AddressTarget => {
      return { kind: "address", address, name: nameOf(service), port };
    }),
  );
}

/** An address as ExternalName is no name: such a Service has no record. */
function aliasTargets({ externalName = "" }: ClusterService): AliasTarget[] {
  if (canonicalAddress(externalName) !== undefined || !isName(externalName)) return [];
  return [{ kind: "alias", target: absolute(externalName) }];
}

function endpointTargets({ service, address, hostname, ports }: NamedEndpoint, selection: Selection): AddressTarget[] {
  if (selection.endpoint !== undefined && selection.endpoint !== hostname.toLowerCase()) return [];
  const target = { kind: "address", address, name: `${hostname}.${nameOf(service)}` } as const;
  if (ports.length === 0) return selection.port || selection.protocol ? [] : [target];
  return ports.filter(isSelected(selection)).map(({ port }) => (port === undefined ? target : { ...target, port }));
}

/** An empty port or protocol takes all. */
function isSelected({ port, protocol }: Selection): (of: { name: string; protocol: string }) => boolean {
  return (of) => (!port || of.name.toLowerCase() === port) && (!protocol || of.protocol.toLowerCase() === protocol);
}

function nameOf({ namespace, name }: ClusterService): string {
  return `${name}.${namespace}.svc`;
}

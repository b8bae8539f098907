/** Who talks to Services: pods of the node, somebody outside of the cluster, processes of the node itself. */

import { type AddressRange, addressAt, hostRange } from "../cluster/allocate/address-range.ts";
import type { Cluster, IpFamily } from "../cluster/types.ts";
import { familyOf } from "../network/address.ts";
import type { NodeNetwork } from "../network/types.ts";
import { interfaceTowards } from "./route.ts";
import type { ClientKind, Target } from "./targets.ts";

/** Addresses that are for examples (RFC 5737, RFC 3849), where nothing else is asked for. */
const OUTSIDE: Readonly<Record<IpFamily, string>> = { IPv4: "203.0.113.0/24", IPv6: "2001:db8:ffff::/120" };
const OUTSIDE_COUNT = 16;
/** Of pods that only talk: where the range is large enough, far from those that are given out first. */
const TALKERS_FROM = 200;
const TALKERS_COUNT = 4;

export interface Client {
  readonly address: string;
  /** Where its packets come in; undefined: the node itself sends them. */
  readonly link: string | undefined;
}

export class Clients {
  readonly #pods: readonly Client[];
  readonly #host: readonly Client[];
  readonly #network: NodeNetwork;
  readonly #outside = new Map<string, readonly Client[]>();

  constructor(cluster: Cluster, nodeName: string, network: NodeNetwork) {
    this.#network = network;
    const node = cluster.nodes.find(({ name }) => name === nodeName);
    const isHere = (on: string | undefined) => node === undefined || on === nodeName;
    const known = cluster.pods
      .filter((pod) => !pod.hostNetwork && isHere(pod.node))
      .flatMap(({ addresses }) => addresses);
    const free = (node?.podCidrs ?? []).flatMap((cidr) => talkers(cidr, new Set(known)));
    const families = new Set(known.map(familyOf));
    const pods = [...known, ...free.filter((address) => !families.has(familyOf(address)))];
    this.#pods = this.#reachable(pods);
    this.#host = (node?.addresses ?? []).map((address) => ({ address, link: undefined }));
  }

  /** Those who may talk to the target; a cluster without pods has its Services called from outside. */
  of({ client, family, sourceRanges }: Target): readonly Client[] {
    const found = this.#ofKind(client, family, sourceRanges);
    return found.length === 0 && client === "pod" ? this.#ofKind("outside", family, sourceRanges) : found;
  }

  #ofKind(kind: ClientKind, family: IpFamily, sourceRanges: readonly string[]): readonly Client[] {
    const isOfFamily = ({ address }: Client) => familyOf(address) === family;
    if (kind === "pod") return this.#pods.filter(isOfFamily);
    if (kind === "host") return this.#host.filter(isOfFamily);
    const allowed = sourceRanges.filter((cidr) => familyOf(cidr) === family);
    if (sourceRanges.length > 0 && allowed.length === 0) return [];
    return this.#outsideOf(allowed[0] ?? OUTSIDE[family]);
  }

  #outsideOf(cidr: string): readonly Client[] {
    const known = this.#outside.get(cidr);
    if (known !== undefined) return known;
    const range = cidr.endsWith("/32") || cidr.endsWith("/128") ? [cidr.split("/")[0] ?? ""] : firstOf(hostRange(cidr));
    const clients = this.#reachable(range);
    this.#outside.set(cidr, clients);
    return clients;
  }

  /** Who has no way back to it, the node does not hear from. */
  #reachable(addresses: readonly string[]): Client[] {
    return addresses.flatMap((address) => {
      const link = interfaceTowards(this.#network, address);
      return link === undefined ? [] : [{ address, link }];
    });
  }
}

function talkers(cidr: string, taken: ReadonlySet<string>): string[] {
  const range = hostRange(cidr);
  const from = range.size > TALKERS_FROM + TALKERS_COUNT ? TALKERS_FROM : 1;
  return firstOf(range, from, TALKERS_COUNT).filter((address) => !taken.has(address));
}

function firstOf(range: AddressRange, from = 1, countMax = OUTSIDE_COUNT): string[] {
  const count = Math.max(0, Math.min(countMax, range.size - from));
  return Array.from({ length: count }, (_, index) => addressAt(range, from + index));
}

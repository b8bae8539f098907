/** Adds connections up, per Service port and endpoint. Its memory grows with Services and endpoints, not with traffic. */

import type { ServedConnection } from "../engine/connections.ts";
import { type Attribution, addressAndPort, type ServiceIndex, type ServicePortEntry } from "./services.ts";
import type { EndpointCount, ServiceCount } from "./types.ts";

interface Tally {
  connections: number;
  packets: number;
  bytes: number;
}

export class ServiceAggregate {
  readonly #index: ServiceIndex;
  readonly #services = new Map<ServicePortEntry, Tally>();
  readonly #endpoints = new Map<
    ServicePortEntry,
    Map<string, Tally & { address: string; port: number; node: string }>
  >();

  /** Services without traffic are part of the report: that nothing came is an answer, too. */
  constructor(index: ServiceIndex) {
    this.#index = index;
    for (const entry of index.entries) {
      this.#services.set(entry, tally());
      const known = entry.endpoints.map((endpoint) => ({ ...endpoint, ...tally() }));
      this.#endpoints.set(entry, new Map(known.map((each) => [addressAndPort(each.address, each.port), each])));
    }
  }

  /** Counts a connection once, at its end; returns where it belongs. */
  add(connection: ServedConnection): Attribution | undefined {
    const attribution = this.#index.find(connection);
    if (attribution === undefined) return undefined;
    addTo(this.#services.get(attribution.service), connection);
    if (attribution.endpoint === undefined) return attribution;
    addTo(this.#endpointOf(attribution.service, attribution.endpoint), connection);
    return attribution;
  }

  /** Adds what another aggregate of the same Services has. */
  addServices(services: readonly ServiceCount[]): void {
    for (const [place, entry] of [...this.#services.keys()].entries()) {
      const added = services[place];
      if (added === undefined) throw new Error("the Services of two aggregates differ");
      addTally(this.#services.get(entry), added);
      for (const endpoint of added.endpoints) addTally(this.#endpointOf(entry, endpoint), endpoint);
    }
  }

  /** Endpoints that no object names come last, in the order of their addresses. */
  services(): ServiceCount[] {
    return [...this.#services].map(([entry, counts]) => {
      const { namespace, name, port, protocol } = entry;
      const endpoints: EndpointCount[] = [...(this.#endpoints.get(entry)?.values() ?? [])].map((each) => ({ ...each }));
      const names = new Set(entry.endpoints.map(nameOf));
      const known = endpoints.filter((each) => names.has(nameOf(each)));
      const others = endpoints.filter((each) => !names.has(nameOf(each))).sort(byName);
      return {
        ...{ namespace, name, port, protocol: protocol.toUpperCase() },
        ...counts,
        endpoints: [...known, ...others],
      };
    });
  }

  #endpointOf(entry: ServicePortEntry, { address, port }: { address: string; port: number }): Tally | undefined {
    const endpoints = this.#endpoints.get(entry);
    const name = addressAndPort(address, port);
    if (endpoints !== undefined && !endpoints.has(name)) endpoints.set(name, { address, port, node: "", ...tally() });
    return endpoints?.get(name);
  }
}

function tally(): Tally {
  return { connections: 0, packets: 0, bytes: 0 };
}

function addTo(counts: Tally | undefined, { packets, bytes }: ServedConnection): void {
  addTally(counts, { connections: 1, packets: packets[0] + packets[1], bytes: bytes[0] + bytes[1] });
}

function addTally(counts: Tally | undefined, added: Tally): void {
  if (counts === undefined) return;
  counts.connections += added.connections;
  counts.packets += added.packets;
  counts.bytes += added.bytes;
}

function nameOf({ address, port }: { readonly address: string; readonly port: number }): string {
  return addressAndPort(address, port);
}

function byName(a: EndpointCount, b: EndpointCount): number {
  return nameOf(a) < nameOf(b) ? -1 : 1;
}

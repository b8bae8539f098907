/** Adds connections up, per Service port and endpoint. Its memory grows with Services and endpoints, not with traffic. */

import type { Connection } from "../engine/connections.ts";
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
  add(connection: Connection): Attribution | undefined {
    const attribution = this.#index.find(connection);
    if (attribution === undefined) return undefined;
    addTo(this.#services.get(attribution.service), connection);
    if (attribution.endpoint === undefined) return attribution;
    const { address, port } = attribution.endpoint;
    const endpoints = this.#endpoints.get(attribution.service);
    const name = addressAndPort(address, port);
    if (endpoints !== undefined && !endpoints.has(name)) endpoints.set(name, { address, port, node: "", ...tally() });
    addTo(endpoints?.get(name), connection);
    return attribution;
  }

  services(): ServiceCount[] {
    return [...this.#services].map(([entry, counts]) => {
      const { namespace, name, port, protocol } = entry;
      const endpoints: EndpointCount[] = [...(this.#endpoints.get(entry)?.values() ?? [])].map((each) => ({ ...each }));
      return { namespace, name, port, protocol: protocol.toUpperCase(), ...counts, endpoints };
    });
  }
}

function tally(): Tally {
  return { connections: 0, packets: 0, bytes: 0 };
}

function addTo(counts: Tally | undefined, connection: Connection): void {
  if (counts === undefined) return;
  counts.connections += 1;
  counts.packets += connection.packets[0] + connection.packets[1];
  counts.bytes += connection.bytes[0] + connection.bytes[1];
}

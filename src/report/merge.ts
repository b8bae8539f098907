/** Adds reports: the sum of two shards' reports is the whole's. The order of adding does not matter. */

import type { Count, EndpointCount, Report, ServiceCount } from "./types.ts";

export function mergeReports(a: Report, b: Report): Report {
  const packetsPerSecond = a.throughput.packetsPerSecond + b.throughput.packetsPerSecond;
  return {
    schema: a.schema,
    engine: a.engine,
    capture: {
      files: union(a.capture.files, b.capture.files),
      packets: a.capture.packets + b.capture.packets,
      bytes: a.capture.bytes + b.capture.bytes,
      seconds: Math.max(a.capture.seconds, b.capture.seconds),
    },
    verdicts: addRecords(a.verdicts, b.verdicts),
    drops: addRecords(a.drops, b.drops),
    services: mergeLists(a.services, b.services, serviceKey, addServices),
    connections: addFields(a.connections, b.connections),
    throughput: {
      packetsPerSecond,
      nanosecondsPerPacket: packetsPerSecond === 0 ? 0 : 1e9 / packetsPerSecond,
      bytesPerSecond: a.throughput.bytesPerSecond + b.throughput.bytesPerSecond,
    },
    warnings: union(a.warnings, b.warnings),
  };
}

function serviceKey(service: ServiceCount): string {
  return `${service.namespace}/${service.name} ${service.port}/${service.protocol}`;
}

function endpointKey(endpoint: EndpointCount): string {
  return `${endpoint.address} ${endpoint.port}`;
}

function addServices(a: ServiceCount, b: ServiceCount): ServiceCount {
  return { ...a, ...addCounts(a, b), endpoints: mergeLists(a.endpoints, b.endpoints, endpointKey, addEndpoints) };
}

function addEndpoints(a: EndpointCount, b: EndpointCount): EndpointCount {
  return { ...a, node: a.node === "" ? b.node : a.node, ...addCounts(a, b) };
}

function addCounts(a: Count, b: Count): Count {
  return { connections: a.connections + b.connections, packets: a.packets + b.packets, bytes: a.bytes + b.bytes };
}

/** Items with the same key are added; the result is in the order of the keys. */
function mergeLists<T>(a: readonly T[], b: readonly T[], keyOf: (item: T) => string, add: (a: T, b: T) => T): T[] {
  const merged = new Map<string, T>();
  for (const item of [...a, ...b]) {
    const known = merged.get(keyOf(item));
    merged.set(keyOf(item), known === undefined ? item : add(known, item));
  }
  return [...merged.entries()].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, item]) => item);
}

function addRecords(a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): Record<string, number> {
  const sum: Record<string, number> = { ...a };
  for (const [name, value] of Object.entries(b)) sum[name] = (sum[name] ?? 0) + value;
  return sum;
}

function addFields<T extends { readonly [name in keyof T]: number }>(a: T, b: T): T {
  const names = Object.keys(a) as (keyof T)[];
  return Object.fromEntries(names.map((name) => [name, a[name] + b[name]])) as T;
}

function union(a: readonly string[], b: readonly string[]): string[] {
  return [...new Set([...a, ...b])].sort();
}

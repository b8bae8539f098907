/** Ten thousand Services with ten endpoints each are no reason to wait. The limits are wide: other machines, other load. */

import { describe, expect, it } from "vitest";
import { buildCluster } from "../../src/cluster/build.ts";
import { parseManifests } from "../../src/manifest/parse.ts";

const SERVICES = 10_000;
const ENDPOINTS = 10;
const SECONDS_MAX = 5;

function service(index: number): object {
  const clusterIP = `10.96.${index >> 8}.${index & 255}`;
  const spec = {
    clusterIP,
    selector: { app: `app-${index}` },
    ports: [{ name: "http", port: 80, targetPort: "http" }],
  };
  return { apiVersion: "v1", kind: "Service", metadata: { name: `web-${index}`, namespace: "shop" }, spec };
}

function slice(index: number): object {
  const endpoints = Array.from({ length: ENDPOINTS }, (_, position) => ({
    addresses: [`10.${128 + position}.${index >> 8}.${index & 255}`],
    conditions: { ready: true, serving: true, terminating: false },
    nodeName: `node-${position}`,
  }));
  const labels = { "kubernetes.io/service-name": `web-${index}` };
  const metadata = { name: `web-${index}-1`, namespace: "shop", labels };
  const ports = [{ name: "http", protocol: "TCP", port: 8080 }];
  return { apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice", metadata, addressType: "IPv4", ports, endpoints };
}

function pod(index: number, position: number): object {
  const metadata = {
    name: `web-${index}-${position}`,
    namespace: "shop",
    labels: { app: `app-${index}`, tier: "web" },
  };
  const spec = { containers: [{ name: "web", ports: [{ name: "http", containerPort: 8080 }] }] };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata,
    spec,
    status: { podIP: `10.${128 + position}.${index >> 8}.${index & 255}` },
  };
}

function endpointCount(items: readonly object[]): number {
  const manifests = parseManifests(JSON.stringify({ apiVersion: "v1", kind: "List", items }), "scale.json");
  const { cluster, problems } = buildCluster(manifests);
  expect([...manifests.problems, ...problems]).toEqual([]);
  return cluster.endpointSlices.reduce((sum, { endpoints }) => sum + endpoints.length, 0);
}

describe(`${SERVICES} Services with ${ENDPOINTS} endpoints each`, () => {
  it.each([
    ["slices", (index: number) => [service(index), slice(index)]],
    [
      "pods",
      (index: number) => [service(index), ...Array.from({ length: ENDPOINTS }, (_, position) => pod(index, position))],
    ],
  ])(`are built from %s in less than ${SECONDS_MAX} s`, (_, objects) => {
    const items = Array.from({ length: SERVICES }, (_, index) => objects(index)).flat();
    const start = performance.now();
    expect(endpointCount(items)).toBe(SERVICES * ENDPOINTS);
    expect((performance.now() - start) / 1000).toBeLessThan(SECONDS_MAX);
  });
});

/** Manifests that name no address at all, as tutorials show them, and what a cluster makes of them. */

import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { type BuiltCluster, buildCluster } from "../../src/cluster/build.ts";
import type { ControlPlaneOptions } from "../../src/cluster/options.ts";
import { loadManifestFiles } from "../../src/manifest/files-node.ts";

const SEEDS = fileURLToPath(new URL("../../examples/seeds/", import.meta.url));

async function seeds(names: readonly string[], options: ControlPlaneOptions = {}): Promise<BuiltCluster> {
  const manifests = await loadManifestFiles(names.map((name) => `${SEEDS}${name}.yaml`));
  expect(manifests.problems.filter(({ severity }) => severity === "error")).toEqual([]);
  const built = buildCluster(manifests, options);
  expect(built.problems).toEqual([]);
  return built;
}

/** `10.244.1.2:8080`, for every endpoint and port. */
function endpoints({ cluster }: BuiltCluster): string[] {
  return cluster.endpointSlices.flatMap((slice) =>
    slice.endpoints.flatMap(({ addresses }) => slice.ports.map(({ port }) => `${addresses[0]}:${port}`)),
  );
}

describe("the seeds' manifests", () => {
  it("kimho's named ports are the container's; one that no container has leads nowhere", async () => {
    const built = await seeds(["kimho"]);
    expect(endpoints(built)).toEqual(["10.244.1.2:8080", "10.244.1.2:8443"]);
    expect(built.cluster.services[0]?.ports.map(({ port }) => port)).toEqual([80, 443, 406]);
    expect(built.cluster.services[0]?.type).toBe("ClusterIP");
  });

  it("kimho-nodeport is at port 30123 of every node", async () => {
    const built = await seeds(["kimho-nodeport", "kimho"]);
    expect(built.cluster.services[0]?.ports).toMatchObject([{ port: 80, targetPort: 8080, nodePort: 30123 }]);
    expect(endpoints(built)).toContain("10.244.1.2:8080");
  });

  it("kimho-loadbalancear waits for an address, and gets one where something gives it", async () => {
    const waiting = (await seeds(["kimho-loadbalancer", "kimho"])).cluster.services[0];
    expect(waiting?.loadBalancerIngress).toEqual([]);
    expect(waiting?.ports[0]?.nodePort).toBeGreaterThanOrEqual(30000);
    const pools = { loadBalancerPools: ["192.168.10.240-192.168.10.250"] };
    const given = (await seeds(["kimho-loadbalancer"], pools)).cluster.services[0];
    expect(given?.loadBalancerIngress).toEqual([{ ip: "192.168.10.240", ipMode: "VIP" }]);
  });

  it("service-test's port 80 is port 8080 of both pods", async () => {
    expect(endpoints(await seeds(["service-test"]))).toEqual(["10.244.1.2:8080", "10.244.1.3:8080"]);
  });

  it("web-service finds the three pods of web-deploy by their label, on the port's own number", async () => {
    const built = await seeds(["web-service"]);
    expect(endpoints(built)).toEqual(["10.244.1.2:80", "10.244.1.3:80", "10.244.1.4:80"]);
    expect(built.cluster.pods.every(({ name }) => name.startsWith("web-deploy-"))).toBe(true);
  });

  it("external names have no address and no endpoint", async () => {
    const { cluster } = await seeds(["external-name"]);
    expect(cluster.services.map(({ externalName, clusterIps }) => [externalName, clusterIps])).toEqual([
      ["abc.com", []],
      ["10.132.253.7", []],
    ]);
    expect(cluster.endpointSlices).toEqual([]);
  });

  it("a headless Service has no address, and endpoints with names", async () => {
    const { cluster } = await seeds(["headless"]);
    expect(cluster.services[0]?.clusterIps).toEqual(["None"]);
    expect(cluster.endpointSlices[0]?.endpoints.map(({ hostname }) => hostname)).toEqual(["web-0", "web-1"]);
  });

  it("endpoints by hand lead out of the cluster, and make no node up", async () => {
    const built = await seeds(["endpoints"]);
    expect(endpoints(built)).toEqual(["100.100.100.31:80"]);
    expect(built.cluster.nodes).toEqual([]);
  });
});

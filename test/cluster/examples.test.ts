/** The examples and kube-proxy's golden scenarios load without a problem, and come to what they show. */

import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { buildCluster } from "../../src/cluster/build.ts";
import { loadManifestFiles } from "../../src/manifest/files-node.ts";

const EXAMPLES = fileURLToPath(new URL("../../examples/", import.meta.url));
const GOLDEN = fileURLToPath(new URL("../fixtures/golden/", import.meta.url));

async function clusterAt(path: string) {
  const manifests = await loadManifestFiles([path]);
  const { cluster, problems } = buildCluster(manifests);
  expect([...manifests.problems, ...problems]).toEqual([]);
  return cluster;
}

/** `10.0.0.1:80`, for every endpoint of the Service's slices. */
async function endpointsAt(path: string): Promise<string[]> {
  const { endpointSlices } = await clusterAt(path);
  return endpointSlices.flatMap(({ ports, endpoints }) =>
    endpoints.flatMap(({ addresses }) => ports.map(({ port }) => `${addresses[0]}:${port}`)),
  );
}

describe("examples", () => {
  it("kimho has three ports, and pods on both nodes", async () => {
    const { services, nodes } = await clusterAt(`${EXAMPLES}kimho`);
    expect(services[0]?.ports.map(({ name, port }) => `${name} ${port}`)).toEqual([
      "http 80",
      "https 443",
      "kimho-port 406",
    ]);
    expect(nodes.map(({ addresses }) => addresses[0])).toEqual(["192.168.10.11", "192.168.10.12"]);
    expect(await endpointsAt(`${EXAMPLES}kimho`)).toContain("10.244.2.10:8443");
  });

  it("service-test reaches two pods that only the selector finds", async () => {
    expect(await endpointsAt(`${EXAMPLES}service-test`)).toEqual(["10.0.1.2:8080", "10.0.2.2:8080"]);
  });
});

describe("golden scenarios", () => {
  it.each(readdirSync(GOLDEN))("%s loads without a problem", async (name) => {
    const { services } = await clusterAt(`${GOLDEN}${name}/manifests.yaml`);
    expect(services.length).toBeGreaterThan(0);
  });
});

/** What a node's network is taken to be when only the manifests are known. */

import { describe, expect, test } from "vitest";
import type { Cluster, ClusterNode } from "../../src/cluster/types.ts";
import { deriveNetwork } from "../../src/network/derive.ts";
import { chooseNode } from "../../src/network/node.ts";

function node(name: string, addresses: string[], podCidrs: string[]): ClusterNode {
  return { name, addresses, podCidrs, labels: {} };
}

const CLUSTER: Cluster = {
  nodes: [
    node("node2", ["192.168.10.12", "fd00:10:10::c"], ["10.244.2.0/24", "fd00:10:244:2::/64"]),
    node("node1", ["192.168.10.11", "fd00:10:10::b"], ["10.244.1.0/24", "fd00:10:244:1::/64"]),
  ],
  services: [],
  endpointSlices: [],
  pods: [],
};

describe("a node of the manifests", () => {
  const network = deriveNetwork(CLUSTER, "node1");
  const route = (destination: string) => network.routes.find((each) => each.destination === destination);

  test("has its addresses on eth0 and the first of its pods' on cni0", () => {
    const addresses = network.interfaces.map(({ name, addresses }) => [name, addresses.map(({ address }) => address)]);
    expect(addresses).toEqual([
      ["lo", ["127.0.0.1", "::1"]],
      ["eth0", ["192.168.10.11", "fd00:10:10::b"]],
      ["cni0", ["10.244.1.1", "fd00:10:244:1::1"]],
    ]);
  });

  test("reaches its pods by the bridge and other nodes' pods by those nodes", () => {
    expect(route("10.244.1.0/24")).toMatchObject({ interface: "cni0", source: "10.244.1.1" });
    expect(route("10.244.2.0/24")).toMatchObject({ interface: "eth0", gateway: "192.168.10.12" });
    expect(route("fd00:10:244:2::/64")).toMatchObject({ interface: "eth0", gateway: "fd00:10:10::c" });
    expect(route("0.0.0.0/0")).toMatchObject({ interface: "eth0" });
    expect(route("10.244.1.1/32")).toMatchObject({ type: "local" });
  });

  test("has no link addresses, so that frames keep their headers", () => {
    expect(network).toMatchObject({ kind: "node", linkAddresses: false, neighbours: [] });
  });
});

test("without Node objects packets pass as over a wire", () => {
  expect(deriveNetwork({ ...CLUSTER, nodes: [] }, "node1")).toMatchObject({ kind: "wire", routes: [] });
});

describe("whose point of view", () => {
  test("is the named node's, else the first by name", () => {
    expect(chooseNode(CLUSTER, "node2").node.name).toBe("node2");
    expect(chooseNode(CLUSTER).node.name).toBe("node1");
  });

  test("of a node that does not exist is an error that lists those that do", () => {
    const { problems } = chooseNode(CLUSTER, "node9");
    expect(problems[0]).toMatchObject({ severity: "error", message: 'no Node is named "node9"' });
    expect(problems[0]?.remedy).toContain("node1, node2");
  });

  test("is anybody's when the manifests have no Node", () => {
    expect(chooseNode({ ...CLUSTER, nodes: [] }, "mine")).toMatchObject({ node: { name: "mine" }, problems: [] });
  });
});

/** A node whose manifests change: which connections live on. */

import { expect, test } from "vitest";
import { Node } from "../../src/index.ts";
import { readHeader } from "../../src/replay/header.ts";
import { ip4 } from "../support/packet.ts";
import { clusterOf, clusterService, slice } from "../support/proxy.ts";
import { tcp, udp } from "../support/transport.ts";

const SERVICE = "10.96.0.1";
const CLIENT = "10.244.1.30";
const TIME = 1_768_471_200_000_000_000n;

const NODES = [
  { name: "node1", addresses: ["192.168.10.11"], podCidrs: ["10.244.1.0/24"], labels: {} },
  { name: "node2", addresses: ["192.168.10.12"], podCidrs: ["10.244.2.0/24"], labels: {} },
];

/** Service default/web on TCP and UDP port 80, whose endpoints are these pods of node2. */
function cluster(endpoints: readonly string[]) {
  const ports = (["TCP", "UDP"] as const).map((protocol) => ({ name: protocol, protocol, port: 80, targetPort: 8080 }));
  const slicePorts = ports.map(({ name, protocol }) => ({ name, protocol, port: 8080 }));
  return { ...clusterOf([clusterService({ ports })], [slice(endpoints, { ports: slicePorts })]), nodes: NODES };
}

function packet(protocol: "tcp" | "udp"): Uint8Array {
  const ports = { src: 40000, dst: 80 };
  return ip4({ src: CLIENT, dst: SERVICE }, protocol === "tcp" ? tcp({ ...ports, flags: "S" }) : udp(ports));
}

function endpointOf(node: Node, protocol: "tcp" | "udp", milliseconds: bigint): string | undefined {
  const { packet: translated } = node.process(packet(protocol), { interface: "cni0", time: TIME + milliseconds });
  return readHeader(translated)?.dst;
}

test("a UDP client whose endpoint goes away is sent to another one", async () => {
  const node = await Node.create({ manifests: cluster(["10.244.2.5"]), node: "node1" });
  expect(endpointOf(node, "udp", 0n)).toBe("10.244.2.5");
  node.update({ manifests: cluster(["10.244.2.6"]) });
  expect(node.connections()).toEqual([]);
  expect(endpointOf(node, "udp", 1n)).toBe("10.244.2.6");
});

test("a UDP client stays with its endpoint when others come", async () => {
  const node = await Node.create({ manifests: cluster(["10.244.2.5"]), node: "node1" });
  endpointOf(node, "udp", 0n);
  node.update({ manifests: cluster(["10.244.2.5", "10.244.2.6", "10.244.2.7"]) });
  expect(endpointOf(node, "udp", 1n)).toBe("10.244.2.5");
});

test("a UDP client keeps its connection when there is no endpoint left", async () => {
  const node = await Node.create({ manifests: cluster(["10.244.2.5"]), node: "node1" });
  endpointOf(node, "udp", 0n);
  node.update({ manifests: cluster([]) });
  expect(node.connections()).toHaveLength(1);
});

test("a TCP client stays with its endpoint even when that goes away", async () => {
  const node = await Node.create({ manifests: cluster(["10.244.2.5"]), node: "node1" });
  expect(endpointOf(node, "tcp", 0n)).toBe("10.244.2.5");
  node.update({ manifests: cluster(["10.244.2.6"]) });
  expect(endpointOf(node, "tcp", 1n)).toBe("10.244.2.5");
});

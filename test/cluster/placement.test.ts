/** Pods from workloads, where they run, and under which addresses. */

import { describe, expect, it } from "vitest";
import type { V1Pod } from "../../src/manifest/kubernetes.ts";
import { built, node, pod, service, workload } from "./support.ts";

const SERVICE = service("web", "{selector: {app: web}, ports: [{port: 80, targetPort: http}]}");
const NODES = [node("node1", "{podCIDR: 10.1.1.0/24}"), node("node2", "{podCIDR: 10.1.2.0/24}")];

function podsOf(documents: readonly string[], seed = 1): V1Pod[] {
  return built(documents, { seed }).objects.pods.map(({ object }) => object);
}

/** `web-0 node1 10.1.1.2`, for every pod. */
function shown(documents: readonly string[]): string[] {
  return podsOf(documents).map(({ metadata, spec, status }) =>
    [metadata?.name, spec?.nodeName ?? "-", ...(status?.podIPs ?? []).map(({ ip }) => ip)].join(" "),
  );
}

describe("workloads", () => {
  it("a Deployment has a ReplicaSet's pods, named by the seed", () => {
    const documents = [workload("Deployment", "web", "replicas: 3, ")];
    const names = podsOf(documents).map(({ metadata }) => metadata?.name ?? "");
    expect(new Set(names).size).toBe(3);
    for (const name of names)
      expect(name).toMatch(/^web-[bcdfghjklmnpqrstvwxz2456789]{1,10}-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    expect(podsOf(documents).map(({ metadata }) => metadata?.name)).toEqual(names);
    expect(podsOf(documents, 2).map(({ metadata }) => metadata?.name)).not.toEqual(names);
    const [first] = podsOf(documents);
    expect(first?.metadata?.labels).toMatchObject({ app: "web", "pod-template-hash": expect.any(String) });
    expect(first?.metadata?.ownerReferences).toMatchObject([{ kind: "ReplicaSet", controller: true }]);
  });

  it("a StatefulSet numbers its pods, from where it says", () => {
    const set = (fields: string) => podsOf([workload("StatefulSet", "db", `serviceName: db, ${fields}`)]);
    expect(set("replicas: 2, ").map(({ spec }) => `${spec?.hostname}.${spec?.subdomain}`)).toEqual([
      "db-0.db",
      "db-1.db",
    ]);
    expect(set("ordinals: {start: 5}, ").map(({ metadata }) => metadata?.name)).toEqual(["db-5"]);
  });

  it("a DaemonSet has a pod on every node that its template tolerates", () => {
    const tainted = node("node3", "{taints: [{key: node-role.kubernetes.io/control-plane, effect: NoSchedule}]}");
    const cordoned = node("node4", "{unschedulable: true}");
    const documents = [...NODES, tainted, cordoned, workload("DaemonSet", "agent", "")];
    expect(podsOf(documents).map(({ spec }) => spec?.nodeName)).toEqual(["node1", "node2", "node4"]);
  });

  it("count the pods that the manifests have", () => {
    const owner = (kind: string, name: string) =>
      `ownerReferences: [{apiVersion: apps/v1, kind: ${kind}, name: ${name}, uid: u, controller: true}]`;
    const owned = (kind: string, name: string, hash: string) =>
      pod("mine", "{}", "status: {podIP: 10.9.9.9, phase: Running}").replace(
        "{app: web}}",
        `{app: web, pod-template-hash: ${hash}}, ${owner(kind, name)}}`,
      );
    const count = (...documents: string[]) => podsOf(documents).length;
    expect(count(workload("Deployment", "web", "replicas: 2, "), owned("ReplicaSet", "web-abc", "abc"))).toBe(2);
    expect(count(workload("ReplicaSet", "web", "replicas: 2, "), owned("ReplicaSet", "web", "x"))).toBe(2);
    expect(count(workload("ReplicaSet", "web", "replicas: 2, "), pod("orphan"))).toBe(2);
    expect(count(workload("Deployment", "web", "replicas: 2, "), pod("other"))).toBe(3);
    expect(count(workload("StatefulSet", "mi", "replicas: 2, "), pod("mi-1"))).toBe(2);
    expect(count(workload("Deployment", "web", "replicas: 0, "))).toBe(0);
  });

  it("leave a Deployment's pods to its ReplicaSets where those are given", () => {
    const replicaSet = workload("ReplicaSet", "web-abc", "replicas: 1, ").replace(
      "{name: web-abc}",
      "{name: web-abc, ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: web, uid: u, controller: true}]}",
    );
    expect(podsOf([workload("Deployment", "web", "replicas: 3, "), replicaSet])).toHaveLength(1);
  });
});

describe("placement", () => {
  it("spreads a workload's pods over the nodes", () => {
    const placed = podsOf([...NODES, workload("Deployment", "web", "replicas: 4, ")]).map(({ spec }) => spec?.nodeName);
    expect(placed).toEqual(["node1", "node2", "node1", "node2"]);
  });

  it("honours names, selectors and tolerations", () => {
    const fast = node(
      "node3",
      "{podCIDR: 10.1.3.0/24, taints: [{key: fast, value: 'yes', effect: NoSchedule}]}",
      "{disk: ssd}",
    );
    const spec = (fields: string) => `{${fields}, containers: [{name: c, image: x}]}`;
    expect(
      shown([
        ...NODES,
        fast,
        pod("a", spec("nodeName: node2")),
        pod("b", spec("nodeSelector: {disk: ssd}, tolerations: [{key: fast, operator: Equal, value: 'yes'}]")),
      ]),
    ).toEqual(["a node2 10.1.2.2", "b node3 10.1.3.2"]);
  });

  it("tells once for a workload why no node takes its pods", () => {
    const { problems, objects, cluster } = built([
      ...NODES,
      SERVICE,
      workload("Deployment", "web", "replicas: 2, ", "nodeSelector: {disk: ssd}, "),
    ]);
    expect(problems).toMatchObject([
      { severity: "warning", message: "0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector." },
    ]);
    expect(objects.pods.map(({ object }) => object.status?.phase)).toEqual(["Pending", "Pending"]);
    expect(cluster.endpointSlices).toEqual([]);
  });

  it("fills a node with as many pods as its kubelet takes", () => {
    const small = `${node("node1", "{podCIDR: 10.1.1.0/24}")}`.replace(
      "status: {",
      "status: {allocatable: {pods: '1'}, ",
    );
    const { problems } = built([small, workload("Deployment", "web", "replicas: 2, ")]);
    expect(problems[0]?.message).toBe("0/1 nodes are available: 1 Too many pods.");
  });
});

describe("addresses of pods", () => {
  it("are of each of the node's ranges, in turn, without those that are given", () => {
    const dual = node("node1", "{podCIDRs: [10.1.1.0/24, 'fd00:1::/64']}");
    const given = pod("given", "{nodeName: node1, containers: [{name: c, image: x}]}", "status: {podIP: 10.1.1.3}");
    expect(shown([dual, pod("a"), given, pod("b")])).toEqual([
      "a node1 10.1.1.2 fd00:1::2",
      "given node1",
      "b node1 10.1.1.4 fd00:1::3",
    ]);
  });

  it("are the node's own on the host network", () => {
    expect(shown([...NODES, pod("a", "{hostNetwork: true, containers: [{name: c, image: x}]}")])).toEqual([
      "a node1 192.168.0.1",
    ]);
  });

  it("come from ranges that are made for nodes without any, beside those that are taken", () => {
    const taken = node("node2", "{podCIDR: 10.244.0.0/23}");
    const { cluster } = built([node("node1"), taken, pod("a"), pod("b")]);
    expect(cluster.nodes.map(({ podCidrs }) => podCidrs)).toEqual([
      ["10.244.2.0/24", "fd00:10:244:2::/64"],
      ["10.244.0.0/23"],
    ]);
  });

  it("are not made up for pods that a cluster has seen waiting or ending", () => {
    for (const phase of ["Pending", "Succeeded", "Failed"])
      expect(shown([...NODES, pod("a", "{}", `status: {phase: ${phase}}`)])).toEqual(["a -"]);
  });
});

describe("nodes", () => {
  it("are made up for pods that need one: node1, or those that the pods name", () => {
    const named = pod("a", "{nodeName: worker, containers: [{name: c, image: x}]}");
    expect(built([pod("a")]).cluster.nodes).toMatchObject([
      {
        name: "node1",
        addresses: ["192.168.10.11", "fd00:192:168:10::b"],
        podCidrs: ["10.244.1.0/24", "fd00:10:244:1::/64"],
      },
    ]);
    expect(built([named]).cluster.nodes.map(({ name }) => name)).toEqual(["worker"]);
  });

  it("are not made up where no pod needs one", () => {
    expect(built([SERVICE]).cluster.nodes).toEqual([]);
    expect(built([SERVICE, pod("a", "{}", "status: {podIP: 10.0.0.1}")]).cluster.nodes).toEqual([]);
  });
});

describe("slices of a workload's pods", () => {
  it("hold a hundred endpoints at most", () => {
    const nodes = [1, 2].map((number) => node(`node${number}`, `{podCIDR: 10.1.${number}.0/24}`));
    const { cluster } = built([...nodes, SERVICE, workload("Deployment", "web", "replicas: 150, ")]);
    expect(cluster.endpointSlices.map(({ endpoints }) => endpoints.length)).toEqual([100, 50]);
    expect(new Set(cluster.endpointSlices.map(({ name }) => name)).size).toBe(2);
  });

  it("are labelled as the controller labels them", () => {
    const headless = service("web", "{clusterIP: None, selector: {app: web}, ports: [{port: 80}]}");
    expect(built([headless, pod("a")]).objects.endpointSlices[0]?.metadata?.labels).toEqual({
      "kubernetes.io/service-name": "web",
      "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
      "service.kubernetes.io/headless": "",
    });
  });

  it("come from pods rather than from an Endpoints object beside them", () => {
    const endpoints =
      "apiVersion: v1\nkind: Endpoints\nmetadata: {name: web}\nsubsets: [{addresses: [{ip: 100.100.100.31}], ports: [{port: 80}]}]";
    const addresses = (...documents: string[]) =>
      built(documents).cluster.endpointSlices.flatMap((slice) =>
        slice.endpoints.flatMap((endpoint) => endpoint.addresses),
      );
    expect(addresses(SERVICE, endpoints, workload("Deployment", "web", ""))).toEqual(["10.244.1.2"]);
    expect(addresses(SERVICE, endpoints)).toEqual(["100.100.100.31"]);
  });
});

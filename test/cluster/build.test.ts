/** What the control plane would make of manifests: defaults, canonical addresses, endpoints. */

import { describe, expect, it } from "vitest";
import { buildCluster } from "../../src/cluster/build.ts";
import type { Cluster } from "../../src/cluster/types.ts";
import { parseManifests } from "../../src/manifest/parse.ts";

function built(...documents: readonly string[]) {
  const manifests = parseManifests(documents.join("\n---\n"), "test.yaml");
  expect(manifests.problems).toEqual([]);
  return buildCluster(manifests);
}

function clusterOf(...documents: readonly string[]): Cluster {
  return built(...documents).cluster;
}

function service(spec: string, status = "{}"): string {
  return `apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: ${spec}\nstatus: ${status}`;
}

function slice(fields: string): string {
  return `apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: web-1, labels: {kubernetes.io/service-name: web}}\n${fields}`;
}

function pod(name: string, spec: string, status: string, metadata = ""): string {
  return `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, labels: {app: web}${metadata}}\nspec: ${spec}\nstatus: ${status}`;
}

const NODE = `apiVersion: v1
kind: Node
metadata: {name: node1, labels: {topology.kubernetes.io/zone: zone-a}}
spec: {podCIDR: 10.244.1.7/24}
status:
  addresses:
  - {type: ExternalIP, address: 203.0.113.7}
  - {type: Hostname, address: node1}
  - {type: InternalIP, address: 192.168.0.1}
  - {type: InternalIP, address: FD00::0:1}`;

describe("a Service", () => {
  it("gets the API server's defaults", () => {
    expect(clusterOf(service("{clusterIP: 10.96.0.1, ports: [{port: 80}]}")).services).toEqual([
      {
        namespace: "default",
        name: "web",
        type: "ClusterIP",
        clusterIps: ["10.96.0.1"],
        externalIps: [],
        loadBalancerIngress: [],
        loadBalancerSourceRanges: [],
        ports: [{ name: "", protocol: "TCP", port: 80, targetPort: 80 }],
        externalTrafficPolicy: "Cluster",
        internalTrafficPolicy: "Cluster",
        publishNotReadyAddresses: false,
        labels: {},
        annotations: {},
        selector: {},
      },
    ]);
  });

  it("keeps what is given, addresses in canonical form", () => {
    const spec = `{type: LoadBalancer, clusterIP: 10.96.0.1, clusterIPs: [10.96.0.1, 'FD00::0:1'], ipFamilyPolicy: PreferDualStack, externalIPs: ['2001:DB8::1'], ports: [{port: 80, targetPort: http, nodePort: 30080, protocol: UDP}],
      sessionAffinity: ClientIP, externalTrafficPolicy: Local, healthCheckNodePort: 31000, loadBalancerSourceRanges: [' 10.1.2.3/8 '], trafficDistribution: PreferSameZone}`;
    expect(
      clusterOf(
        service(
          spec,
          "{loadBalancer: {ingress: [{ip: 198.51.100.1}, {ip: 198.51.100.2, ipMode: Proxy}, {hostname: x}]}}",
        ),
      ).services[0],
    ).toMatchObject({
      clusterIps: ["10.96.0.1", "fd00::1"],
      externalIps: ["2001:db8::1"],
      loadBalancerIngress: [
        { ip: "198.51.100.1", ipMode: "VIP" },
        { ip: "198.51.100.2", ipMode: "Proxy" },
      ],
      loadBalancerSourceRanges: ["10.0.0.0/8"],
      ports: [{ protocol: "UDP", targetPort: "http", nodePort: 30080 }],
      affinityTimeoutSeconds: 10800,
      externalTrafficPolicy: "Local",
      healthCheckNodePort: 31000,
      trafficDistribution: "PreferSameZone",
    });
  });

  it("has its own affinity timeout", () => {
    const spec =
      "{clusterIP: 10.96.0.1, ports: [{port: 80}], sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {timeoutSeconds: 60}}}";
    expect(clusterOf(service(spec)).services[0]?.affinityTimeoutSeconds).toBe(60);
  });

  it("is headless, or a name outside the cluster", () => {
    expect(clusterOf(service("{clusterIP: None}")).services[0]?.clusterIps).toEqual(["None"]);
    expect(
      clusterOf(service("{type: ExternalName, externalName: a.b, clusterIP: ''}")).services[0]?.clusterIps,
    ).toEqual([]);
  });
});

describe("a Node", () => {
  it("has its InternalIPs first, its zone and its pod ranges", () => {
    expect(clusterOf(NODE).nodes).toMatchObject([
      {
        name: "node1",
        addresses: ["192.168.0.1", "fd00::1", "203.0.113.7"],
        podCidrs: ["10.244.1.0/24"],
        zone: "zone-a",
      },
    ]);
  });

  it("is told when its address is none", () => {
    const { cluster, problems } = built(NODE.replace("203.0.113.7", "nowhere"));
    expect(cluster.nodes[0]?.addresses).toEqual(["192.168.0.1", "fd00::1"]);
    expect(problems).toMatchObject([{ severity: "error", path: "status.addresses[0].address", place: { line: 7 } }]);
  });
});

describe("an EndpointSlice", () => {
  it("gets the API's defaults", () => {
    const [found] = clusterOf(
      slice("addressType: IPv4\nports: [{port: 8080}, {name: any}]\nendpoints: [{addresses: [10.0.0.1]}]"),
    ).endpointSlices;
    expect(found).toEqual({
      namespace: "default",
      name: "web-1",
      service: "web",
      family: "IPv4",
      ports: [
        { name: "", protocol: "TCP", port: 8080 },
        { name: "any", protocol: "TCP" },
      ],
      endpoints: [{ addresses: ["10.0.0.1"], ready: true, serving: true, terminating: false }],
    });
  });

  it("keeps conditions, topology and hints", () => {
    const endpoint = `{addresses: ['FD00::0:1'], conditions: {ready: false, serving: true, terminating: true}, nodeName: node1, zone: zone-a,
      hints: {forZones: [{name: zone-b}], forNodes: [{name: node2}]}, targetRef: {kind: Pod, name: web-x}}`;
    expect(clusterOf(slice(`addressType: IPv6\nendpoints: [${endpoint}]`)).endpointSlices[0]?.endpoints).toEqual([
      {
        addresses: ["fd00::1"],
        ready: false,
        serving: true,
        terminating: true,
        node: "node1",
        zone: "zone-a",
        zoneHints: ["zone-b"],
        nodeHints: ["node2"],
        pod: "web-x",
      },
    ]);
  });

  it("of names, or of no Service, is not kube-proxy's", () => {
    expect(clusterOf(slice("addressType: FQDN\nendpoints: [{addresses: [a.example]}]")).endpointSlices).toEqual([]);
    expect(
      clusterOf("apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: x}\naddressType: IPv4")
        .endpointSlices,
    ).toEqual([]);
  });
});

describe("an Endpoints object", () => {
  const WEB = service("{clusterIP: 10.96.0.1, ports: [{port: 80}]}");
  const ENDPOINTS = `apiVersion: v1
kind: Endpoints
metadata: {name: web}
subsets:
- addresses: [{ip: 10.0.0.1, nodeName: node1}, {ip: 'fd00::1'}]
  notReadyAddresses: [{ip: 10.0.0.2}]
  ports: [{port: 8080}]
- addresses: [{ip: 10.0.0.3}]
  ports: [{port: 9090}]`;

  it("becomes a slice per family and set of ports", () => {
    const slices = clusterOf(WEB, ENDPOINTS).endpointSlices;
    expect(
      slices.map(({ family, ports, endpoints }) => [
        family,
        ports[0]?.port,
        ...endpoints.map((e) => `${e.addresses[0]} ${e.ready}`),
      ]),
    ).toEqual([
      ["IPv4", 8080, "10.0.0.1 true", "10.0.0.2 false"],
      ["IPv6", 8080, "fd00::1 true"],
      ["IPv4", 9090, "10.0.0.3 true"],
    ]);
    expect(slices[0]?.endpoints[0]?.node).toBe("node1");
  });

  it("counts for nothing beside a slice, without a Service, or with skip-mirror", () => {
    const own = slice("addressType: IPv4\nendpoints: [{addresses: [10.0.0.9]}]");
    expect(clusterOf(WEB, ENDPOINTS, own).endpointSlices.map(({ name }) => name)).toEqual(["web-1"]);
    expect(clusterOf(ENDPOINTS).endpointSlices).toEqual([]);
    const skipped = ENDPOINTS.replace(
      "{name: web}",
      '{name: web, labels: {endpointslice.kubernetes.io/skip-mirror: "true"}}',
    );
    expect(clusterOf(WEB, skipped).endpointSlices).toEqual([]);
  });
});

describe("endpoints from pods", () => {
  const WEB = service(
    "{clusterIP: 10.96.0.1, selector: {app: web}, ports: [{name: http, port: 80, targetPort: http}, {name: raw, port: 81, targetPort: 9000}]}",
  );
  const CONTAINERS = "containers: [{name: c, ports: [{name: http, containerPort: 8080}]}]";
  const READY = "conditions: [{type: Ready, status: 'True'}]";

  it("take a named port's number from the pod, and node and zone with it", () => {
    const [found, ...more] = clusterOf(
      WEB,
      NODE,
      pod("a", `{nodeName: node1, ${CONTAINERS}}`, `{podIP: 10.244.1.2, ${READY}}`),
    ).endpointSlices;
    expect(more).toEqual([]);
    expect(found).toMatchObject({
      service: "web",
      family: "IPv4",
      ports: [
        { name: "http", protocol: "TCP", port: 8080 },
        { name: "raw", protocol: "TCP", port: 9000 },
      ],
      endpoints: [{ addresses: ["10.244.1.2"], ready: true, serving: true, node: "node1", zone: "zone-a", pod: "a" }],
    });
  });

  it.each([
    ["a ready pod serves", `{podIP: 10.0.0.1, ${READY}}`, "", "true true false"],
    ["a pod without any condition is meant to run", "{podIP: 10.0.0.1}", "", "true true false"],
    [
      "a pod that is not ready does not serve",
      "{podIP: 10.0.0.1, conditions: [{type: Ready, status: 'False'}]}",
      "",
      "false false false",
    ],
    [
      "a pod that ends still serves",
      `{podIP: 10.0.0.1, ${READY}}`,
      ", deletionTimestamp: '2026-01-15T10:00:00Z'",
      "false true true",
    ],
  ])("%s", (_, status, metadata, expected) => {
    const [endpoint] = clusterOf(WEB, pod("a", `{${CONTAINERS}}`, status, metadata)).endpointSlices[0]?.endpoints ?? [];
    expect(`${endpoint?.ready} ${endpoint?.serving} ${endpoint?.terminating}`).toBe(expected);
  });

  it("leave out pods that have ended, have no address, or are not selected", () => {
    const ended = pod("a", `{${CONTAINERS}}`, "{podIP: 10.0.0.1, phase: Succeeded}");
    const waiting = pod("b", `{${CONTAINERS}}`, "{phase: Pending}");
    const other = pod("c", `{${CONTAINERS}}`, "{podIP: 10.0.0.2}").replace("app: web", "app: api");
    const elsewhere = pod("d", `{${CONTAINERS}}`, "{podIP: 10.0.0.3}", ", namespace: shop");
    expect(clusterOf(WEB, ended, waiting, other, elsewhere).endpointSlices).toEqual([]);
  });

  it("group pods by what their named ports come to, and leave out a port that no container has", () => {
    const other = pod(
      "b",
      "{containers: [{name: c, ports: [{name: http, containerPort: 8888}]}]}",
      "{podIP: 10.0.0.2}",
    );
    const none = pod("c", "{containers: [{name: c}]}", "{podIP: 10.0.0.3}");
    const slices = clusterOf(WEB, pod("a", `{${CONTAINERS}}`, "{podIP: 10.0.0.1}"), other, none).endpointSlices;
    expect(slices.map(({ ports }) => ports.map(({ port }) => port))).toEqual([[8080, 9000], [8888, 9000], [9000]]);
  });

  it("look for named ports in sidecars too, and only in those", () => {
    const init = (restart: string) =>
      `{containers: [{name: c}], initContainers: [{name: s, ${restart}ports: [{name: http, containerPort: 8081}]}]}`;
    const portsWith = (restart: string) =>
      clusterOf(WEB, pod("a", init(restart), "{podIP: 10.0.0.1}")).endpointSlices[0]?.ports.length;
    expect(portsWith("restartPolicy: Always, ")).toBe(2);
    expect(portsWith("")).toBe(1);
  });

  it("are of the Service's families", () => {
    const dual = pod("a", `{${CONTAINERS}}`, "{podIPs: [{ip: 10.0.0.1}, {ip: 'fd00::1'}]}");
    const families = (spec: string) => clusterOf(service(spec), dual).endpointSlices.map(({ family }) => family);
    expect(families("{clusterIP: 'fd00:96::1', ports: [{port: 80}], selector: {app: web}}")).toEqual(["IPv6"]);
    expect(families("{clusterIP: None, selector: {app: web}, ports: [{port: 80}]}")).toEqual(["IPv4"]);
    expect(
      families("{clusterIP: None, ipFamilyPolicy: PreferDualStack, selector: {app: web}, ports: [{port: 80}]}"),
    ).toEqual(["IPv4", "IPv6"]);
  });

  it("carry the hints of trafficDistribution", () => {
    const hints = (distribution: string) => {
      const spec = `{clusterIP: 10.96.0.1, ports: [{port: 80}], selector: {app: web}, trafficDistribution: ${distribution}}`;
      const [endpoint] =
        clusterOf(service(spec), NODE, pod("a", "{nodeName: node1}", "{podIP: 10.0.0.1}")).endpointSlices[0]
          ?.endpoints ?? [];
      return [endpoint?.zoneHints, endpoint?.nodeHints];
    };
    expect(hints("PreferSameZone")).toEqual([["zone-a"], undefined]);
    expect(hints("PreferClose")).toEqual([["zone-a"], undefined]);
    expect(hints("PreferSameNode")).toEqual([["zone-a"], ["node1"]]);
    expect(hints("''")).toEqual([undefined, undefined]);
  });
});

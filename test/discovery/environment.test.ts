/** The kubelet's variables: envvars_test.go's case, and which Services a pod is told of. */

import { describe, expect, it } from "vitest";
import type { ClusterPod } from "../../src/cluster/types.ts";
import { serviceEnvironment } from "../../src/discovery/environment.ts";
import { clusterOf, service } from "./cluster.ts";

function environmentOf(documents: readonly string[], pod: Partial<ClusterPod> = {}) {
  const { services } = clusterOf(...documents);
  const whole = { namespace: "default", name: "client", addresses: [], hostNetwork: false, labels: {}, ...pod };
  const { variables, ambiguous } = serviceEnvironment(services, whole);
  return { lines: variables.map(({ name, value }) => `${name}=${value}`), ambiguous };
}

function hosts(documents: readonly string[], pod: Partial<ClusterPod> = {}): readonly string[] {
  return environmentOf(documents, pod).lines.filter((line) => line.includes("_SERVICE_HOST="));
}

const KUBERNETES = service("kubernetes", "{clusterIP: 10.96.0.1, ports: [{name: https, port: 443}]}");
const WEB = service("web", "{clusterIP: 10.96.0.2, ports: [{port: 80}]}");
const OTHER = service("other", "{clusterIP: 10.96.0.3, ports: [{port: 80}]}", "elsewhere");

describe("variables of a Service", () => {
  it("are those of the kubelet's own test", () => {
    const { lines } = environmentOf([
      service("foo-bar", "{clusterIP: 1.2.3.4, ports: [{port: 8080}]}"),
      service(
        "abc-123",
        "{clusterIP: 5.6.7.8, ports: [{name: u-d-p, port: 8081, protocol: UDP}, {name: t-c-p, port: 8081}]}",
      ),
      service("none", "{clusterIP: None, ports: [{port: 8082}]}"),
    ]);
    expect(lines).toEqual([
      "ABC_123_SERVICE_HOST=5.6.7.8",
      "ABC_123_SERVICE_PORT=8081",
      "ABC_123_SERVICE_PORT_U_D_P=8081",
      "ABC_123_SERVICE_PORT_T_C_P=8081",
      "ABC_123_PORT=udp://5.6.7.8:8081",
      "ABC_123_PORT_8081_UDP=udp://5.6.7.8:8081",
      "ABC_123_PORT_8081_UDP_PROTO=udp",
      "ABC_123_PORT_8081_UDP_PORT=8081",
      "ABC_123_PORT_8081_UDP_ADDR=5.6.7.8",
      "ABC_123_PORT_8081_TCP=tcp://5.6.7.8:8081",
      "ABC_123_PORT_8081_TCP_PROTO=tcp",
      "ABC_123_PORT_8081_TCP_PORT=8081",
      "ABC_123_PORT_8081_TCP_ADDR=5.6.7.8",
      "FOO_BAR_SERVICE_HOST=1.2.3.4",
      "FOO_BAR_SERVICE_PORT=8080",
      "FOO_BAR_PORT=tcp://1.2.3.4:8080",
      "FOO_BAR_PORT_8080_TCP=tcp://1.2.3.4:8080",
      "FOO_BAR_PORT_8080_TCP_PROTO=tcp",
      "FOO_BAR_PORT_8080_TCP_PORT=8080",
      "FOO_BAR_PORT_8080_TCP_ADDR=1.2.3.4",
    ]);
  });

  it("have IPv6 addresses in brackets where a port follows", () => {
    const { lines } = environmentOf([service("six", '{clusterIP: "fd00::1", ports: [{port: 80}]}')]);
    expect(lines).toContain("SIX_SERVICE_HOST=fd00::1");
    expect(lines).toContain("SIX_PORT=tcp://[fd00::1]:80");
  });

  it("may start with a digit, as Services may be called since Kubernetes 1.36: the kubelet changes hyphens only", () => {
    const { lines } = environmentOf([
      service("3scale", "{clusterIP: 10.96.0.7, ports: [{name: 2-go, port: 80}, {name: api, port: 81}]}"),
    ]);
    expect(lines.slice(0, 3)).toEqual([
      "3SCALE_SERVICE_HOST=10.96.0.7",
      "3SCALE_SERVICE_PORT=80",
      "3SCALE_SERVICE_PORT_2_GO=80",
    ]);
  });

  it("that two Services give different values are named", () => {
    const { ambiguous } = environmentOf([
      service("foo", "{clusterIP: 10.96.0.5, ports: [{port: 80}]}"),
      service("foo-service", "{clusterIP: 10.96.0.6, ports: [{port: 81}]}"),
    ]);
    expect(ambiguous).toEqual(["FOO_SERVICE_PORT"]);
  });
});

describe("a pod is told of", () => {
  it("the Services of its namespace, and of the API server", () => {
    const all = [KUBERNETES, WEB, OTHER];
    expect(hosts(all)).toEqual(["KUBERNETES_SERVICE_HOST=10.96.0.1", "WEB_SERVICE_HOST=10.96.0.2"]);
    expect(hosts(all, { namespace: "elsewhere" })).toEqual([
      "KUBERNETES_SERVICE_HOST=10.96.0.1",
      "OTHER_SERVICE_HOST=10.96.0.3",
    ]);
  });

  it("the API server alone without service links", () => {
    expect(hosts([KUBERNETES, WEB], { enableServiceLinks: false })).toEqual(["KUBERNETES_SERVICE_HOST=10.96.0.1"]);
  });

  it("its namespace's own kubernetes Service instead of the API server", () => {
    const own = service("kubernetes", "{clusterIP: 10.96.0.9, ports: [{port: 1}]}", "elsewhere");
    for (const order of [
      [KUBERNETES, own],
      [own, KUBERNETES],
    ]) {
      expect(hosts(order, { namespace: "elsewhere" })).toEqual(["KUBERNETES_SERVICE_HOST=10.96.0.9"]);
    }
  });
});

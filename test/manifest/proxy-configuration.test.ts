/** What a KubeProxyConfiguration comes to. */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readProxyConfiguration } from "../../src/manifest/proxy-configuration.ts";

function read(...lines: readonly string[]) {
  const head = ["apiVersion: kubeproxy.config.k8s.io/v1alpha1", "kind: KubeProxyConfiguration"];
  return readProxyConfiguration([...head, ...lines, ""].join("\n"), "proxy.yaml");
}

describe("readProxyConfiguration", () => {
  it("means nftables when there is no configuration", () => {
    expect(readProxyConfiguration("", "")).toEqual({
      configuration: {
        mode: "nftables",
        detectLocalMode: "ClusterCIDR",
        clusterCidrs: [],
        nodePortAddresses: [],
        masqueradeAll: false,
        masqueradeBit: 14,
        localhostNodePorts: true,
        conntrackTcpLiberal: false,
      },
      problems: [],
    });
  });

  it("means iptables when a configuration names no mode, as kube-proxy does", () => {
    expect(read("mode: ''").configuration.mode).toBe("iptables");
    expect(read().configuration.mode).toBe("iptables");
  });

  it("reads what kube-proxy itself was given", () => {
    const file = new URL("../fixtures/golden/35-dualstack/kube-proxy-config.nftables.json", import.meta.url);
    expect(readProxyConfiguration(readFileSync(file, "utf8"), "config.json")).toMatchObject({
      configuration: { mode: "nftables", clusterCidrs: ["10.244.0.0/16", "fd00:10:244::/48"], masqueradeBit: 14 },
      hostnameOverride: "node1",
      problems: [],
    });
  });

  it("reads whether kube-proxy makes connection tracking liberal", () => {
    const { configuration, problems } = read("conntrack: {tcpBeLiberal: true, maxPerCore: 0}");
    expect(configuration.conntrackTcpLiberal).toBe(true);
    expect(problems).toEqual([]);
  });

  it("takes masquerading from the section of its mode", () => {
    const sections = ["iptables: {masqueradeAll: true, masqueradeBit: 3}", "nftables: {masqueradeBit: 0}"];
    expect(read("mode: nftables", ...sections).configuration).toMatchObject({ masqueradeAll: false, masqueradeBit: 0 });
    expect(read("mode: iptables", ...sections).configuration).toMatchObject({ masqueradeAll: true, masqueradeBit: 3 });
  });

  it("reads local detection, node port addresses and the node's own address", () => {
    const { configuration, bindAddress } = read(
      "detectLocalMode: BridgeInterface",
      "detectLocal: {bridgeInterface: cni0}",
      "nodePortAddresses: [192.168.0.5/16]",
      "bindAddress: FD00::0:1",
    );
    expect(configuration).toMatchObject({
      detectLocalMode: "BridgeInterface",
      bridgeInterface: "cni0",
      nodePortAddresses: ["192.168.0.0/16"],
    });
    expect(bindAddress).toBe("fd00::1");
    expect(read("nodePortAddresses: [primary]").configuration.nodePortAddresses).toEqual(["primary"]);
    expect(read("bindAddress: 0.0.0.0").bindAddress).toBeUndefined();
  });

  it.each([
    ["an unknown field is a warning", "colour: red", "warning", 'unknown field "colour"'],
    [
      "a mode that there is not",
      "mode: ebpf",
      "error",
      'Unsupported value: "ebpf": supported values: "iptables", "ipvs", "nftables"',
    ],
    ["a mode that this version has not", "mode: ipvs", "error", "this version of sluice does not know mode ipvs"],
    [
      "two CIDRs of one family",
      "clusterCIDR: 10.0.0.0/8,10.1.0.0/16",
      "error",
      'Invalid value: "10.0.0.0/8,10.1.0.0/16": must be one CIDR, or one of each IP family',
    ],
    [
      "a bit that a mark has not",
      "nftables: {masqueradeBit: 32}",
      "error",
      "Invalid value: 32: must be within the range [0, 31]",
    ],
    [
      "primary beside a CIDR",
      "nodePortAddresses: [primary, 10.0.0.0/8]",
      "error",
      `Invalid value: "primary": can't use both "primary" and CIDRs`,
    ],
    ["a wrong type", "mode: [nftables]", "error", 'invalid type: got "array", expected "string"'],
  ])("tells %s", (_, line, severity, message) => {
    expect(read(line).problems).toMatchObject([{ severity, message, place: { file: "proxy.yaml", line: 3 } }]);
  });

  it("tells another version and another kind", () => {
    const version = "apiVersion: kubeproxy.config.k8s.io/v1\nkind: KubeProxyConfiguration\n";
    expect(readProxyConfiguration(version, "x").problems).toMatchObject([
      { message: 'no kind "KubeProxyConfiguration" is registered for version "kubeproxy.config.k8s.io/v1"' },
    ]);
    expect(readProxyConfiguration("apiVersion: v1\nkind: ConfigMap\n", "x").problems).toMatchObject([
      { message: "x: no KubeProxyConfiguration in it" },
    ]);
  });
});

/** A pod's resolv.conf as the kubelet writes it, and the names that a lookup tries. */

import { describe, expect, it } from "vitest";
import { directoryOf } from "../../src/discovery/directory.ts";
import { addressOfReverse, reverseOf } from "../../src/discovery/names.ts";
import { candidates, clusterFirst, resolve, resolverOf } from "../../src/discovery/resolver.ts";
import { DEFAULT_ZONE } from "../../src/discovery/types.ts";
import { clusterOf, service } from "./cluster.ts";

const SEARCHES = ["shop.svc.cluster.local", "svc.cluster.local", "cluster.local"];

function resolverFor(spec: string) {
  const cluster = clusterOf(
    service("kube-dns", "{clusterIP: 10.96.0.10, ports: [{port: 53}]}", "kube-system"),
    `apiVersion: v1\nkind: Pod\nmetadata: {name: client, namespace: shop}\nspec: {containers: [{name: main}], ${spec}}`,
  );
  const [pod] = cluster.pods;
  if (pod === undefined) throw new Error("no pod");
  return resolverOf(cluster, pod, DEFAULT_ZONE);
}

describe("resolv.conf", () => {
  const rows = [
    { fact: "ClusterFirst is the default", spec: "", searches: SEARCHES, ndots: 5, asksCluster: true },
    {
      fact: "the host's network has the node's",
      spec: "hostNetwork: true",
      searches: [],
      ndots: 1,
      asksCluster: false,
    },
    {
      fact: "unless ClusterFirstWithHostNet says otherwise",
      spec: "hostNetwork: true, dnsPolicy: ClusterFirstWithHostNet",
      searches: SEARCHES,
      ndots: 5,
      asksCluster: true,
    },
    { fact: "Default is the node's", spec: "dnsPolicy: Default", searches: [], ndots: 1, asksCluster: false },
    {
      fact: "dnsConfig adds domains, once each, and overrides options",
      spec: "dnsConfig: {searches: [example.com, svc.cluster.local], options: [{name: ndots, value: '2'}, {name: edns0}]}",
      searches: [...SEARCHES, "example.com"],
      ndots: 2,
      asksCluster: true,
    },
    {
      fact: "None has what dnsConfig gives",
      spec: "dnsPolicy: None, dnsConfig: {nameservers: [192.0.2.1], searches: [my.dns]}",
      searches: ["my.dns"],
      ndots: 1,
      asksCluster: false,
    },
    {
      fact: "None may name the cluster's server",
      spec: "dnsPolicy: None, dnsConfig: {nameservers: [10.96.0.10]}",
      searches: [],
      ndots: 1,
      asksCluster: true,
    },
    {
      fact: "ndots is capped at 15",
      spec: "dnsConfig: {options: [{name: ndots, value: '40'}]}",
      searches: SEARCHES,
      ndots: 15,
      asksCluster: true,
    },
  ];

  it.each(rows)("$fact", ({ spec, searches, ndots, asksCluster }) => {
    expect(resolverFor(spec)).toEqual({ searches, ndots, asksCluster });
  });
});

describe("names are tried", () => {
  const rows = [
    { name: "web", ndots: 5, tried: ["web.a.", "web.b.", "web."] },
    { name: "web.shop.svc", ndots: 2, tried: ["web.shop.svc.", "web.shop.svc.a.", "web.shop.svc.b."] },
    { name: "web.shop", ndots: 2, tried: ["web.shop.a.", "web.shop.b.", "web.shop."] },
    { name: "web.", ndots: 5, tried: ["web."] },
  ];

  it.each(rows)("$name with ndots $ndots: $tried", ({ name, ndots, tried }) => {
    expect(candidates(name, { searches: ["a", "b"], ndots })).toEqual(tried);
  });

  it("until one has a record", () => {
    const cluster = clusterOf(service("web", "{clusterIP: 10.96.0.2, ports: [{port: 80}]}", "other"));
    const attempts = resolve(directoryOf(cluster), DEFAULT_ZONE, clusterFirst("shop", DEFAULT_ZONE), "web.other", [
      "A",
    ]);
    expect(attempts.map(({ question, answer }) => [question.name, answer.code])).toEqual([
      ["web.other.shop.svc.cluster.local.", "NXDOMAIN"],
      ["web.other.svc.cluster.local.", "NOERROR"],
    ]);
  });
});

describe("reverse names", () => {
  const rows = [
    { address: "10.96.0.1", name: "1.0.96.10.in-addr.arpa." },
    { address: "::1", name: `1.${"0.".repeat(31)}ip6.arpa.` },
    { address: "fd00::", name: `${"0.".repeat(30)}d.f.ip6.arpa.` },
    {
      address: "2001:db8:0:1:1:1:1:1",
      name: "1.0.0.0.1.0.0.0.1.0.0.0.1.0.0.0.1.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa.",
    },
  ];

  it.each(rows)("$address is $name", ({ address, name }) => {
    expect(reverseOf(address)).toBe(name);
    expect(addressOfReverse(name.slice(0, -1))).toBe(address);
  });

  it.each([
    "0.96.10.in-addr.arpa",
    "1.2.3.256.in-addr.arpa",
    "x.ip6.arpa",
    "in-addr.arpa",
  ])("%s is no address's", (name) => {
    expect(addressOfReverse(name)).toBeUndefined();
  });
});

/** What the specification leaves open, as CoreDNS's kubernetes plugin answers it (its handler_test.go), and the edges between. */

import { describe, expect, it } from "vitest";
import { asked, directoryFrom, service, slice } from "./cluster.ts";

const HTTP = "{name: http, port: 80}";
const SOA = "authority: cluster.local. 5 IN SOA ns.dns.cluster.local. hostmaster.cluster.local. 1 7200 1800 86400 5";
const NODATA = ["NOERROR", SOA];
const NXDOMAIN = ["NXDOMAIN", SOA];

const directory = directoryFrom(
  service("svc1", `{clusterIP: 10.0.0.1, ports: [${HTTP}]}`, "testns"),
  service("svc6", `{clusterIP: "1234:abcd::1", ports: [${HTTP}]}`, "testns"),
  service(
    "dual",
    `{clusterIP: 10.0.0.3, clusterIPs: [10.0.0.3, "10::3"], ipFamilyPolicy: RequireDualStack, ports: [${HTTP}]}`,
    "testns",
  ),
  service("unnamed", "{clusterIP: 10.0.0.9, ports: [{port: 81}]}", "testns"),
  service("hdls1", `{clusterIP: None, ports: [${HTTP}]}`, "testns"),
  slice("hdls1", {
    namespace: "testns",
    ports: `[${HTTP}]`,
    endpoints: `[{addresses: [172.0.0.2]}, {addresses: [172.0.0.3]},
      {addresses: [172.0.0.4], hostname: dup-name}, {addresses: [172.0.0.5], hostname: dup-name}]`,
  }),
  slice("hdls1", {
    namespace: "testns",
    family: "IPv6",
    suffix: "6",
    ports: `[${HTTP}]`,
    endpoints: '[{addresses: ["5678:abcd::1"]}, {addresses: ["5678:abcd::2"]}]',
  }),
  service("hdlsprtls", "{clusterIP: None}", "testns"),
  slice("hdlsprtls", { namespace: "testns", endpoints: "[{addresses: [172.0.0.20]}]" }),
  slice("svc1", { namespace: "testns", ports: `[${HTTP}]`, endpoints: "[{addresses: [172.0.0.2]}]" }),
  service("down", `{clusterIP: None, ports: [${HTTP}]}`, "testns"),
  slice("down", { namespace: "testns", endpoints: "[{addresses: [172.0.0.30], conditions: {ready: false}}]" }),
  service("early", `{clusterIP: None, publishNotReadyAddresses: true, ports: [${HTTP}]}`, "testns"),
  slice("early", {
    namespace: "testns",
    ports: `[${HTTP}]`,
    endpoints: "[{addresses: [172.0.0.31], conditions: {ready: false}}]",
  }),
  service("external", "{type: ExternalName, externalName: ext.interwebs.test}", "testns"),
  service("inside", "{type: ExternalName, externalName: svc1.testns.svc.cluster.local}", "testns"),
  service("twice", "{type: ExternalName, externalName: inside.testns.svc.cluster.local}", "testns"),
  service("lost", "{type: ExternalName, externalName: nothing.testns.svc.cluster.local}", "testns"),
  service("self", "{type: ExternalName, externalName: self.testns.svc.cluster.local}", "testns"),
  service("ping", "{type: ExternalName, externalName: pong.testns.svc.cluster.local}", "testns"),
  service("pong", "{type: ExternalName, externalName: ping.testns.svc.cluster.local}", "testns"),
  service("numeric", "{type: ExternalName, externalName: 192.0.2.5}", "testns"),
  service("kube-dns", "{clusterIP: 10.96.0.10, ports: [{name: dns, port: 53, protocol: UDP}]}", "kube-system"),
);

const IN_NS = "testns.svc.cluster.local.";
const HDLS1_SRV = ["172-0-0-2", "172-0-0-3", "dup-name", "5678-abcd--1", "5678-abcd--2"];

type Row = readonly [fact: string, question: string, answer: readonly string[]];

const ROWS: readonly Row[] = [
  ["a Service of IPv6 has AAAA", `svc6.${IN_NS} AAAA`, ["NOERROR", `svc6.${IN_NS} 5 IN AAAA 1234:abcd::1`]],
  ["a Service of IPv4 has no AAAA, but exists", `svc1.${IN_NS} AAAA`, NODATA],
  ["a Service that is not there is no name", `svc0.${IN_NS} A`, NXDOMAIN],
  ["a namespace that is not there is no name", "svc0.svc-nons.svc.cluster.local. A", NXDOMAIN],
  ["the zone exists", "cluster.local. A", NODATA],
  ["svc exists", "svc.cluster.local. A", NODATA],
  ["pod exists", "pod.cluster.local. A", NODATA],
  ["a namespace exists", `${IN_NS} NS`, NODATA],
  ["nothing else is below the zone", "foo.cluster.local. NS", NXDOMAIN],
  ["names with too many labels are none", `a.b.c.svc1.${IN_NS} A`, NXDOMAIN],
  [
    "an IPv6-only name of an endpoint",
    `5678-abcd--2.hdls1.${IN_NS} AAAA`,
    ["NOERROR", `5678-abcd--2.hdls1.${IN_NS} 5 IN AAAA 5678:abcd::2`],
  ],
  [
    "endpoints that share a host name are listed under it",
    `dup-name.hdls1.${IN_NS} A`,
    ["NOERROR", `dup-name.hdls1.${IN_NS} 5 IN A 172.0.0.4`, `dup-name.hdls1.${IN_NS} 5 IN A 172.0.0.5`],
  ],
  ["an endpoint that is not there is no name", `bogus.hdls1.${IN_NS} A`, NXDOMAIN],
  ["a headless Service needs no ports", `hdlsprtls.${IN_NS} A`, ["NOERROR", `hdlsprtls.${IN_NS} 5 IN A 172.0.0.20`]],
  ["without ports there is no SRV", `hdlsprtls.${IN_NS} SRV`, NODATA],
  [
    "endpoints of a Service with an address have names too",
    `172-0-0-2.svc1.${IN_NS} A`,
    ["NOERROR", `172-0-0-2.svc1.${IN_NS} 5 IN A 172.0.0.2`],
  ],
  [
    "SRV of all endpoints, with one weight and each target's address",
    `_http._tcp.hdls1.${IN_NS} SRV`,
    [
      "NOERROR",
      ...HDLS1_SRV.map((name) => `_http._tcp.hdls1.${IN_NS} 5 IN SRV 0 16 80 ${name}.hdls1.${IN_NS}`),
      `additional: 172-0-0-2.hdls1.${IN_NS} 5 IN A 172.0.0.2`,
      `additional: 172-0-0-3.hdls1.${IN_NS} 5 IN A 172.0.0.3`,
      `additional: dup-name.hdls1.${IN_NS} 5 IN A 172.0.0.4`,
      `additional: dup-name.hdls1.${IN_NS} 5 IN A 172.0.0.5`,
      `additional: 5678-abcd--1.hdls1.${IN_NS} 5 IN AAAA 5678:abcd::1`,
      `additional: 5678-abcd--2.hdls1.${IN_NS} 5 IN AAAA 5678:abcd::2`,
    ],
  ],
  [
    "SRV of a dual-stack Service is one record with two addresses",
    `dual.${IN_NS} SRV`,
    [
      "NOERROR",
      `dual.${IN_NS} 5 IN SRV 0 50 80 dual.${IN_NS}`,
      `additional: dual.${IN_NS} 5 IN A 10.0.0.3`,
      `additional: dual.${IN_NS} 5 IN AAAA 10::3`,
    ],
  ],
  ["an unnamed port has no SRV name", `_81._tcp.unnamed.${IN_NS} SRV`, NXDOMAIN],
  ["a port of another protocol has no SRV name", `_http._udp.svc1.${IN_NS} SRV`, NXDOMAIN],
  ["no ready endpoint: no such name", `down.${IN_NS} A`, NXDOMAIN],
  ["publishNotReadyAddresses shows them all", `early.${IN_NS} A`, ["NOERROR", `early.${IN_NS} 5 IN A 172.0.0.31`]],
  ["the alias itself", `external.${IN_NS} CNAME`, ["NOERROR", `external.${IN_NS} 5 IN CNAME ext.interwebs.test.`]],
  ["nothing is below an alias", `endpoint.external.${IN_NS} CNAME`, NXDOMAIN],
  ["an alias has no SRV", `external.${IN_NS} SRV`, NODATA],
  [
    "an alias of a Service is followed",
    `inside.${IN_NS} A`,
    ["NOERROR", `inside.${IN_NS} 5 IN CNAME svc1.${IN_NS}`, `svc1.${IN_NS} 5 IN A 10.0.0.1`],
  ],
  [
    "an alias of an alias too",
    `twice.${IN_NS} A`,
    [
      "NOERROR",
      `twice.${IN_NS} 5 IN CNAME inside.${IN_NS}`,
      `inside.${IN_NS} 5 IN CNAME svc1.${IN_NS}`,
      `svc1.${IN_NS} 5 IN A 10.0.0.1`,
    ],
  ],
  ["an alias that leads nowhere has no record", `lost.${IN_NS} A`, NODATA],
  ["an alias of itself has no record", `self.${IN_NS} A`, NODATA],
  ["aliases in a circle have no record", `ping.${IN_NS} A`, NODATA],
  ["an address as externalName is no alias", `numeric.${IN_NS} A`, NXDOMAIN],
  [
    "any IPv6 address is a pod's name",
    "5678-abcd--1.testns.pod.cluster.local. AAAA",
    ["NOERROR", "5678-abcd--1.testns.pod.cluster.local. 5 IN AAAA 5678:abcd::1"],
  ],
  ["what is no address is no pod", "web-0.testns.pod.cluster.local. A", NXDOMAIN],
  [
    "PTR of IPv6",
    `${"1".padEnd(2, ".")}${"0.".repeat(19)}0.0.0.0.d.c.b.a.4.3.2.1.ip6.arpa. PTR`,
    ["NOERROR", `${"1".padEnd(2, ".")}${"0.".repeat(19)}0.0.0.0.d.c.b.a.4.3.2.1.ip6.arpa. 5 IN PTR svc6.${IN_NS}`],
  ],
  [
    "an endpoint of two Services has two names",
    "2.0.0.172.in-addr.arpa. PTR",
    [
      "NOERROR",
      `2.0.0.172.in-addr.arpa. 5 IN PTR 172-0-0-2.hdls1.${IN_NS}`,
      `2.0.0.172.in-addr.arpa. 5 IN PTR 172-0-0-2.svc1.${IN_NS}`,
    ],
  ],
  [
    "an address that nobody has is no name",
    "9.9.9.9.in-addr.arpa. PTR",
    ["NXDOMAIN", "authority: in-addr.arpa. 5 IN SOA ns.dns.in-addr.arpa. hostmaster.in-addr.arpa. 1 7200 1800 86400 5"],
  ],
  ["the zone's SOA", "cluster.local. SOA", ["NOERROR", SOA.replace("authority: ", "")]],
  [
    "the zone's name server is the cluster's DNS Service",
    "cluster.local. NS",
    [
      "NOERROR",
      "cluster.local. 5 IN NS kube-dns.kube-system.svc.cluster.local.",
      "additional: kube-dns.kube-system.svc.cluster.local. 5 IN A 10.96.0.10",
    ],
  ],
  [
    "and has the name that the SOA gives",
    "ns.dns.cluster.local. A",
    ["NOERROR", "ns.dns.cluster.local. 5 IN A 10.96.0.10"],
  ],
  ["the schema's version is text only", "dns-version.cluster.local. A", NODATA],
  ["types without records are known names", `svc1.${IN_NS} TYPE65`, NODATA],
  ["other zones are nobody's business here", "www.example.com. A", ["REFUSED"]],
  ["a name that only ends alike is another zone's", "notcluster.local. A", ["REFUSED"]],
];

describe("cluster DNS", () => {
  it.each(ROWS)("%s: %s", (_, question, answer) => {
    expect(asked(directory, question)).toEqual(answer);
  });

  it("serves the zone and the time that it is told", () => {
    const zone = { domain: "Corp.Example.", ttlSeconds: 30 };
    const name = "svc1.testns.svc.corp.example.";
    expect(asked(directory, `${name} A`, zone)).toEqual(["NOERROR", `${name} 30 IN A 10.0.0.1`]);
    expect(asked(directory, `svc1.${IN_NS} A`, zone)).toEqual(["REFUSED"]);
  });

  it("names the pods that a selector finds after their host name and subdomain", () => {
    const pod = (name: string, spec: string, address: string) =>
      `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, labels: {app: db}}\nspec: ${spec}\nstatus: {podIP: ${address}}`;
    const byHostname = directoryFrom(
      service("db", "{clusterIP: None, selector: {app: db}, ports: [{name: sql, port: 5432}]}"),
      pod("db-0", "{hostname: db-0, subdomain: db, containers: []}", "10.1.0.1"),
      pod("db-1", "{hostname: db-1, subdomain: other, containers: []}", "10.1.0.2"),
    );
    expect(asked(byHostname, "db-0.db.default.svc.cluster.local. A")[0]).toBe("NOERROR");
    expect(asked(byHostname, "db-1.db.default.svc.cluster.local. A")[0]).toBe("NXDOMAIN");
    expect(asked(byHostname, "10-1-0-2.db.default.svc.cluster.local. A")[0]).toBe("NOERROR");
  });
});

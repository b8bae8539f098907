/** The examples of the Kubernetes DNS specification (kubernetes/dns docs/specification.md), section by section. */

import { describe, expect, it } from "vitest";
import { asked, directoryFrom, service, slice } from "./cluster.ts";

const HTTPS = "{name: https, port: 443}";

const directory = directoryFrom(
  service("kubernetes", `{clusterIP: 10.3.0.1, ports: [${HTTPS}]}`),
  service("headless", `{clusterIP: None, ports: [${HTTPS}]}`),
  slice("headless", {
    ports: `[${HTTPS}, {name: admin, port: 9000, protocol: TCP}]`,
    endpoints: "[{addresses: [10.3.0.100], hostname: my-pet}, {addresses: [10.3.0.101], hostname: my-pet-2}]",
  }),
  service("foo", "{type: ExternalName, externalName: www.example.com}"),
);

interface Row {
  readonly section: string;
  readonly question: string;
  readonly answer: readonly string[];
}

const ROWS: readonly Row[] = [
  {
    section: "2.2 the schema's version",
    question: "dns-version.cluster.local. TXT",
    answer: ["NOERROR", 'dns-version.cluster.local. 28800 IN TXT "1.1.0"'],
  },
  {
    section: "2.3.1 A of a Service",
    question: "kubernetes.default.svc.cluster.local. A",
    answer: ["NOERROR", "kubernetes.default.svc.cluster.local. 5 IN A 10.3.0.1"],
  },
  {
    section: "2.3.2 SRV of a Service",
    question: "_https._tcp.kubernetes.default.svc.cluster.local. SRV",
    answer: [
      "NOERROR",
      "_https._tcp.kubernetes.default.svc.cluster.local. 5 IN SRV 0 100 443 kubernetes.default.svc.cluster.local.",
      "additional: kubernetes.default.svc.cluster.local. 5 IN A 10.3.0.1",
    ],
  },
  {
    section: "2.3.3 PTR of a Service",
    question: "1.0.3.10.in-addr.arpa. PTR",
    answer: ["NOERROR", "1.0.3.10.in-addr.arpa. 5 IN PTR kubernetes.default.svc.cluster.local."],
  },
  {
    section: "2.4.1 A of a headless Service",
    question: "headless.default.svc.cluster.local. A",
    answer: [
      "NOERROR",
      "headless.default.svc.cluster.local. 5 IN A 10.3.0.100",
      "headless.default.svc.cluster.local. 5 IN A 10.3.0.101",
    ],
  },
  {
    section: "2.4.1 A of one of its endpoints",
    question: "my-pet.headless.default.svc.cluster.local. A",
    answer: ["NOERROR", "my-pet.headless.default.svc.cluster.local. 5 IN A 10.3.0.100"],
  },
  {
    section: "2.4.2 SRV of a headless Service",
    question: "_https._tcp.headless.default.svc.cluster.local. SRV",
    answer: [
      "NOERROR",
      "_https._tcp.headless.default.svc.cluster.local. 5 IN SRV 0 50 443 my-pet.headless.default.svc.cluster.local.",
      "_https._tcp.headless.default.svc.cluster.local. 5 IN SRV 0 50 443 my-pet-2.headless.default.svc.cluster.local.",
      "additional: my-pet.headless.default.svc.cluster.local. 5 IN A 10.3.0.100",
      "additional: my-pet-2.headless.default.svc.cluster.local. 5 IN A 10.3.0.101",
    ],
  },
  {
    section: "2.4.3 PTR of an endpoint",
    question: "100.0.3.10.in-addr.arpa. PTR",
    answer: ["NOERROR", "100.0.3.10.in-addr.arpa. 5 IN PTR my-pet.headless.default.svc.cluster.local."],
  },
  {
    section: "2.5 CNAME of an ExternalName",
    question: "foo.default.svc.cluster.local. A",
    answer: ["NOERROR", "foo.default.svc.cluster.local. 5 IN CNAME www.example.com."],
  },
  {
    section: "2.6 A of any pod",
    question: "10-3-0-77.default.pod.cluster.local. A",
    answer: ["NOERROR", "10-3-0-77.default.pod.cluster.local. 5 IN A 10.3.0.77"],
  },
];

describe("the specification's examples", () => {
  it.each(ROWS)("$section: $question", ({ question, answer }) => {
    expect(asked(directory, question)).toEqual(answer);
  });

  it("2.1: all comparisons are case-insensitive, and the answer has the letters of the question", () => {
    expect(asked(directory, "KuberNetes.DEFAULT.svc.Cluster.Local. A")).toEqual([
      "NOERROR",
      "KuberNetes.DEFAULT.svc.Cluster.Local. 5 IN A 10.3.0.1",
    ]);
  });

  it("2.4.2: N ready endpoints and M named ports make N × M records", () => {
    const records = asked(directory, "headless.default.svc.cluster.local. SRV");
    expect(records.filter((record) => record.includes(" IN SRV "))).toHaveLength(2 * 2);
  });
});

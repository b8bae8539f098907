/** `sluice resolve`, `sluice env`, `sluice get healthchecks` and `sluice dns` as processes, on an example. */

import { createSocket } from "node:dgram";
import { once } from "node:events";
import { decode, encode } from "dns-packet";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundleCli, ended, removeCli, sluice, startSluice } from "./run.ts";

const KIMHO = ["-f", "examples/kimho"];
const SEARCH = "; search default.svc.cluster.local svc.cluster.local cluster.local; ndots 5";
const HOST_POD = `
apiVersion: v1
kind: Pod
metadata: {name: host}
spec: {hostNetwork: true, containers: [{name: main}]}
`;
const BALANCED = `
{apiVersion: v1, kind: Node, metadata: {name: node1}, status: {addresses: [{type: InternalIP, address: 192.168.0.1}]}}
---
apiVersion: v1
kind: Service
metadata: {name: lb}
spec:
  type: LoadBalancer
  externalTrafficPolicy: Local
  clusterIP: 10.96.0.1
  healthCheckNodePort: 32001
  ports: [{port: 80, nodePort: 30080}]
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: lb-1, labels: {kubernetes.io/service-name: lb}}
addressType: IPv4
ports: [{name: "", port: 8080}]
endpoints: [{addresses: [10.244.0.1], nodeName: node1}]
`;

beforeAll(bundleCli);
afterAll(removeCli);

describe("resolve", () => {
  test("tries names as a pod does, and prints records as dig does", async () => {
    const { code, stdout } = await sluice(["resolve", ...KIMHO, "kimho", "--from", "default/kimho-pod"]);
    expect(stdout.split("\n")).toEqual([
      SEARCH,
      "; kimho.default.svc.cluster.local. A: NOERROR",
      "kimho.default.svc.cluster.local.\t5\tIN\tA\t10.96.24.6",
      "; kimho.default.svc.cluster.local. AAAA: NOERROR, but no record of this type",
      "",
    ]);
    expect(code).toBe(0);
  });

  test("ends with 1 when nothing is found, and shows what was tried", async () => {
    const { code, stdout } = await sluice(["resolve", ...KIMHO, "www.example.com", "a"]);
    expect(stdout.split("\n")).toEqual([
      SEARCH,
      "; www.example.com.default.svc.cluster.local. A: NXDOMAIN",
      "; www.example.com.svc.cluster.local. A: NXDOMAIN",
      "; www.example.com.cluster.local. A: NXDOMAIN",
      "; www.example.com. A: REFUSED (outside the cluster's zones; nobody else is asked)",
      "",
    ]);
    expect(code).toBe(1);
  });

  test("takes an address for its reverse name", async () => {
    const { stdout } = await sluice(["resolve", ...KIMHO, "10.96.24.6"]);
    expect(stdout).toContain("6.24.96.10.in-addr.arpa.\t5\tIN\tPTR\tkimho.default.svc.cluster.local.\n");
  });

  test("serves another zone for another time", async () => {
    const zone = ["--cluster-domain", "corp.example.", "--ttl", "30"];
    const { stdout } = await sluice(["resolve", ...KIMHO, ...zone, "_http._tcp.kimho", "SRV", "-o", "json"]);
    expect(JSON.parse(stdout)).toMatchObject({
      schema: "sluice/resolve/v1",
      search: ["default.svc.corp.example", "svc.corp.example", "corp.example"],
      found: true,
      attempts: [
        {
          answer: {
            code: "NOERROR",
            answers: [
              { type: "SRV", ttl: 30, data: { weight: 100, port: 80, target: "kimho.default.svc.corp.example." } },
            ],
          },
        },
      ],
    });
  });

  test("says that a pod on the host's network asks somebody else", async () => {
    const { code, stderr } = await sluice(["resolve", "-f", "-", "kubernetes", "--from", "host"], HOST_POD);
    expect(stderr).toContain("this pod does not ask cluster DNS (dnsPolicy, hostNetwork)");
    expect(code).toBe(1);
  });

  test("knows the pods", async () => {
    const { code, stderr } = await sluice(["resolve", ...KIMHO, "kimho", "--from", "nobody"]);
    expect(stderr).toBe(
      'error: no Pod is named "default/nobody"\n  the manifests have: default/kimho-pod, default/kimho-pod-2, default/kimho-pod-3\n',
    );
    expect(code).toBe(1);
  });
});

describe("env", () => {
  test("prints variables as a shell does", async () => {
    const { code, stdout } = await sluice(["env", ...KIMHO, "kimho-pod"]);
    expect(stdout.split("\n").slice(0, 6)).toEqual([
      "KIMHO_SERVICE_HOST=10.96.24.6",
      "KIMHO_SERVICE_PORT=80",
      "KIMHO_SERVICE_PORT_HTTP=80",
      "KIMHO_SERVICE_PORT_HTTPS=443",
      "KIMHO_SERVICE_PORT_KIMHO_PORT=406",
      "KIMHO_PORT=tcp://10.96.24.6:80",
    ]);
    expect(code).toBe(0);
  });

  test("prints them as JSON", async () => {
    const { stdout } = await sluice(["env", ...KIMHO, "default/kimho-pod", "-o", "json"]);
    const { schema, pod, variables } = JSON.parse(stdout);
    expect({ schema, pod }).toEqual({ schema: "sluice/env/v1", pod: "default/kimho-pod" });
    expect(variables).toContainEqual({ name: "KIMHO_SERVICE_PORT_KIMHO_PORT", value: "406" });
  });
});

describe("get healthchecks", () => {
  test("lists what every node answers", async () => {
    const { code, stdout } = await sluice(["get", "healthchecks", "-f", "-"], BALANCED);
    expect(stdout.split("\n").map((line) => line.split(/ +/))).toEqual([
      ["NAMESPACE", "NAME", "PORT", "NODE", "LISTENS", "ENDPOINTS", "STATUS"],
      ["default", "lb", "32001", "node1", "192.168.0.1", "1", "200"],
      [""],
    ]);
    expect(code).toBe(0);
  });

  test("gives the whole answer as JSON", async () => {
    const { stdout } = await sluice(["get", "healthchecks", "lb", "-o", "json", "-f", "-"], BALANCED);
    const { schema, checks } = JSON.parse(stdout);
    expect(schema).toBe("sluice/healthchecks/v1");
    expect(checks[0].response.headers).toMatchObject({ "X-Load-Balancing-Endpoint-Weight": "1" });
    expect(JSON.parse(checks[0].response.body)).toMatchObject({ localEndpoints: 1, serviceProxyHealthy: true });
  });

  test("says that there are none", async () => {
    const { code, stdout, stderr } = await sluice(["get", "healthchecks", ...KIMHO]);
    expect([code, stdout, stderr]).toEqual([0, "", "No health checks found in default namespace.\n"]);
    const named = await sluice(["get", "healthchecks", "kimho", ...KIMHO]);
    expect([named.code, named.stderr]).toEqual([1, 'error: service "kimho" has no health check\n']);
  });
});

describe("dns", () => {
  test("serves until it is interrupted", async () => {
    const child = startSluice(["dns", ...KIMHO, "--listen", "127.0.0.1:0"]);
    const result = ended(child);
    const [line] = (await once(child.stderr ?? child, "data")) as [Buffer];
    const [, port] = /^cluster\.local on 127\.0\.0\.1:(\d+), UDP and TCP; Ctrl-C ends\n$/.exec(line.toString()) ?? [];
    const client = createSocket("udp4");
    const questions = [{ name: "kimho.default.svc.cluster.local", type: "A" as const }];
    client.send(encode({ type: "query", id: 1, questions }), Number(port), "127.0.0.1");
    const [answer] = (await once(client, "message")) as [Buffer];
    client.close();
    expect(decode(answer).answers).toMatchObject([{ data: "10.96.24.6" }]);
    child.kill("SIGINT");
    expect((await result).code).toBe(0);
  });

  test.each([
    ["--listen", "here:53", "--listen here:53: not ADDRESS:PORT"],
    ["--listen", "127.0.0.1:99999", "--listen 127.0.0.1:99999: not ADDRESS:PORT"],
    ["--ttl", "-1", "--ttl -1: not a whole number from 0 to 2147483647"],
    ["--cluster-domain", "a..b", "--cluster-domain a..b: not a domain name"],
    ["--listen", "192.0.2.1:0", "192.0.2.1:0: no interface has this address"],
  ])("%s %s is refused", async (option, value, message) => {
    const { code, stderr } = await sluice(["dns", ...KIMHO, option, value]);
    expect(stderr).toContain(message);
    expect(code).toBeGreaterThan(0);
  });
});

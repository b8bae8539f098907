/** `sluice trace` as a process: described packets and those of a capture, as text and JSON. */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Trace, TraceEvent } from "../../src/trace/types.ts";
import { frame, ip } from "../support/packet.ts";
import { writePcapng } from "../support/pcapng.ts";
import { tcp } from "../support/transport.ts";
import { MANIFESTS } from "../trace/manifests.ts";
import { expectSchema } from "../trace/schema.ts";
import { CLIENT } from "../trace/why.ts";
import { bundleCli, removeCli, sluice } from "./run.ts";

const KIMHO = ["-f", "examples/kimho", "--node", "node1"];
const CAPTURE = "examples/kimho/capture.pcapng";

let folder = "";
let cluster: readonly string[] = [];

beforeAll(async () => {
  await bundleCli();
  folder = await mkdtemp(join(tmpdir(), "trace-"));
  await writeFile(join(folder, "cluster.yaml"), MANIFESTS);
  cluster = ["-f", join(folder, "cluster.yaml")];
});

afterAll(async () => {
  await removeCli();
  await rm(folder, { recursive: true });
});

async function traced(args: readonly string[]): Promise<Trace> {
  const { stdout, stderr } = await sluice(["trace", ...args, "-o", "json"]);
  if (stdout === "") throw new Error(stderr);
  const trace = JSON.parse(stdout) as Trace;
  expectSchema(trace);
  return trace;
}

function eventsOf({ walk }: Trace, kind: TraceEvent["kind"]): readonly TraceEvent[] {
  return walk?.packets.flatMap(({ events }) => events.filter((event) => event.kind === kind)) ?? [];
}

describe("a described packet", () => {
  test("is translated there and back, and its trace names rules, elements and their objects", async () => {
    const trace = await traced([...cluster, "--from", "pod/client:41000", "--to", "web.default:http"]);
    expect(trace).toMatchObject({ schema: "sluice/trace/v1", node: "node1", lost: 0 });
    expect(trace.walk?.packet).toBe("IP 10.244.1.5.41000 > 10.96.0.10.80: Flags [S], seq 1, win 64240, length 0");
    expect(trace.walk?.sent).toMatchObject([
      { interface: "eth0", packet: "IP 10.244.1.5.41000 > 10.244.2.10.8080: Flags [S], seq 1, win 64240, length 0" },
    ]);
    expect(trace.answer?.sent).toMatchObject([
      {
        interface: "cni0",
        packet: "IP 10.96.0.10.80 > 10.244.1.5.41000: Flags [S.], seq 1000, ack 2, win 64240, length 0",
      },
    ]);
    const rules = eventsOf(trace, "rule");
    const steps = rules.flatMap((rule) => (rule.kind === "rule" ? rule.steps : []));
    expect(steps).toContainEqual({
      left: "ip daddr . meta l4proto . tcp dport",
      value: "10.96.0.10 . tcp . 80",
      operator: "vmap",
      right: "@service-ips",
      holds: true,
      element: "10.96.0.10 . tcp . 80 : goto service-YQD5WCLV-default/web/tcp/http".replace("YQD5WCLV", hashOf(rules)),
      origin: "Service default/web, port http",
    });
    expect(eventsOf(trace, "bind")).toEqual([
      { kind: "bind", end: "destination", from: "10.96.0.10:80", to: "10.244.2.10:8080", why: "as the rule says" },
    ]);
    expect(eventsOf(trace, "route")).toEqual([
      {
        kind: "route",
        destination: "10.244.2.10",
        type: "unicast",
        prefix: "10.244.2.0/24",
        interface: "eth0",
        gateway: "192.168.10.12",
      },
    ]);
  });

  test("of a client through a node port is masqueraded with a port drawn at random", async () => {
    const trace = await traced([...cluster, "--node", "node2", "--from", CLIENT, "--to", "192.168.10.12:30081"]);
    const source = eventsOf(trace, "bind").find((event) => event.kind === "bind" && event.end === "source");
    expect(source).toMatchObject({ from: "203.0.113.5:40000", why: expect.stringContaining("drawn at random") });
    expect(trace.answer?.sent[0]?.packet).toMatch(/^IP 192\.168\.10\.12\.30081 > 203\.0\.113\.5\.40000: Flags \[S\.\]/);
  });

  test("can be the node's own, UDP, SCTP, or a ping", async () => {
    const node = await traced([...cluster, "--from", "node", "--to", "web:80"]);
    expect(node.walk).toMatchObject({ origin: "node" });
    expect(node.walk?.packets[0]?.events[0]).toMatchObject({ kind: "route", destination: "10.96.0.10" });
    expect(node.explanations[0]).toMatchObject({ cause: "endpoint" });
    for (const [protocol, text] of [
      ["udp", "UDP, length 0"],
      ["sctp", "sctp [INIT], length 20"],
      ["icmp", "ICMP echo request, id 40000, seq 1, length 8"],
    ] as const) {
      const trace = await traced([
        ...cluster,
        "--from",
        "pod/client",
        "--to",
        "pod/web-1:8080",
        "--protocol",
        protocol,
      ]);
      expect(trace.walk?.packet.endsWith(text), trace.walk?.packet).toBe(true);
      expect(trace.answer?.packets[0]?.events).toContainEqual(
        expect.objectContaining({ kind: "track", ct: "established", direction: "reply" }),
      );
    }
  });

  test("is told in text, without colours where there is no terminal", async () => {
    const { code, stdout } = await sluice(["trace", ...cluster, "--from", "pod/client", "--to", "web"]);
    expect(code).toBe(0);
    expect(stdout.startsWith("Service default/web, port http, by its ClusterIP: endpoint 10.244.2.10:8080\n")).toBe(
      true,
    );
    expect(stdout).toContain("\n  route 10.244.2.10 via 192.168.10.12 dev eth0 (10.244.2.0/24)\n");
    expect(stdout).toContain("\nThe answer's way back\n");
    expect(stdout).not.toContain("\u001b");
    const all = await sluice(["trace", ...cluster, "--from", "pod/client", "--to", "web", "--all"]);
    expect(all.stdout.length).toBeGreaterThan(stdout.length);
    expect(all.stdout).not.toContain("do not match");
  });

  test("shows iptables' rules as iptables prints them", async () => {
    const { stdout } = await sluice(["trace", ...cluster, "--mode", "iptables", "--from", "pod/client", "--to", "web"]);
    expect(stdout).toMatch(
      /KUBE-SEP-\w+ \d: -A KUBE-SEP-\w+ -p tcp .* -j DNAT --to-destination 10\.244\.2\.10:8080 {2}-> accept/,
    );
  });

  test("and its like in a capture have the same trace", async () => {
    const described = await traced([...cluster, "--from", "pod/client", "--to", "web:80"]);
    const packet = ip(
      { src: "10.244.1.5", dst: "10.96.0.10", dontFragment: true },
      tcp({ src: 40000, dst: 80, flags: "S", seq: 1 }),
    );
    const captured = {
      link: "cni0",
      time: 1_000_000_000n,
      outbound: false,
      frame: frame("02:00:00:00:00:01", "02:00:00:00:00:02", packet),
    };
    await writeFile(join(folder, "one.pcapng"), writePcapng(["cni0"], [captured]));
    const trace = await traced([...cluster, join(folder, "one.pcapng"), "--packet", "1"]);
    const { number, ...walk } = trace.walk ?? {};
    expect(number).toBe(1);
    expect({ ...trace, walk }).toEqual(described);
  });
});

describe("a capture's packet", () => {
  test("is traced behind all that came before it", async () => {
    const { walk, answer } = await traced([...KIMHO, CAPTURE, "--follow", "--packet", "5"]);
    expect(walk).toMatchObject({ number: 5, origin: "wire" });
    const track = walk?.packets[0]?.events.find((event) => event.kind === "track");
    expect(track).toMatchObject({ ct: "established", direction: "original" });
    expect(answer).toBeDefined();
  });

  test("that was captured on its way out was not fed in", async () => {
    const { walk, explanations } = await traced([...KIMHO, CAPTURE, "--packet", "2"]);
    expect(walk?.packets).toMatchObject([{ verdict: "skipped", reason: "outbound", events: [] }]);
    expect(explanations.map(({ cause }) => cause)).toContain("outbound");
  });

  test("must be there", async () => {
    const { code, stderr } = await sluice(["trace", ...KIMHO, CAPTURE, "--packet", "129"]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: `error: ${CAPTURE}: has 128 packets, and no packet 129\n` });
  });
});

describe("wrong usage", () => {
  for (const [name, args, message] of [
    ["a capture without a number", [CAPTURE], /which packet of the capture\?/],
    ["neither a capture nor words", [], /no packet is named/],
    ["flags that are none", ["--from", "node", "--to", "10.0.0.1:1", "--flags", "SX"], /--flags SX: "X" is none/],
    ["a number that is none", [CAPTURE, "--packet", "0"], /--packet 0: not a whole number from 1 on/],
  ] as const) {
    test(name, async () => {
      const { code, stderr } = await sluice(["trace", ...KIMHO, ...args]);
      expect(code).toBe(2);
      expect(stderr).toMatch(message);
    });
  }
});

/** The hash in the names of a Service port's chains. */
function hashOf(rules: readonly TraceEvent[]): string {
  const text = rules.map((rule) => (rule.kind === "rule" ? rule.chain : "")).join(" ");
  return /service-(\w+)-default\/web\/tcp\/http/.exec(text)?.[1] ?? "";
}

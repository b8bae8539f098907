/** `sluice trace` with several captures, packets of the node itself, and what happened meanwhile. */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Trace, TraceEvent } from "../../src/trace/types.ts";
import { frame, ip } from "../support/packet.ts";
import { writePcapng } from "../support/pcapng.ts";
import { tcp } from "../support/transport.ts";
import { MANIFESTS } from "../trace/manifests.ts";
import { expectSchema } from "../trace/schema.ts";
import { bundleCli, removeCli, sluice } from "./run.ts";

const POD = "10.244.1.5";
const WEB = "10.96.0.10";
const SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {ports: [{port: 80}]}\n";

let folder = "";
const at = (name: string) => join(folder, name);

beforeAll(async () => {
  await bundleCli();
  folder = await mkdtemp(join(tmpdir(), "trace-captures-"));
  await writeFile(at("cluster.yaml"), MANIFESTS);
});

afterAll(async () => {
  await removeCli();
  await rm(folder, { recursive: true });
});

interface Segment {
  readonly seconds: number;
  readonly src: string;
  readonly dst: string;
  readonly ports: readonly [number, number];
  readonly flags: string;
  readonly ack?: number;
}

/** A capture of one interface, with segments that came in. */
async function capture(name: string, link: string, ...segments: readonly Segment[]): Promise<string> {
  const frames = segments.map(({ seconds, src, dst, ports, flags, ack = 0 }) => {
    const segment = tcp({ src: ports[0], dst: ports[1], flags, seq: flags === "S" || flags === "SA" ? 0 : 1, ack });
    const bytes = frame("02:00:00:00:00:01", "02:00:00:00:00:02", ip({ src, dst }, segment));
    return { link, time: BigInt(seconds) * 1_000_000_000n, outbound: false, frame: bytes };
  });
  await writeFile(at(name), writePcapng([link], frames));
  return at(name);
}

async function traced(...args: readonly string[]): Promise<Trace> {
  const { stdout, stderr } = await sluice([
    "trace",
    "-f",
    at("cluster.yaml"),
    "--node",
    "node1",
    ...args,
    "-o",
    "json",
  ]);
  if (stdout === "") throw new Error(stderr);
  const trace = JSON.parse(stdout) as Trace;
  expectSchema(trace);
  return trace;
}

function eventsOf({ walk }: Trace, kind: TraceEvent["kind"]): readonly TraceEvent[] {
  return walk?.packets.flatMap(({ events }) => events.filter((event) => event.kind === kind)) ?? [];
}

function syn(seconds: number, port: number): Segment {
  return { seconds, src: POD, dst: WEB, ports: [port, 80], flags: "S" };
}

test("captures of several interfaces are merged by time before the packet that is asked about", async () => {
  const ack = { ...syn(3, 40000), flags: "A", ack: 1 };
  const asked = await capture("asked.pcapng", "cni0", syn(1, 40000), ack);
  const chosen = eventsOf(await traced(asked, "--packet", "1"), "bind")[0];
  const [address = "", port = ""] = chosen?.kind === "bind" ? chosen.to.split(":") : [];
  const answer = { seconds: 2, src: address, dst: POD, ports: [Number(port), 40000], flags: "SA", ack: 1 } as const;
  const other = `eth0=${await capture("other.pcapng", "eth0", answer)}`;
  expect(eventsOf(await traced(asked, "--packet", "2"), "track")).toMatchObject([{ ct: "invalid" }]);
  const both = await traced(asked, other, "--packet", "2");
  expect(both.walk).toMatchObject({ number: 2, interface: "cni0" });
  expect(eventsOf(both, "track")).toMatchObject([{ ct: "established", direction: "original" }]);
  const named = await traced(asked, other, "--packet", `${at("other.pcapng")}:1`);
  expect(eventsOf(named, "track")).toMatchObject([{ ct: "established", direction: "reply" }]);
});

test("packets that the node itself sends start at the output hook", async () => {
  const own = { seconds: 2, src: "192.168.10.11", dst: WEB, ports: [40001, 80], flags: "S" } as const;
  const sent = await capture("sent.pcapng", "nflog", own);
  const wire = await capture("wire.pcapng", "cni0", syn(1, 40000));
  for (const args of [
    ["--packet", "1"],
    [wire, "--packet", `${sent}:1`],
  ]) {
    const trace = await traced(...args, "--from-host", sent);
    expect(trace.walk).toMatchObject({ number: 1, origin: "node" });
    expect(eventsOf(trace, "hook")[0]).toMatchObject({ hook: "output" });
  }
});

test("rules and explanations are those of the packet's time", async () => {
  const asked = await capture("meanwhile.pcapng", "cni0", syn(1, 40000), syn(3, 40001));
  await writeFile(at("service.yaml"), SERVICE);
  await writeFile(at("events.txt"), "2 kubectl delete -f service.yaml\n");
  const meanwhile = [asked, "--events", at("events.txt"), "--packet"];
  const before = await traced(...meanwhile, "1");
  expect(before.explanations.map(({ cause }) => cause)).toEqual(["endpoint"]);
  expect(eventsOf(before, "bind")).not.toEqual([]);
  const after = await traced(...meanwhile, "2");
  expect(after.explanations.map(({ cause }) => cause)).toContain("no-such-service");
  expect(eventsOf(after, "bind")).toEqual([]);
  const matched = eventsOf(after, "rule").filter((event) => event.kind === "rule" && event.matched);
  expect(matched.map((event) => event.kind === "rule" && event.text)).toEqual(
    expect.arrayContaining([expect.stringContaining("cluster-ips-check")]),
  );
});

test.each([
  [["--from", "pod/client", "--to", "web:80", "--events", "x"], "a described packet has no time"],
  [["examples/kimho/capture.pcapng", "--packet", "b.pcapng:1"], "--packet: no capture is called b.pcapng"],
  [["a.pcapng", "--packet", "a.pcapng:0"], "--packet a.pcapng:0: not a whole number from 1 on"],
])("wrong usage: %j", async (args, message) => {
  const { code, stderr } = await sluice(["trace", "-f", at("cluster.yaml"), ...args]);
  expect(code).not.toBe(0);
  expect(stderr).toContain(message);
});

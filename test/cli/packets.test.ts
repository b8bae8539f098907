/** `sluice replay --packets`: records do not tell which way a packet went through the engine. */

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { frame, ip4 } from "../support/packet.ts";
import { writePcapng } from "../support/pcapng.ts";
import { tcp, udp } from "../support/transport.ts";
import { bundleCli, removeCli, sluice } from "./run.ts";

const KIMHO = ["-f", "examples/kimho", "--node", "node1"];
const SERVICE = "10.96.24.6";
const MACS = ["02:00:00:00:00:01", "02:00:00:00:00:02"] as const;
/** A connection that nobody answers, from outside and from a pod; one between pods, both of its directions. */
const TUPLES = [
  ["192.168.10.1", 40_000, SERVICE, 80],
  ["10.244.1.30", 40_001, SERVICE, 80],
  ["10.244.1.30", 40_002, "10.244.2.10", 53],
  ["10.244.2.10", 53, "10.244.1.30", 40_002],
] as const;
const ROUNDS = 50;

let folder = "";
const at = (name: string) => join(folder, name);

beforeAll(async () => {
  await bundleCli();
  folder = await mkdtemp(join(tmpdir(), "packets-"));
});

afterAll(async () => {
  await removeCli();
  await rm(folder, { recursive: true });
});

/** Taken on an interface that the node does not have: only its routes tell by which of its own the packets came in. */
async function writeCapture(path: string): Promise<void> {
  const packets = Array.from({ length: ROUNDS }, () => TUPLES).flat();
  const frames = packets.map(([src, srcPort, dst, dstPort], n) => {
    const ports = { src: srcPort, dst: dstPort };
    const payload = dst === SERVICE ? tcp({ ...ports, flags: "A", seq: 1, ack: 1 }) : udp(ports);
    const time = 1_000_000_000n + BigInt(n);
    return { link: "tap", outbound: false, time, frame: frame(...MACS, ip4({ src, dst }, payload)) };
  });
  await writeFile(path, writePcapng(["tap"], frames));
}

async function records(name: string, options: readonly string[]): Promise<Record<string, unknown>[]> {
  const { code } = await sluice(["replay", ...KIMHO, at("tap.pcapng"), "--packets", at(name), ...options]);
  expect(code).toBe(0);
  const text = await readFile(at(name), "utf8");
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

test("packets on the short way are said to come in where those do that meet all rules", async () => {
  await writeCapture(at("tap.pcapng"));
  const short = await records("short.jsonl", []);
  const long = await records("long.jsonl", ["--no-fast-path"]);
  expect(short).toEqual(long);
  expect(short.map((record) => record.in)).toEqual(
    Array.from({ length: ROUNDS }, () => ["eth0", "cni0", "cni0", "eth0"]).flat(),
  );
});

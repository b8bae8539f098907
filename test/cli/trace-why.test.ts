/** `sluice trace` says why a packet reaches nobody, or whom it reaches. */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Trace } from "../../src/trace/types.ts";
import { frame } from "../support/packet.ts";
import { writePcapng } from "../support/pcapng.ts";
import { MANIFESTS } from "../trace/manifests.ts";
import { CAPTURED, ROUTED, ROUTES } from "../trace/ways.ts";
import { type Row, WHY } from "../trace/why.ts";
import { bundleCli, removeCli, sluice } from "./run.ts";

const CLIENT_MAC = "02:00:00:00:00:01";
const NODE_MAC = "02:00:00:00:00:02";
const MILLISECOND = 1_000_000n;

let folder = "";

beforeAll(async () => {
  await bundleCli();
  folder = await mkdtemp(join(tmpdir(), "trace-why-"));
  await writeFile(join(folder, "cluster.yaml"), MANIFESTS);
  await writeFile(join(folder, "route.json"), ROUTES);
  await writeFile(join(folder, "capture.pcapng"), writePcapng(["cni0"], CAPTURED.map(captured)));
});

afterAll(async () => {
  await removeCli();
  await rm(folder, { recursive: true });
});

function captured({ packet }: (typeof CAPTURED)[number], index: number) {
  const time = BigInt(index + 1) * MILLISECOND;
  return { link: "cni0", time, outbound: false, frame: frame(CLIENT_MAC, NODE_MAC, packet) };
}

async function explained(args: readonly string[]): Promise<Trace["explanations"]> {
  const { stdout, stderr } = await sluice(["trace", "-f", join(folder, "cluster.yaml"), ...args, "-o", "json"]);
  expect(stderr).toBe("");
  return (JSON.parse(stdout) as Trace).explanations;
}

async function expectRow({ from = "pod/client", to, args = [], cause, message, detail }: Row, options: string[]) {
  const explanations = await explained([...options, "--from", from, "--to", to, ...args]);
  const found = explanations.find((one) => one.cause === cause);
  expect(explanations.map((one) => one.cause)).toContain(cause);
  expect(found?.message).toMatch(message);
  if (detail !== undefined) expect(found?.details).toContainEqual(expect.stringMatching(detail));
}

for (const row of WHY) {
  for (const mode of row.everyMode ? ["nftables", "direct", "iptables"] : ["nftables"]) {
    test(`${row.name} (${mode})`, () => expectRow(row, ["--mode", mode]));
  }
}

for (const row of ROUTED) test(row.name, () => expectRow(row, ["--node", "node1", "--snapshot", folder]));

CAPTURED.forEach(({ name, cause, message }, index) => {
  if (cause === undefined || message === undefined) return;
  test(`${name} (packet ${index + 1} of a capture)`, async () => {
    const args = ["--node", "node1", join(folder, "capture.pcapng"), "--packet", `${index + 1}`];
    expect(await explained(args)).toContainEqual(
      expect.objectContaining({ cause, message: expect.stringMatching(message) }),
    );
  });
});

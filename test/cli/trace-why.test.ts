/** `sluice trace` says why a packet reaches nobody, or whom it reaches. */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Trace } from "../../src/trace/types.ts";
import { MANIFESTS } from "../trace/manifests.ts";
import { WHY } from "../trace/why.ts";
import { bundleCli, removeCli, sluice } from "./run.ts";

let folder = "";

beforeAll(async () => {
  await bundleCli();
  folder = await mkdtemp(join(tmpdir(), "trace-why-"));
  await writeFile(join(folder, "cluster.yaml"), MANIFESTS);
});

afterAll(async () => {
  await removeCli();
  await rm(folder, { recursive: true });
});

for (const { name, from = "pod/client", to, args = [], cause, message, detail, everyMode } of WHY) {
  for (const mode of everyMode ? ["nftables", "iptables"] : ["nftables"]) {
    test(`${name} (${mode})`, async () => {
      const words = ["-f", join(folder, "cluster.yaml"), "--mode", mode, "--from", from, "--to", to, ...args];
      const { stdout, stderr } = await sluice(["trace", ...words, "-o", "json"]);
      expect(stderr).toBe("");
      const { explanations } = JSON.parse(stdout) as Trace;
      const found = explanations.find((one) => one.cause === cause);
      expect(explanations.map((one) => one.cause)).toContain(cause);
      expect(found?.message).toMatch(message);
      if (detail !== undefined) expect(found?.details).toContainEqual(expect.stringMatching(detail));
    });
  }
}

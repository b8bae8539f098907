/** Which rules run: generated ones, --ruleset, or the snapshot's own. */

import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Report } from "../../src/report/types.ts";
import { bundleCli, removeCli, sluice } from "./run.ts";

const KIMHO = ["-f", "examples/kimho", "--node", "node1"];
const CAPTURE = "examples/kimho/capture.pcapng";
/** Rules that translate nothing. */
const NO_RULES = '{"nftables": [{"metainfo": {"json_schema_version": 1}}]}';

let folder = "";
const at = (name: string) => join(folder, name);

beforeAll(async () => {
  await bundleCli();
  folder = await mkdtemp(join(tmpdir(), "rules-"));
  const { stdout } = await sluice(["compile", ...KIMHO, "--mode", "nftables", "-o", "json"]);
  await writeFile(at("rules.nft.json"), stdout);
  await writeFile(at("none.json"), NO_RULES);
  const iptables = await sluice(["compile", ...KIMHO, "--mode", "iptables"]);
  await writeFile(at("rules.iptables-save"), iptables.stdout);
  await writeFile(
    at("devgroup.iptables-save"),
    iptables.stdout
      .replace(":KUBE-FORWARD", `:owned - [0:0]\n:KUBE-FORWARD`)
      .replace(/\nCOMMIT\n$/, "\n-A OUTPUT -d 192.0.2.1/32 -m devgroup --dst-group 1 -j DROP\nCOMMIT\n"),
  );
  await writeFile(at("addr.json"), "[]");
});

afterAll(async () => {
  await removeCli();
  await rm(folder, { recursive: true });
});

async function reportOf(args: readonly string[]): Promise<Report> {
  const { stdout, stderr } = await sluice(["replay", ...args, CAPTURE, "-o", "json"]);
  expect(stderr.replace(/^warning: no Service .*\n/m, "")).toBe("");
  return { ...(JSON.parse(stdout) as Report), throughput: undefined } as unknown as Report;
}

describe("the rules that run", () => {
  test("are kube-proxy's for the manifests", async () => {
    expect((await reportOf(KIMHO)).verdicts).toMatchObject({ forward: 63, reject: 1 });
  });

  test("are those of --ruleset where it is given", async () => {
    const same = await reportOf([...KIMHO, "--ruleset", at("rules.nft.json")]);
    expect(same).toEqual(await reportOf(KIMHO));
    expect((await reportOf([...KIMHO, "--ruleset", at("none.json")])).verdicts.reject ?? 0).toBe(0);
  });

  test("are those of iptables-save, too", async () => {
    const same = await reportOf([...KIMHO, "--ruleset", at("rules.iptables-save")]);
    expect(same).toEqual(await reportOf([...KIMHO, "--mode", "iptables"]));
  });

  test("are those that are supported, if the user takes that", async () => {
    const args = ["replay", ...KIMHO, "--ruleset", at("devgroup.iptables-save"), CAPTURE, "-o", "json"];
    const refused = await sluice(args);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/devgroup.iptables-save:\d+:\d+: the match "devgroup" is not supported\n/);
    const { code, stdout } = await sluice([...args, "--unsupported", "ignore"]);
    expect(code).toBe(0);
    const { warnings } = JSON.parse(stdout) as Report;
    expect(warnings[0]).toMatch(/the match "devgroup" is not supported: the rule never matches$/);
  });

  test("are the snapshot's own where no manifests are", async () => {
    const { connections } = await reportOf(["--snapshot", folder]);
    expect(connections.created).toBeGreaterThan(0);
  });

  test("of a snapshot are iptables' as iptables-save prints them", async () => {
    await mkdir(at("node"));
    await writeFile(at("node/addr.json"), "[]");
    await writeFile(at("node/rules.nft.json"), NO_RULES);
    await writeFile(at("node/rules.iptables-save"), await readFile(at("rules.iptables-save"), "utf8"));
    expect((await reportOf(["--snapshot", at("node")])).connections.created).toBeGreaterThan(0);
  });

  test("are the manifests' where both are", async () => {
    await mkdir(at("other"));
    await writeFile(at("other/addr.json"), "[]");
    await writeFile(at("other/rules.nft.json"), NO_RULES);
    expect((await reportOf([...KIMHO, "--snapshot", at("other")])).verdicts).toMatchObject({ reject: 1 });
  });
});

describe("rules that cannot be had are told with a remedy", () => {
  test.each([
    ["no rules at all", [], 2, "no manifests are named"],
    ["a snapshot without rules", ["--snapshot", "examples"], 1, "has no rules.nft.json"],
    ["a file that is missing", ["--ruleset", "no-such-file.json"], 1, "no-such-file.json: no such file or directory"],
    ["a format that is not read", ["--ruleset", "LICENSE"], 1, "LICENSE: rules in a format"],
  ])("%s", async (_, args, code, told) => {
    const result = await sluice(["replay", ...args, CAPTURE]);
    expect(result.code).toBe(code);
    expect(result.stderr).toContain(told);
  });
});

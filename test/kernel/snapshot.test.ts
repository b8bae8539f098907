/** The script of `sluice snapshot`, run on a node: what it collects is what the tools print, and it is read back. */

import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { collectScript } from "../../src/network/collect-script.ts";
import { deriveNetwork } from "../../src/network/derive.ts";
import { networkFrom } from "../../src/network/snapshot.ts";
import { readSnapshot } from "../../src/network/snapshot-node.ts";
import { rulesetText } from "../../src/ruleset/nft-text.ts";
import { describeKernel } from "../support/kernel.ts";
import { KernelNode } from "../support/kernel-node.ts";
import { clusterOf } from "../support/proxy.ts";
import { kubeProxy } from "./rules.ts";
import { LINKS, ROUTES } from "./world.ts";

const FILES = [
  "addr.json",
  "conntrack.txt",
  "ipset.txt",
  "link.json",
  "neigh.json",
  "route.json",
  "route6.json",
  "rule.json",
  "rules.ip6tables-save",
  "rules.iptables-save",
  "rules.nft.json",
  "sockets.txt",
  "sysctl.txt",
];
/** What is read where nothing is told. */
const WIRE = deriveNetwork(clusterOf([], []), "");
const NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];

describeKernel("the script of sluice snapshot", () => {
  let node: KernelNode;
  let parent: string;
  beforeAll(() => {
    node = new KernelNode({ links: LINKS, routes: ROUTES, rules: rulesetText(kubeProxy()) });
    parent = mkdtempSync(join(tmpdir(), "sluice-snapshot-"));
    execFileSync("chmod", ["777", parent]);
  });
  afterAll(() => {
    node?.close();
    rmSync(parent, { recursive: true, force: true });
  });

  /** Runs the script in the node's namespace, as standard input of a shell. */
  function collect(name: string, before: readonly string[] = [], env?: NodeJS.ProcessEnv) {
    const directory = join(parent, name);
    const args = ["netns", "exec", node.namespace, ...before, "/bin/sh", "-s", directory];
    const { status, stderr } = spawnSync("ip", args, { input: collectScript(), encoding: "utf8", ...(env && { env }) });
    const files = readdirSync(directory).sort();
    return { directory, status, stderr, files };
  }

  it("collects every file, and the network is the one that the tools print", async () => {
    const { directory, status, stderr, files } = collect("whole");
    expect({ status, stderr, files }).toEqual({ status: 0, stderr: `13 files in ${directory}\n`, files: FILES });
    const { network, problems } = await readSnapshot(directory, WIRE);
    expect(problems).toEqual([]);
    const expected = networkFrom(node.snapshot(), WIRE).network;
    expect({ ...network, sockets: [] }).toEqual({ ...expected, sockets: [] });
    expect(readFileSync(join(directory, "rules.nft.json"), "utf8")).toBe(node.snapshot()["rules.nft.json"]);
  });

  it("needs no privileges for what nobody hides", () => {
    const { status, stderr, files } = collect("unprivileged", NOBODY);
    expect(status).toBe(0);
    expect(files).toEqual(expect.arrayContaining(["addr.json", "link.json", "route.json", "sysctl.txt"]));
    expect(files).not.toContain("rules.nft.json");
    expect(stderr).toMatch(/^rules\.nft\.json: left out: nft -j list ruleset: .*not permitted/m);
  });

  it("goes on without tools, and says which are missing", () => {
    const tools = mkdtempSync(join(tmpdir(), "sluice-tools-"));
    const found = (name: string) => execFileSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).trim();
    for (const name of ["mkdir", "mv", "rm", "sed", "ss"]) execFileSync("ln", ["-s", found(name), join(tools, name)]);
    const script = collectScript().replace("PATH=$PATH:/usr/sbin:/sbin", `PATH=${tools}`);
    const directory = join(parent, "bare");
    const { status, stderr } = spawnSync("/bin/sh", ["-s", directory], { input: script, encoding: "utf8" });
    rmSync(tools, { recursive: true });
    expect(status).toBe(0);
    expect(readdirSync(directory)).toEqual(["sockets.txt"]);
    expect(stderr).toContain("link.json: left out: ip is not installed\n");
    expect(stderr).toContain("rules.iptables-save: left out: iptables-save is not installed\n");
    expect(stderr).toContain(`1 files in ${directory}\n`);
  });

  it("wants a directory", () => {
    const { status, stderr } = spawnSync("/bin/sh", ["-s"], { input: collectScript(), encoding: "utf8" });
    expect(status).toBe(2);
    expect(stderr).toMatch(/^usage: sh .* DIRECTORY\n$/);
  });
});

/** `sluice compile`: the rules of a node on stdout. */

import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { compileCommand } from "../../src/cli/compile.ts";
import { EXIT_USAGE, ProblemError } from "../../src/cli/messages.ts";
import { readNftJson } from "../../src/ruleset/nft-json.ts";
import { rulesetText } from "../../src/ruleset/nft-text.ts";
import { GOLDEN_ROOT, goldenFile } from "../support/golden.ts";
import { iptablesListing } from "../support/iptables-listing.ts";
import { nftListing } from "../support/nft-listing.ts";

const SCENARIO = "35-dualstack";
const FILES = [
  ...["-f", join(GOLDEN_ROOT, SCENARIO, "manifests.yaml")],
  ...["--proxy-config", join(GOLDEN_ROOT, SCENARIO, "kube-proxy-config.nftables.json")],
];

afterEach(() => vi.restoreAllMocks());

it("prints what kube-proxy programs on the node that its configuration names", async () => {
  expect(nftListing(await compile())).toEqual(nftListing(goldenFile(SCENARIO, "rules.nft")));
});

it("prints one family alone", async () => {
  expect(Object.keys(nftListing(await compile("--family", "ipv6")))).toEqual(["table ip6 kube-proxy"]);
});

it("prints JSON that says the same", async () => {
  const { ruleset, problems } = readNftJson(await compile("-o", "json"), "stdout");
  expect(problems).toEqual([]);
  expect(rulesetText(ruleset)).toBe(await compile());
});

it("prints what one sync sends, from other manifests to these", async () => {
  const update = (step: number) => join(GOLDEN_ROOT, "..", "updates", `step${step}`, "manifests.yaml");
  const text = await compileFiles("-f", update(2), "--node", "node1", "--against", update(1));
  expect(text.split("\n").map((line) => line.split(" ", 5).join(" "))).toEqual([
    "add chain ip kube-proxy service-PLHK7EKG-default/api/udp/dns",
    "flush chain ip kube-proxy service-PLHK7EKG-default/api/udp/dns",
    "add rule ip kube-proxy service-PLHK7EKG-default/api/udp/dns",
    "delete element ip kube-proxy hairpin-connections",
    "",
  ]);
});

describe("in iptables mode", () => {
  const golden = (file: string) => iptablesListing(goldenFile(SCENARIO, file));

  it("prints IPv4 for iptables-restore, unless IPv6 is asked for", async () => {
    const mode = ["--mode", "iptables"];
    expect(iptablesListing(await compile(...mode))).toEqual(golden("rules.iptables-save"));
    expect(iptablesListing(await compile(...mode, "--family", "ipv6"))).toEqual(golden("rules.ip6tables-save"));
  });

  it.each([
    ["one sync", [], ["KUBE-SVC-FQUPJ47UZSVCC33U"]],
    [
      "a full sync",
      ["--full-sync"],
      ["KUBE-SVC-CDGGSHYLG3RE2FKL", "KUBE-SVC-FQUPJ47UZSVCC33U", "KUBE-SVC-SAQSPR47NQHZLBNE"],
    ],
  ])("prints what %s gives to iptables-restore, from other manifests to these", async (_, options, chains) => {
    const update = (step: number) => join(GOLDEN_ROOT, "..", "updates", `step${step}`, "manifests.yaml");
    const args = ["--node", "node1", "--mode", "iptables", "-f", update(2), "--against", update(1)];
    const text = await compileFiles(...args, ...options);
    expect(Array.from(text.matchAll(/^:(KUBE-SVC-\S+)/gm), ([, name]) => name!).sort()).toEqual(chains);
    expect(text.match(/^-X KUBE-SEP-/gm)).toHaveLength(1);
  });

  it.each([
    [["--family", "both"], "--family both is nft's: iptables-restore and ip6tables-restore read one family each"],
    [["-o", "json"], "-o json is nft's: iptables-restore reads text only"],
    [["--full-sync"], "--full-sync is one of the syncs that --against prints in mode iptables"],
  ])("refuses %j", async (args, message) => {
    const failure = await compile("--mode", "iptables", ...args).catch((cause: unknown) => cause);
    expect(failure).toBeInstanceOf(ProblemError);
    expect(failure).toMatchObject({ message, exitCode: EXIT_USAGE });
  });
});

it("refuses a mode that it does not have", async () => {
  const failure = await compile("--mode", "userspace").catch((cause: unknown) => cause);
  expect(failure).toBeInstanceOf(ProblemError);
  expect(failure).toMatchObject({
    message: "mode userspace is not available in this version",
    exitCode: EXIT_USAGE,
  });
});

it("refuses a node that the manifests do not have", async () => {
  await expect(compile("--node", "nowhere")).rejects.toThrow('no Node is named "nowhere"');
});

function compile(...args: readonly string[]): Promise<string> {
  return compileFiles(...FILES, ...args);
}

async function compileFiles(...args: readonly string[]): Promise<string> {
  const written: string[] = [];
  vi.spyOn(process.stdout, "write").mockImplementation((text) => written.push(String(text)) > 0);
  await compileCommand().parseAsync([...args], { from: "user" });
  vi.restoreAllMocks();
  return written.join("");
}

/** The printed rules are nft's and iptables' own languages: the kernel takes them, and the tools list them as they were. */

import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";
import { generateIptables } from "../../src/proxy/iptables/ruleset.ts";
import { generateNftables } from "../../src/proxy/nftables/ruleset.ts";
import { iptablesText } from "../../src/ruleset/iptables-text.ts";
import { rulesetText } from "../../src/ruleset/nft-text.ts";
import { allGoldenNames, goldenInput } from "../support/golden.ts";
import { iptablesListing } from "../support/iptables-listing.ts";
import { describeKernel } from "../support/kernel.ts";
import { nftListing } from "../support/nft-listing.ts";

const LISTING_BYTES_MAX = 1 << 26;

describeKernel("rules loaded into the kernel", () => {
  it.each(allGoldenNames())("come back from nft as they were printed: %s", (name) => {
    const { cluster, node, configuration } = goldenInput(name);
    const text = rulesetText(generateNftables(cluster, node, configuration));
    expect(nftListing(loadAndList(text))).toEqual(nftListing(text));
  });

  it.each(allGoldenNames("iptables"))("come back from iptables-save as they were printed: %s", (name) => {
    const { cluster, node, configuration } = goldenInput(name, "iptables");
    const ruleset = generateIptables(cluster, node, configuration);
    for (const [family, tool] of [
      ["ip", "iptables"],
      ["ip6", "ip6tables"],
    ] as const) {
      const text = iptablesText(ruleset, family);
      expect(iptablesListing(restoreAndSave(text, tool))).toEqual(iptablesListing(text));
    }
  });
});

/** In a network namespace that lives as long as the shell. */
function loadAndList(text: string): string {
  return inNamespace("nft -f - && nft list ruleset", text);
}

/** kube-proxy makes its counters by netlink before it loads rules that name them. */
function restoreAndSave(text: string, tool: "iptables" | "ip6tables"): string {
  const counters = ["ct_state_invalid_dropped_pkts", "localhost_nps_accepted_pkts"];
  const commands = [...counters.map((name) => `nfacct add ${name}`), `${tool}-restore`, `${tool}-save`];
  return inNamespace(commands.join(" && "), text);
}

function inNamespace(script: string, input: string): string {
  const options = { input, encoding: "utf8", timeout: 60_000, maxBuffer: LISTING_BYTES_MAX } as const;
  return execFileSync("unshare", ["--net", "sh", "-c", script], options);
}

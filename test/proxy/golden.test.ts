/** kube-proxy v1.36.2 wrote the rules of each fixture on Linux 6.18; for the same manifests ours must be the same. */

import { describe, expect, it } from "vitest";
import { generateIptables } from "../../src/proxy/iptables/ruleset.ts";
import { generateNftables } from "../../src/proxy/nftables/ruleset.ts";
import { iptablesText } from "../../src/ruleset/iptables-text.ts";
import { rulesetText } from "../../src/ruleset/nft-text.ts";
import { allGoldenNames, goldenFile, goldenInput } from "../support/golden.ts";
import { iptablesListing } from "../support/iptables-listing.ts";
import { nftListing } from "../support/nft-listing.ts";

describe("nftables mode", () => {
  it.each(allGoldenNames())("writes kube-proxy's rules for %s", (name) => {
    const { cluster, node, configuration } = goldenInput(name);
    const text = rulesetText(generateNftables(cluster, node, configuration));
    const golden = goldenFile(name, "rules.nft");
    expect(nftListing(text)).toEqual(nftListing(golden));
  });
});

describe("iptables mode", () => {
  it.each(allGoldenNames("iptables"))("writes kube-proxy's rules for %s", (name) => {
    const { cluster, node, configuration } = goldenInput(name, "iptables");
    const ruleset = generateIptables(cluster, node, configuration);
    for (const [family, file] of [
      ["ip", "rules.iptables-save"],
      ["ip6", "rules.ip6tables-save"],
    ] as const) {
      expect(iptablesListing(iptablesText(ruleset, family))).toEqual(iptablesListing(goldenFile(name, file)));
    }
  });
});

/** kube-proxy v1.36.2 wrote the rules of each fixture on Linux 6.18; for the same manifests ours must be the same. */

import { describe, expect, it } from "vitest";
import { generateNftables } from "../../src/proxy/nftables/ruleset.ts";
import { rulesetText } from "../../src/ruleset/nft-text.ts";
import { goldenFile, goldenInput, goldenNames } from "../support/golden.ts";
import { nftListing } from "../support/nft-listing.ts";

describe("nftables mode", () => {
  it.each(goldenNames())("writes kube-proxy's rules for %s", (name) => {
    const { cluster, node, configuration } = goldenInput(name);
    const text = rulesetText(generateNftables(cluster, node, configuration));
    const golden = goldenFile(name, "rules.nft");
    expect(nftListing(text)).toEqual(nftListing(golden));
  });
});

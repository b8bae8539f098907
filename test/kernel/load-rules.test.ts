/** The printed rules are nft's own language: the kernel takes them and nft lists them as they were. */

import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";
import { generateNftables } from "../../src/proxy/nftables/ruleset.ts";
import { rulesetText } from "../../src/ruleset/nft-text.ts";
import { goldenInput, goldenNames } from "../support/golden.ts";
import { describeKernel } from "../support/kernel.ts";
import { nftListing } from "../support/nft-listing.ts";

describeKernel("rules loaded into the kernel", () => {
  it.each(goldenNames())("come back from nft as they were printed: %s", (name) => {
    const { cluster, node, configuration } = goldenInput(name);
    const text = rulesetText(generateNftables(cluster, node, configuration));
    expect(nftListing(loadAndList(text))).toEqual(nftListing(text));
  });
});

/** In a network namespace that lives as long as the shell. */
function loadAndList(text: string): string {
  const script = "nft -f - && nft list ruleset";
  return execFileSync("unshare", ["--net", "sh", "-c", script], { input: text, encoding: "utf8", timeout: 30_000 });
}

/** What kube-proxy sends to nft when the cluster changes: its own sequence of changes, and the commands of single ones. */

import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { generateNftables } from "../../src/proxy/nftables/ruleset.ts";
import { nftablesTransaction, type Transaction, transactionText } from "../../src/proxy/nftables/transaction.ts";
import { rulesetText } from "../../src/ruleset/nft-text.ts";
import type { Ruleset } from "../../src/ruleset/types.ts";
import { describeKernel } from "../support/kernel.ts";
import { nftListing } from "../support/nft-listing.ts";
import { clusterOf, clusterService, proxyConfiguration, proxyNode, slice } from "../support/proxy.ts";
import { UPDATE_CONFIGURATION, type UpdateStep, updateSequence } from "../support/update-sequence.ts";

const NOTHING: Ruleset = { tables: [] };
const SEPARATOR = "# next step";

interface Step extends UpdateStep {
  readonly transactions: readonly Transaction[];
  readonly standing: Ruleset;
}

/** The transactions of the sequence, each upon what the one before has left. */
function steps(): Step[] {
  let standing = NOTHING;
  return updateSequence().map((step) => {
    const after = generateNftables(step.cluster, step.node, UPDATE_CONFIGURATION);
    const transactions = Array.from({ length: step.syncs }, () => {
      const transaction = nftablesTransaction(standing, after);
      standing = transaction.standing;
      return transaction;
    });
    return { ...step, transactions, standing };
  });
}

describe("a sequence of changes leaves the rules that kube-proxy left", () => {
  it.each(steps())("when $what", ({ standing, rules }) => {
    expect(nftListing(rulesetText(standing))).toEqual(nftListing(rules));
  });
});

describeKernel("a sequence of changes in the kernel", () => {
  it("leaves what kube-proxy left, after each change", () => {
    const sequence = steps();
    const listed = listings(sequence);
    for (const [index, { rules, what }] of sequence.entries()) {
      expect(nftListing(listed[index]!), what).toEqual(nftListing(rules));
    }
  });
});

describe("a transaction", () => {
  it("is empty when nothing changes", () => {
    const ruleset = rules(["10.244.1.5", "10.244.2.6"]);
    expect(nftablesTransaction(ruleset, ruleset).commands).toEqual([]);
  });

  it("writes one chain when an endpoint of a ClusterIP Service changes", () => {
    expect(commands(["10.244.1.5"], ["10.244.1.5", "10.244.2.6"])).toEqual([
      `add chain ip kube-proxy ${CHAIN}`,
      `flush chain ip kube-proxy ${CHAIN}`,
      `add rule ip kube-proxy ${CHAIN} meta l4proto tcp dnat ip to numgen random mod 2 map { 0 : 10.244.1.5 . 8080, 1 : 10.244.2.6 . 8080 }`,
    ]);
  });

  it("empties the chain of a Service that loses its endpoints, and moves its address to those that reject", () => {
    expect(commands(["10.244.1.5"], [])).toEqual([
      'add element ip kube-proxy no-endpoint-services { 10.96.0.1 . tcp . 80 comment "default/web:http" : goto reject-chain }',
      `flush chain ip kube-proxy ${CHAIN}`,
      "delete element ip kube-proxy service-ips { 10.96.0.1 . tcp . 80 }",
    ]);
  });

  it("deletes first what the sync before has emptied, even if it comes back", () => {
    const { standing } = nftablesTransaction(rules(["10.244.1.5"]), rules([]));
    expect(nftablesTransaction(standing, rules([])).commands).toEqual([`delete chain ip kube-proxy ${CHAIN}`]);
    expect(nftablesTransaction(standing, rules(["10.244.1.5"])).commands.slice(0, 2)).toEqual([
      `delete chain ip kube-proxy ${CHAIN}`,
      `add chain ip kube-proxy ${CHAIN}`,
    ]);
  });

  it("leaves other tables alone", () => {
    const foreign: Ruleset = { tables: [{ family: "inet", name: "filter", sets: [], chains: [] }] };
    expect(nftablesTransaction(foreign, NOTHING).commands).toEqual([]);
  });
});

const CHAIN = "service-SUSTUHLJ-default/web/tcp/http";

/** Rules for one Service whose endpoints are on other nodes. */
function rules(endpoints: readonly string[]): Ruleset {
  return generateNftables(clusterOf([clusterService()], [slice(endpoints)]), proxyNode(), proxyConfiguration());
}

function commands(before: readonly string[], after: readonly string[]): readonly string[] {
  return nftablesTransaction(rules(before), rules(after)).commands;
}

/** What nft lists after the transactions of each step, all in one network namespace. */
function listings(sequence: readonly Step[]): string[] {
  const script = sequence.flatMap(({ transactions }) => [
    ...transactions.map((transaction) => `nft -f - <<'RULES'\n${transactionText(transaction)}RULES`),
    `nft list ruleset; echo '${SEPARATOR}'`,
  ]);
  const options = { encoding: "utf8", timeout: 30_000 } as const;
  return execFileSync("unshare", ["--net", "sh", "-e", "-c", script.join("\n")], options).split(`${SEPARATOR}\n`);
}

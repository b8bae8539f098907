/** What kube-proxy gives to iptables-restore when the cluster changes: its own sequence of changes, and single ones. */

import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import type { Cluster } from "../../src/cluster/types.ts";
import { restoreText } from "../../src/proxy/iptables/restore.ts";
import { generateIptables } from "../../src/proxy/iptables/ruleset.ts";
import { updatedServices } from "../../src/proxy/updated-services.ts";
import { iptablesText } from "../../src/ruleset/iptables-text.ts";
import type { Ruleset } from "../../src/ruleset/types.ts";
import { iptablesListing } from "../support/iptables-listing.ts";
import { describeKernel } from "../support/kernel.ts";
import { clusterOf, clusterService, proxyConfiguration, proxyNode, slice } from "../support/proxy.ts";
import { UPDATE_CONFIGURATION, updateSequence } from "../support/update-sequence.ts";

const NOTHING: Ruleset = { tables: [] };
const SEPARATOR = "# next step";
const CONFIGURATION = { ...UPDATE_CONFIGURATION, mode: "iptables" } as const;
const COUNTERS = ["ct_state_invalid_dropped_pkts", "localhost_nps_accepted_pkts"];

describeKernel("a sequence of partial syncs in the kernel", () => {
  it("leaves what kube-proxy left, after each change", () => {
    const sequence = updateSequence();
    const rulesets = sequence.map(({ cluster, node }) => generateIptables(cluster, node, CONFIGURATION));
    const inputs = sequence.map(({ cluster }, index) => {
      const sync = { before: rulesets[index - 1] ?? NOTHING, after: rulesets[index]! };
      const before = sequence[index - 1]?.cluster;
      if (before === undefined) return restoreText(sync, "ip");
      return restoreText({ ...sync, updated: updatedServices(before, cluster, "IPv4") }, "ip");
    });
    const listed = saved(bareText(rulesets[0]!), inputs);
    for (const [index, { iptablesRules, what }] of sequence.entries()) {
      expect(iptablesListing(listed[index]!), what).toEqual(iptablesListing(iptablesRules));
    }
  });
});

describe("a partial sync", () => {
  const web = clusterService();
  const other = clusterService({ name: "other", clusterIps: ["10.96.0.2"] });
  const otherSlice = slice(["10.244.1.9"], { name: "other-1", service: "other" });
  const withEndpoints = (...endpoints: string[]) => clusterOf([web, other], [slice(endpoints), otherSlice]);

  it("without changes writes the chains that Services share, and no other", () => {
    const cluster = withEndpoints("10.244.1.5");
    const text = partial(cluster, cluster);
    expect(declared(text)).toEqual([
      ...["KUBE-SERVICES", "KUBE-EXTERNAL-SERVICES", "KUBE-FORWARD", "KUBE-NODEPORTS", "KUBE-PROXY-FIREWALL"],
      ...["KUBE-SERVICES", "KUBE-NODEPORTS", "KUBE-POSTROUTING", "KUBE-MARK-MASQ"],
    ]);
    expect(text).toContain('-m comment --comment "default/web:http cluster IP"');
    expect(text).toContain('-m comment --comment "default/other:http cluster IP"');
  });

  it("writes all chains of a Service whose endpoints change, and none of others", () => {
    const text = partial(withEndpoints("10.244.1.5"), withEndpoints("10.244.1.5", "10.244.2.6"));
    expect(own(text)).toEqual(["KUBE-SVC", "KUBE-SEP", "KUBE-SEP"]);
    expect(text).not.toContain("-X");
  });

  it("deletes the chain of an endpoint that is gone, which it has to declare for that", () => {
    const text = partial(withEndpoints("10.244.1.5", "10.244.2.6"), withEndpoints("10.244.1.5"));
    expect(own(text)).toEqual(["KUBE-SVC", "KUBE-SEP", "KUBE-SEP"]);
    const deleted = /-X (\S+)/.exec(text)?.[1];
    expect(text.indexOf(`:${deleted} - [0:0]`)).toBeGreaterThan(0);
    expect(text).not.toContain(`-A ${deleted}`);
  });

  it("of a Service that loses all endpoints deletes its chains and rejects in the filter table", () => {
    const text = partial(withEndpoints("10.244.1.5"), withEndpoints());
    expect(text.match(/-X KUBE-(SVC|SEP)-/g)).toHaveLength(2);
    expect(text).toContain('-m comment --comment "default/web:http has no endpoints"');
  });

  it("does not take other labels of a Service for a change", () => {
    const cluster = withEndpoints("10.244.1.5");
    const labelled = { ...cluster, services: [{ ...web, labels: { app: "web" } }, other] };
    expect(own(partial(cluster, labelled))).toEqual([]);
  });
});

describe("a full sync", () => {
  it("writes the chains of all Services, changed or not", () => {
    const cluster = clusterOf([clusterService()], [slice(["10.244.1.5"])]);
    const rules = generateIptables(cluster, proxyNode(), proxyConfiguration());
    expect(own(restoreText({ before: rules, after: rules }, "ip"))).toEqual(["KUBE-SVC", "KUBE-SEP"]);
  });
});

function partial(before: Cluster, after: Cluster): string {
  const [old, now] = [before, after].map((cluster) => generateIptables(cluster, proxyNode(), proxyConfiguration()));
  return restoreText({ before: old!, after: now!, updated: updatedServices(before, after, "IPv4") }, "ip");
}

function declared(text: string): string[] {
  return Array.from(text.matchAll(/^:(\S+)/gm), ([, name]) => name!);
}

/** What begins the names of the declared chains of Services. */
function own(text: string): string[] {
  return declared(text).flatMap((name) => /^(KUBE-[A-Z]+)-[A-Z2-7]{16}$/.exec(name)?.[1] ?? []);
}

/** What a full sync makes with commands of its own: built-in chains with their jumps, and empty chains to jump to. */
function bareText({ tables }: Ruleset): string {
  const bare = tables.map((table) => ({
    ...table,
    chains: table.chains
      .filter(({ name }) => own(`:${name}`).length === 0)
      .map((chain) => (chain.base === undefined ? { ...chain, rules: [] } : chain)),
  }));
  return iptablesText({ tables: bare }, "ip");
}

/** What iptables-save prints after each of the inputs, all in one network namespace. */
function saved(first: string, inputs: readonly string[]): string[] {
  const script = [
    ...COUNTERS.map((name) => `nfacct add ${name}`),
    `iptables-restore <<'RULES'\n${first}RULES`,
    ...inputs.flatMap((input) => [
      `iptables-restore --noflush --counters <<'RULES'\n${input}RULES`,
      `iptables-save; echo '${SEPARATOR}'`,
    ]),
  ];
  const options = { encoding: "utf8", timeout: 60_000 } as const;
  return execFileSync("unshare", ["--net", "sh", "-e", "-c", script.join("\n")], options).split(`${SEPARATOR}\n`);
}

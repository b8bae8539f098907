/**
 * One sync of kube-proxy in iptables mode: what it gives to `iptables-restore --noflush` (pkg/proxy/iptables/proxier.go,
 * syncProxyRules). A declared chain is emptied and filled anew, others stay as they are. The chains that all Services
 * share are written every time; a Service's own are left out of a partial sync if it has not changed.
 *
 * The built-in chains' jumps and the canaries are not in it: a full sync sees to them with commands of their own before.
 */

import { ruleText } from "../../ruleset/iptables-text-rule.ts";
import type { Chain, Ruleset, Table } from "../../ruleset/types.ts";
import * as names from "./names.ts";

export interface Sync {
  /** The rules that the kernel holds; none before the first sync. */
  readonly before: Ruleset;
  readonly after: Ruleset;
  /** "namespace/name" of the Services that have changed; absent: a full sync. */
  readonly updated?: ReadonlySet<string>;
}

const FILTER_CHAINS = [
  names.SERVICES_CHAIN,
  names.EXTERNAL_SERVICES_CHAIN,
  names.FORWARD_CHAIN,
  names.NODE_PORTS_CHAIN,
  names.PROXY_FIREWALL_CHAIN,
];
const NAT_CHAINS = [names.SERVICES_CHAIN, names.NODE_PORTS_CHAIN, names.POSTROUTING_CHAIN, names.MARK_MASQUERADE_CHAIN];

/** Chains of service ports and endpoints (isServiceChainName): of these kube-proxy deletes what it no longer uses. */
const SERVICE_CHAIN = /^KUBE-(SVC|SVL|FW|EXT|SEP)-/;

/**
 * The input of one family's command. Stale chains are in it: with more than 1000 endpoints kube-proxy looks for them only
 * when it has not done so for its sync period, which this takes to have passed.
 */
export function restoreText({ before, after, updated }: Sync, family: "ip" | "ip6"): string {
  const nat = tableOf(after, family, "nat");
  const stale = tableOf(before, family, "nat").filter(isStaleIn(nat));
  const written = nat.filter((chain) => isServiceChain(chain) && (updated === undefined || isOf(chain, updated)));
  return [
    "*filter",
    ...chainLines(filterChains(tableOf(after, family, "filter")), family),
    "COMMIT",
    "*nat",
    ...chainLines([...named(nat, NAT_CHAINS), ...written], family, stale),
    "COMMIT\n",
  ].join("\n");
}

/** The guard of localhost is written where there is one; without it the chain is kubelet's alone. */
function filterChains(filter: readonly Chain[]): Chain[] {
  const guard = named(filter, [names.FIREWALL_CHAIN]).filter(({ rules }) => rules.length > 0);
  return [...named(filter, FILTER_CHAINS), ...guard];
}

/** Declarations first, then rules, then what is deleted: a chain must be declared, and so emptied, before. */
function chainLines(chains: readonly Chain[], family: "ip" | "ip6", stale: readonly Chain[] = []): string[] {
  return [
    ...[...chains, ...stale].map(({ name }) => `:${name} - [0:0]`),
    ...chains.flatMap(({ name, rules }) => rules.map((rule) => ruleText(name, rule, family))),
    ...stale.map(({ name }) => `-X ${name}`),
  ];
}

function tableOf({ tables }: Ruleset, family: "ip" | "ip6", name: string): Table["chains"] {
  return tables.find((table) => table.family === family && table.name === name)?.chains ?? [];
}

function named(chains: readonly Chain[], wanted: readonly string[]): Chain[] {
  return wanted.flatMap((name) => chains.find((chain) => chain.name === name) ?? []);
}

function isServiceChain({ name }: Chain): boolean {
  return SERVICE_CHAIN.test(name);
}

function isStaleIn(chains: readonly Chain[]): (chain: Chain) => boolean {
  const active = new Set(chains.map(({ name }) => name));
  return (chain) => isServiceChain(chain) && !active.has(chain.name);
}

/** The rules of a Service's chains tell whose they are: "Service default/web, port http". */
function isOf({ rules }: Chain, services: ReadonlySet<string>): boolean {
  const service = rules[0]?.origin?.object.split(",", 1)[0]?.replace("Service ", "");
  return service !== undefined && services.has(service);
}

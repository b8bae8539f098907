/** Mode direct for readers: every place where Services are reachable, and what becomes of packets to it. */

import { verdictText } from "../../ruleset/nft-text-literal.ts";
import { ruleText, statementText } from "../../ruleset/nft-text-rule.ts";
import { protocolName } from "../../ruleset/protocols.ts";
import type { Chain, Element, Rule, Ruleset, Table, Verdict } from "../../ruleset/types.ts";
import * as names from "../nftables/names.ts";

export interface ServiceEntry {
  readonly family: "IPv4" | "IPv6";
  readonly protocol: string;
  /** Absent: the node's own addresses that node ports are served on. */
  readonly address?: string;
  readonly port: number;
  /** "default/web, port http" */
  readonly service: string;
  /** Step by step, in words that read like nft's; each only if those before it let the packet go on. */
  readonly steps: readonly string[];
}

/** The maps that have a place, in the order in which packets meet them. */
const MAPS: readonly string[] = [
  names.FIREWALL_IPS_MAP,
  names.SERVICE_IPS_MAP,
  names.SERVICE_NODE_PORTS_MAP,
  names.NO_ENDPOINT_SERVICES_MAP,
  names.NO_ENDPOINT_NODE_PORTS_MAP,
];

/** Places in the order of the Services; `ruleset` is one of generateDirect(). */
export function serviceEntries({ tables }: Ruleset): ServiceEntry[] {
  return tables.flatMap((table) => {
    const entries = new Map<string, ServiceEntry>();
    const chains = new Map(table.chains.map((chain) => [chain.name, chain]));
    for (const name of MAPS) {
      for (const element of table.sets.find((set) => set.name === name)?.elements ?? []) {
        const { steps, ...place } = entryOf(table, element, chains);
        const key = JSON.stringify({ ...place, service: "" });
        entries.set(key, { ...place, steps: [...(entries.get(key)?.steps ?? []), ...steps] });
      }
    }
    return [...entries.values()].sort((a, b) => Number(a.service > b.service) - Number(a.service < b.service));
  });
}

function entryOf({ family }: Table, { key, value, origin }: Element, chains: ReadonlyMap<string, Chain>): ServiceEntry {
  const [port, protocol, address] = key.toReversed();
  return {
    family: family === "ip" ? "IPv4" : "IPv6",
    protocol: protocol?.kind === "protocol" ? protocolName(protocol.protocol) : "",
    ...(address?.kind === "address" ? { address: address.address } : {}),
    port: port?.kind === "number" ? port.value : 0,
    service: (origin?.object ?? "").replace(/^Service /, ""),
    steps: value !== undefined && "kind" in value ? stepsOf(value, chains) : [],
  };
}

function stepsOf(verdict: Verdict, chains: ReadonlyMap<string, Chain>): string[] {
  const chain = "chain" in verdict ? chains.get(verdict.chain) : undefined;
  return chain === undefined ? [verdictText(verdict)] : chain.rules.map((rule) => stepOf(rule, chains));
}

/** A rule; where it leads to another chain, what that does stands instead. */
function stepOf(rule: Rule, chains: ReadonlyMap<string, Chain>): string {
  const last = rule.statements.at(-1);
  const leads = last?.kind === "verdict" && "chain" in last.verdict;
  if (!leads) return ruleText({ statements: rule.statements });
  const before = rule.statements.slice(0, -1).map(statementText);
  return [...before, stepsOf(last.verdict, chains).join("; ")].join(" ");
}

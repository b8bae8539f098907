/** Text of `iptables-save` in a form whose equality ignores what kube-proxy does not promise: the order of chains and of Services. */

/** Chains to which every Service adds its rules, in no order; within a Service their order counts. */
const SHARED_CHAINS = ["KUBE-SERVICES", "KUBE-EXTERNAL-SERVICES", "KUBE-NODEPORTS", "KUBE-PROXY-FIREWALL"];
const LAST_RULE = "NOTE: this must be the last rule in this chain";

/** "nat" → "KUBE-SERVICES - [0:0]" → its rules. */
export type IptablesListing = Record<string, Record<string, readonly string[]>>;

export function iptablesListing(text: string): IptablesListing {
  const listing: Record<string, Record<string, string[]>> = {};
  let chains: Record<string, string[]> = {};
  for (const line of text.split("\n")) {
    const [word = "", chain = ""] = line.split(" ");
    if (line.startsWith("*")) {
      chains = {};
      listing[line.slice(1)] = chains;
    } else if (line.startsWith(":")) chains[line.slice(1)] = [];
    else if (word === "-A") rulesOf(chains, chain).push(line);
  }
  for (const table of Object.values(listing)) sortShared(table);
  return listing;
}

function rulesOf(chains: Record<string, string[]>, name: string): string[] {
  const found = Object.entries(chains).find(([declaration]) => declaration.startsWith(`${name} `));
  if (found === undefined) throw new Error(`chain ${name} is not declared`);
  return found[1];
}

function sortShared(chains: Record<string, string[]>): void {
  for (const name of SHARED_CHAINS) {
    const declaration = Object.keys(chains).find((candidate) => candidate.startsWith(`${name} `));
    if (declaration === undefined) continue;
    chains[declaration] = chains[declaration]!.toSorted((a, b) => compare(serviceOf(a), serviceOf(b)));
  }
}

/** The service port that a rule's comment begins with. */
function serviceOf(rule: string): string {
  return rule.includes(LAST_RULE) ? "~" : (/--comment "?([^" ]+)/.exec(rule)?.[1] ?? "");
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

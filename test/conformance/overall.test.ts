/** kube-proxy's own test of a whole ruleset (TestOverallNFTablesRules of v1.36): the commands that make it from nothing. */

import { expect, it } from "vitest";
import { generateNftables } from "../../src/proxy/nftables/ruleset.ts";
import { nftablesTransaction } from "../../src/proxy/nftables/transaction.ts";
import { caseInput, type ProxyCase, readCase } from "./case.ts";

interface OverallCase extends ProxyCase {
  readonly expected: { readonly lines: readonly string[] };
}

/** Where kube-proxy's spelling is not that of `nft list ruleset`, which is ours. */
const SPELLINGS: readonly (readonly [kubeProxy: RegExp, nft: string])[] = [
  [
    / mark and 0x4000 != 0 mark set mark xor 0x4000/,
    " meta mark & 0x00004000 != 0x00000000 meta mark set meta mark ^ 0x00004000",
  ],
  [/ mark set mark or 0x4000/, " meta mark set meta mark | 0x00004000"],
  [/ dnat ip addr \. port to /, " dnat ip to "],
  [/^(add rule .*)\{ ([\d./]+) \}/, "$1$2"],
  [/ , /, ", "],
  [/ flags dynamic,timeout /, " size 65535 ; flags dynamic,timeout "],
];

it("TestOverallNFTablesRules: the same tables, chains, rules, sets and elements", () => {
  const overall = readCase<OverallCase>("overall/nftables-TestOverallNFTablesRules-v1.36.json");
  const { cluster, node, configuration } = caseInput(overall);
  const { tables } = generateNftables(cluster, node, configuration);
  const ip4 = { tables: tables.filter(({ family }) => family === "ip") };
  const { commands } = nftablesTransaction({ tables: [] }, ip4);
  const added = commands.filter((command) => command.startsWith("add "));
  expect(inOrder(added)).toEqual(inOrder(overall.expected.lines.map(respelt)));
});

function respelt(line: string): string {
  return SPELLINGS.reduce((text, [kubeProxy, nft]) => text.replace(kubeProxy, nft), line);
}

/** Sorted, but for the rules of a chain, whose order counts. */
function inOrder(lines: readonly string[]): string[] {
  const key = (line: string) => (line.startsWith("add rule ") ? line.split(" ", 5).join(" ") : line);
  return lines.toSorted((a, b) => (key(a) < key(b) ? -1 : Number(key(a) > key(b))));
}

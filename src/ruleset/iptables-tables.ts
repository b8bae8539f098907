/** iptables' tables: their built-in chains, and where netfilter calls them (enum nf_ip_hook_priorities). */

import type { BaseChain, Hook } from "./types.ts";

type Place = Omit<BaseChain, "policy">;

const HOOKS: Readonly<Record<string, Hook>> = {
  PREROUTING: "prerouting",
  INPUT: "input",
  FORWARD: "forward",
  OUTPUT: "output",
  POSTROUTING: "postrouting",
};

export const BUILT_IN_CHAINS: Readonly<Record<string, Readonly<Record<string, Place>>>> = {
  raw: chains("filter", { PREROUTING: -300, OUTPUT: -300 }),
  mangle: {
    ...chains("filter", { PREROUTING: -150, INPUT: -150, FORWARD: -150 }),
    ...chains("route", { OUTPUT: -150 }),
    ...chains("filter", { POSTROUTING: -150 }),
  },
  nat: chains("nat", { PREROUTING: -100, INPUT: 100, OUTPUT: -100, POSTROUTING: 100 }),
  filter: chains("filter", { INPUT: 0, FORWARD: 0, OUTPUT: 0 }),
  security: chains("filter", { INPUT: 50, FORWARD: 50, OUTPUT: 50 }),
};

function chains(type: BaseChain["type"], priorities: Readonly<Record<string, number>>): Record<string, Place> {
  return Object.fromEntries(
    Object.entries(priorities).map(([name, priority]) => [name, { type, hook: HOOKS[name]!, priority }]),
  );
}

/** What the node of a group of conversations is like, and how the kernel is made so. */

import { networkFrom } from "../../src/network/snapshot.ts";
import type { NodeNetwork } from "../../src/network/types.ts";
import { INVALID_COUNTER, LOCALHOST_COUNTER } from "../../src/proxy/iptables/names.ts";
import { iptablesText } from "../../src/ruleset/iptables-text.ts";
import { rulesetText } from "../../src/ruleset/nft-text.ts";
import type { Ruleset } from "../../src/ruleset/types.ts";
import { KernelNode } from "../support/kernel-node.ts";
import { LINKS, ROUTES } from "./world.ts";

export interface Setting {
  readonly ruleset: Ruleset;
  /** The rules as nft is to load them; default: as they are printed. (nft cannot read all that it lists.) */
  readonly text?: string;
  readonly sysctls?: Readonly<Record<string, string | number>>;
  /** Whether the router is the way to all else; default: yes. */
  readonly gateway?: boolean;
  /** Routes besides the world's, as `ip route add` takes them. */
  readonly routes?: readonly string[];
  /** Who loads the rules into the kernel; default: nft. */
  readonly tool?: "nft" | "iptables";
}

export const NO_NETWORK: NodeNetwork = {
  interfaces: [],
  routes: [],
  neighbours: [],
  sysctls: {},
  sockets: [],
  kind: "wire",
  linkAddresses: false,
};

/** A kernel with the world's links and the setting's rules. */
export function kernelOf(setting: Setting): KernelNode {
  const { ruleset, text, sysctls = {}, gateway = true, routes = [], tool = "nft" } = setting;
  const kernel = new KernelNode({ links: LINKS, routes: [...(gateway ? ROUTES : []), ...routes], sysctls });
  if (tool === "iptables") {
    const counters = [INVALID_COUNTER, LOCALHOST_COUNTER];
    kernel.restoreIptables(iptablesText(ruleset, "ip"), iptablesText(ruleset, "ip6"), counters);
  } else {
    kernel.loadRules(text ?? rulesetText(ruleset));
  }
  return kernel;
}

/** The node's network as an engine takes it. */
export function networkOf(kernel: KernelNode): NodeNetwork {
  return networkFrom(kernel.snapshot(), NO_NETWORK).network;
}

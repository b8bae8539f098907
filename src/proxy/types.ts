/** kube-proxy's configuration, as far as rules depend on it: what KubeProxyConfiguration and the flags say. */

import type { Scheduler } from "../ruleset/types.ts";

export interface ProxyConfiguration {
  readonly mode: "iptables" | "nftables" | "direct";
  /** Mode direct only; default: random. */
  readonly scheduler?: Scheduler;
  readonly detectLocalMode: "ClusterCIDR" | "NodeCIDR" | "BridgeInterface" | "InterfaceNamePrefix" | "None";
  /** One CIDR per family at most; empty: not configured. */
  readonly clusterCidrs: readonly string[];
  readonly bridgeInterface?: string;
  readonly interfaceNamePrefix?: string;
  /** CIDRs or "primary"; empty: the mode's default. */
  readonly nodePortAddresses: readonly string[];
  readonly masqueradeAll: boolean;
  readonly masqueradeBit: number;
  readonly localhostNodePorts: boolean;
  /** kube-proxy sets the sysctl of this name. */
  readonly conntrackTcpLiberal?: boolean;
}

/** The node for whom rules are written. */
export interface ProxyNode {
  readonly name: string;
  /** One address per family at most: the node's primary addresses. */
  readonly addresses: readonly string[];
  /** All addresses of the node's interfaces, from which nodePortAddresses chooses; absent: those of the Node object. */
  readonly interfaceAddresses?: readonly string[];
  readonly podCidrs: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly zone?: string;
  /** net.netfilter.nf_conntrack_tcp_be_liberal: TCP segments outside of their window are not invalid. */
  readonly conntrackTcpLiberal?: boolean;
}

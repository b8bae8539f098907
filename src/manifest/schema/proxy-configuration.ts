/** kubeproxy.config.k8s.io/v1alpha1 KubeProxyConfiguration: what rules depend on, the rest by name. */

import { choice, list, object, unread } from "./types.ts";

const IPTABLES_AND_NFTABLES = {
  ...unread("minSyncPeriod", "syncPeriod"),
  masqueradeAll: "boolean",
  masqueradeBit: "integer",
} as const;

export const PROXY_CONFIGURATION = object({
  ...unread("bindAddressHardFail", "clientConnection", "configSyncPeriod", "enableProfiling", "featureGates"),
  ...unread("healthzBindAddress", "ipvs", "logging", "metricsBindAddress", "oomScoreAdj", "portRange"),
  ...unread("showHiddenMetricsForVersion", "windowsRunAsService", "winkernel"),
  apiVersion: "string",
  kind: "string",
  bindAddress: "address",
  hostnameOverride: "string",
  mode: choice("iptables", "ipvs", "nftables"),
  clusterCIDR: "string",
  detectLocalMode: choice("BridgeInterface", "ClusterCIDR", "InterfaceNamePrefix", "NodeCIDR"),
  conntrack: object({
    ...unread("maxPerCore", "min", "tcpCloseWaitTimeout", "tcpEstablishedTimeout", "udpStreamTimeout", "udpTimeout"),
    tcpBeLiberal: "boolean",
  }),
  detectLocal: object({ bridgeInterface: "string", interfaceNamePrefix: "string" }),
  nodePortAddresses: list("string"),
  iptables: object({ ...IPTABLES_AND_NFTABLES, localhostNodePorts: "boolean" }),
  nftables: object(IPTABLES_AND_NFTABLES),
});

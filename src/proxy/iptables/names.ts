/** Names of kube-proxy's chains. Those of service ports and endpoints are hashes: xt_table names end after 28 letters. */

import type { ProxyEndpoint } from "../endpoints.ts";
import { nameHash } from "../name-hash.ts";
import type { ServiceChains } from "../placed-port.ts";
import type { ProxyServicePort } from "../service-ports.ts";

export const SERVICES_CHAIN = "KUBE-SERVICES";
export const EXTERNAL_SERVICES_CHAIN = "KUBE-EXTERNAL-SERVICES";
export const NODE_PORTS_CHAIN = "KUBE-NODEPORTS";
export const POSTROUTING_CHAIN = "KUBE-POSTROUTING";
export const MARK_MASQUERADE_CHAIN = "KUBE-MARK-MASQ";
export const FORWARD_CHAIN = "KUBE-FORWARD";
export const PROXY_FIREWALL_CHAIN = "KUBE-PROXY-FIREWALL";
/** kubelet's, which kube-proxy makes too: nothing but the rule against martian packets belongs into it. */
export const FIREWALL_CHAIN = "KUBE-FIREWALL";
/** Empty; when it is gone somebody has flushed the tables, and kube-proxy writes all rules again. */
export const CANARY_CHAIN = "KUBE-PROXY-CANARY";

/** Counters that kube-proxy makes by netlink before it loads rules. */
export const INVALID_COUNTER = "ct_state_invalid_dropped_pkts";
export const LOCALHOST_COUNTER = "localhost_nps_accepted_pkts";

const HASH_LENGTH = 16;

export function serviceChains(port: ProxyServicePort): ServiceChains {
  const hash = nameHash(hashedName(port), HASH_LENGTH);
  return {
    cluster: `KUBE-SVC-${hash}`,
    local: `KUBE-SVL-${hash}`,
    external: `KUBE-EXT-${hash}`,
    firewall: `KUBE-FW-${hash}`,
  };
}

export function endpointChain(port: ProxyServicePort, endpoint: ProxyEndpoint): string {
  return `KUBE-SEP-${nameHash(hashedName(port) + endpoint.title, HASH_LENGTH)}`;
}

function hashedName({ title, protocol }: ProxyServicePort): string {
  return title + protocol.toLowerCase();
}

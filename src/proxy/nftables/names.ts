/** Names in kube-proxy's table. Those of a service port or endpoint begin with a hash, so that cutting keeps them apart. */

import type { ProxyEndpoint } from "../endpoints.ts";
import { nameHash } from "../name-hash.ts";
import type { ServiceChains } from "../placed-port.ts";
import type { ProxyServicePort } from "../service-ports.ts";

export const TABLE = "kube-proxy";

export const SERVICES_CHAIN = "services";
export const MASQUERADING_CHAIN = "masquerading";
export const FIREWALL_CHECK_CHAIN = "firewall-check";
export const SERVICE_ENDPOINTS_CHECK_CHAIN = "service-endpoints-check";
export const NODE_PORT_ENDPOINTS_CHECK_CHAIN = "nodeport-endpoints-check";
export const CLUSTER_IPS_CHECK_CHAIN = "cluster-ips-check";
export const REJECT_CHAIN = "reject-chain";

export const HAIRPIN_SET = "hairpin-connections";
export const CLUSTER_IPS_SET = "cluster-ips";
export const NODE_PORT_IPS_SET = "nodeport-ips";
export const NO_ENDPOINT_SERVICES_MAP = "no-endpoint-services";
export const NO_ENDPOINT_NODE_PORTS_MAP = "no-endpoint-nodeports";
export const FIREWALL_IPS_MAP = "firewall-ips";
export const SERVICE_IPS_MAP = "service-ips";
export const SERVICE_NODE_PORTS_MAP = "service-nodeports";

/** nft allows 256 characters; kube-proxy reserves 16 for what stands before the hash. */
const BASE_LENGTH_MAX = 240;
const ELLIPSIS = "...";
const HASH_LENGTH = 8;

export function serviceChains(port: ProxyServicePort): ServiceChains {
  const base = hashed(serviceName(port));
  return {
    cluster: `service-${base}`,
    local: `local-${base}`,
    external: `external-${base}`,
    firewall: `firewall-${base}`,
  };
}

export interface EndpointNames {
  readonly chain: string;
  readonly affinitySet: string;
}

/** Colons are not allowed in names: an IPv6 address has dots instead. */
export function endpointNames(port: ProxyServicePort, endpoint: ProxyEndpoint): EndpointNames {
  const address = endpoint.address.replaceAll(":", ".");
  const base = hashed(`${serviceName(port)}__${address}/${endpoint.port}`);
  return { chain: `endpoint-${base}`, affinitySet: `affinity-${base}` };
}

function serviceName({ namespace, service, protocol, name }: ProxyServicePort): string {
  return `${namespace}/${service}/${protocol.toLowerCase()}/${name}`;
}

/** Hash, hyphen, name; cut to the longest allowed. */
function hashed(name: string): string {
  const base = `${nameHash(name, HASH_LENGTH)}-${name}`;
  return base.length > BASE_LENGTH_MAX ? base.slice(0, BASE_LENGTH_MAX - ELLIPSIS.length) + ELLIPSIS : base;
}

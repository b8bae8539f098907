/** What a user may say about the cluster beyond its objects. */

export interface ControlPlaneOptions {
  /** The API server's --service-cluster-ip-range: one CIDR, or one of each family. ServiceCIDR objects come first. */
  readonly serviceCidrs?: readonly string[];
  /** What load balancers' addresses are taken from, each a CIDR or `first-last`; without any they stay pending. */
  readonly loadBalancerPools?: readonly string[];
  /** Other seeds, other names and addresses. */
  readonly seed?: number;
}

/** kubeadm's and kind's, so that manifests without a word about it get what their users know. */
export const SERVICE_CIDRS: readonly string[] = ["10.96.0.0/16", "fd00:10:96::/112"];
export const SEED = 1;

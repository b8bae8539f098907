/** The cluster as kube-proxy sees it: plain data, all addresses canonical (RFC 5952), all defaults filled in. */

export type Protocol = "TCP" | "UDP" | "SCTP";
export type IpFamily = "IPv4" | "IPv6";

/** While it is made. */
export type Writable<T> = { -readonly [Field in keyof T]: T[Field] };

export interface Cluster {
  readonly nodes: readonly ClusterNode[];
  readonly services: readonly ClusterService[];
  readonly endpointSlices: readonly Slice[];
  readonly pods: readonly ClusterPod[];
  /** Prefixes of the ServiceCIDR objects; absent: there are none. */
  readonly serviceCidrs?: readonly string[];
}

export interface ClusterNode {
  readonly name: string;
  /** InternalIPs first, then ExternalIPs, in the order of the object. */
  readonly addresses: readonly string[];
  readonly podCidrs: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly zone?: string;
}

export interface ClusterService {
  readonly namespace: string;
  readonly name: string;
  readonly type: "ClusterIP" | "NodePort" | "LoadBalancer" | "ExternalName";
  /** Empty for ExternalName; ["None"] for headless. */
  readonly clusterIps: readonly string[];
  readonly externalIps: readonly string[];
  readonly loadBalancerIngress: readonly { readonly ip: string; readonly ipMode: "VIP" | "Proxy" }[];
  readonly loadBalancerSourceRanges: readonly string[];
  readonly ports: readonly ServicePort[];
  readonly affinityTimeoutSeconds?: number;
  readonly externalTrafficPolicy: "Cluster" | "Local";
  readonly internalTrafficPolicy: "Cluster" | "Local";
  readonly trafficDistribution?: string;
  readonly healthCheckNodePort?: number;
  readonly publishNotReadyAddresses: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly selector: Readonly<Record<string, string>>;
  /** The alias that an ExternalName Service is; as given, which may be no name at all. */
  readonly externalName?: string;
}

export interface ServicePort {
  readonly name: string;
  readonly protocol: Protocol;
  readonly port: number;
  readonly targetPort: number | string;
  readonly nodePort?: number;
}

export interface Slice {
  readonly namespace: string;
  readonly name: string;
  /** The label kubernetes.io/service-name. */
  readonly service: string;
  readonly family: IpFamily;
  readonly ports: readonly { readonly name: string; readonly protocol: Protocol; readonly port?: number }[];
  readonly endpoints: readonly SliceEndpoint[];
}

export interface SliceEndpoint {
  readonly addresses: readonly string[];
  /** Defaults of the API: ready and serving when unset, terminating not. */
  readonly ready: boolean;
  readonly serving: boolean;
  readonly terminating: boolean;
  readonly node?: string;
  readonly zone?: string;
  readonly zoneHints?: readonly string[];
  readonly nodeHints?: readonly string[];
  readonly pod?: string;
  /** What cluster DNS calls the endpoint, below its Service. */
  readonly hostname?: string;
}

export interface ClusterPod {
  readonly namespace: string;
  readonly name: string;
  readonly node?: string;
  readonly addresses: readonly string[];
  readonly hostNetwork: boolean;
  readonly labels: Readonly<Record<string, string>>;
  /** Absent: ClusterFirst. */
  readonly dnsPolicy?: string;
  readonly dnsConfig?: PodDnsConfig;
  /** false: no variables for the Services of its namespace. */
  readonly enableServiceLinks?: boolean;
}

/** What a pod adds to its resolv.conf. */
export interface PodDnsConfig {
  readonly nameservers: readonly string[];
  readonly searches: readonly string[];
  readonly options: readonly { readonly name: string; readonly value?: string }[];
}

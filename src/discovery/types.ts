/** DNS as data: questions, records and answers, before they are bytes or text. */

/** The types that cluster DNS has records of. */
export type DnsRecord =
  | { readonly name: string; readonly ttl: number; readonly type: "A" | "AAAA"; readonly data: string }
  | { readonly name: string; readonly ttl: number; readonly type: "CNAME" | "PTR" | "NS"; readonly data: string }
  | { readonly name: string; readonly ttl: number; readonly type: "TXT"; readonly data: string }
  | { readonly name: string; readonly ttl: number; readonly type: "SRV"; readonly data: SrvData }
  | { readonly name: string; readonly ttl: number; readonly type: "SOA"; readonly data: SoaData };

export interface SrvData {
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  readonly target: string;
}

export interface SoaData {
  readonly mname: string;
  readonly rname: string;
  readonly serial: number;
  readonly refresh: number;
  readonly retry: number;
  readonly expire: number;
  readonly minimum: number;
}

/** Class IN; all names are absolute and end with a dot, in the letters that were asked with. */
export interface DnsQuestion {
  readonly name: string;
  /** "A", "SRV", …; a type without a name is "TYPE65". */
  readonly type: string;
}

export type ResponseCode = "NOERROR" | "FORMERR" | "SERVFAIL" | "NXDOMAIN" | "NOTIMP" | "REFUSED";

export interface DnsAnswer {
  readonly code: ResponseCode;
  /** Given with authority; a refusal is not. */
  readonly authoritative: boolean;
  readonly answers: readonly DnsRecord[];
  readonly authorities: readonly DnsRecord[];
  readonly additionals: readonly DnsRecord[];
}

export interface ZoneOptions {
  /** `--cluster-domain`: the zone, with or without its last dot. */
  readonly domain: string;
  readonly ttlSeconds: number;
}

/** CoreDNS's own defaults (plugin/kubernetes); kubeadm's Corefile sets a TTL of 30 seconds instead. */
export const DEFAULT_ZONE: ZoneOptions = { domain: "cluster.local", ttlSeconds: 5 };

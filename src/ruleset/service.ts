/** sluice only: the two statements of mode direct, for which nft has no words. */

import type { Literal } from "./types.ts";

/** A verdict by what the packet is for the Services. Sets and maps are named, with keys as nftables mode has them. */
export type ServiceLookup = ServiceDestination | ServiceRefusal | ServiceSource;

/** The Service whose address and port the packet goes to, else the one whose node port. */
export interface ServiceDestination {
  readonly kind: "service";
  readonly question: "destination";
  /** (address, protocol, port) → verdict. */
  readonly addresses: string;
  /** (protocol, port) → verdict. */
  readonly nodePorts: string;
  /** The addresses that node ports are served on; absent: all of the node's but loopback ones. */
  readonly nodeAddresses?: string;
}

/** Whether the packet goes to a Service without endpoints, to another port of a ClusterIP, or to where a ClusterIP could be. */
export interface ServiceRefusal {
  readonly kind: "service";
  readonly question: "refusal";
  /** (address, protocol, port) → verdict. */
  readonly nowhere: string;
  readonly clusterIps: string;
  /** The chain that rejects what goes to another port of a ClusterIP. */
  readonly rejectChain: string;
  /** What ClusterIPs are taken from: a packet to nobody's address there is dropped. Empty: not known. */
  readonly serviceCidrs: readonly Literal[];
}

/** The packet is to leave with the node's address: it is marked, and the mark is taken off, or an endpoint is its own client. */
export interface ServiceSource {
  readonly kind: "service";
  readonly question: "source";
  readonly mark: number;
  /** (address, address, protocol, port) of endpoints. */
  readonly hairpins: string;
}

/** Sends a new connection to one of the endpoints: to the one that its client was sent to before, else as the scheduler says. */
export interface EndpointChoice {
  readonly kind: "endpoint";
  readonly endpoints: readonly Endpoint[];
  readonly scheduler: Scheduler;
}

export interface Endpoint {
  readonly address: string;
  readonly port: number;
  /** The set of the clients that are sent there again. All of the endpoints have one, or none has. */
  readonly clients?: string;
}

/** By lot, or by a hash of the connection's addresses and ports, the same on all nodes (Eisenbud and others, NSDI 2016). */
export type Scheduler = "random" | "maglev";

/** The report of a replay: schema sluice/report/v1. Counts only, so that two of them can be added. */

export const REPORT_SCHEMA = "sluice/report/v1";

export interface Report {
  readonly schema: typeof REPORT_SCHEMA;
  /** Name and version of what ran. */
  readonly engine: string;
  /** `seconds` from the first packet's time to the last one's. */
  readonly capture: {
    readonly files: readonly string[];
    readonly packets: number;
    readonly bytes: number;
    readonly seconds: number;
  };
  /** Packets by what became of them. */
  readonly verdicts: Readonly<Record<string, number>>;
  readonly drops: Readonly<Record<string, number>>;
  readonly services: readonly ServiceCount[];
  readonly connections: ConnectionCounts;
  readonly throughput: {
    readonly packetsPerSecond: number;
    readonly nanosecondsPerPacket: number;
    readonly bytesPerSecond: number;
  };
  readonly warnings: readonly string[];
}

export interface Count {
  readonly connections: number;
  /** Of both directions. */
  readonly packets: number;
  readonly bytes: number;
}

export interface ServiceCount extends Count {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
  readonly protocol: string;
  readonly endpoints: readonly EndpointCount[];
}

export interface EndpointCount extends Count {
  readonly address: string;
  readonly port: number;
  /** Empty when no object says where the endpoint is. */
  readonly node: string;
}

export interface ConnectionCounts {
  readonly created: number;
  readonly open: number;
  readonly expired: number;
  readonly evicted: number;
  /** Ended before their time: reset without a reply, reopened, cleaned up. */
  readonly closed: number;
  /** Packets that conntrack called invalid. */
  readonly invalid: number;
}

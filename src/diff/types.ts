/** What would change for a capture's connections if a node's rules were others. Plain data: the JSON is this. */

/** Everything that may become of a connection's first packet, whatever is drawn at random: sorted, each once. */
export interface Outcomes {
  readonly verdicts: readonly string[];
  readonly reasons: readonly string[];
  /** `address:port` that it is translated to; empty: its destination stays. */
  readonly endpoints: readonly string[];
  /** Source addresses that it leaves with instead of its own; empty: it is not masqueraded. */
  readonly masquerade: readonly string[];
  readonly interfaces: readonly string[];
  /** "client": the next connection of the same client goes to the same of several endpoints. */
  readonly affinity: readonly string[];
  /** What the node says to it: "tcp reset", "icmp 3/3". */
  readonly answers: readonly string[];
}

export interface Change {
  readonly field: keyof Outcomes;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** Packets that fare otherwise although both sides have chosen alike. */
export interface LaterChange {
  readonly packets: number;
  /** The first of them. */
  readonly n: number;
  readonly before: string;
  readonly after: string;
}

export interface ConnectionDifference {
  /** Its first packet's number in its capture. */
  readonly n: number;
  readonly time: string;
  readonly proto: string;
  readonly src: string;
  readonly sport?: number;
  readonly dst: string;
  readonly dport?: number;
  readonly service?: string;
  readonly changes: readonly Change[];
  readonly later?: LaterChange;
}

export interface Diff {
  readonly schema: "sluice/diff/v1";
  readonly before: string;
  readonly after: string;
  readonly packets: number;
  readonly connections: number;
  readonly changed: number;
  /** Connections for which the two sides have drawn differently from the same choices: of them only the first packet is compared. */
  readonly drawnApart: number;
  readonly differences: readonly ConnectionDifference[];
}

export function isSame({ differences }: Diff): boolean {
  return differences.length === 0;
}

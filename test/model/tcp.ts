/**
 * TCP's states as conntrack sees them, by the flags alone: the model is fed segments that are in window. Columns are
 * the states that a connection is in, cells those that it gets into (Linux, nf_conntrack_proto_tcp.c).
 */

/**
 * NO none, SS SYN sent, SR SYN received, ES established, FW FIN wait, CW close wait, LA last ACK, TW time wait, CL close,
 * S2 SYN sent twice; IV: the segment is invalid, IG: it changes nothing.
 */
const COLUMNS = ["NO", "SS", "SR", "ES", "FW", "CW", "LA", "TW", "CL", "S2"] as const;
export type TcpState = (typeof COLUMNS)[number];

type Kind = "syn" | "synack" | "fin" | "ack" | "rst" | "none";
const TABLE: Readonly<Record<"original" | "reply", Readonly<Record<Kind, string>>>> = {
  original: {
    syn: "SS SS IG IG IG IG IG SS SS S2",
    synack: "IV IV SR IV IV IV IV IV IV SR",
    fin: "IV IV FW FW LA LA LA TW CL IV",
    ack: "ES IV ES ES CW CW TW TW CL IV",
    rst: "IV CL CL CL CL CL CL CL CL CL",
    none: "IV IV IV IV IV IV IV IV IV IV",
  },
  reply: {
    syn: "IV S2 IV IV IV IV IV SS IV S2",
    synack: "IV SR IG IG IG IG IG IG IG SR",
    fin: "IV IV FW FW LA LA LA TW CL IV",
    ack: "IV IG SR ES CW CW TW TW CL IG",
    rst: "IV CL CL CL CL CL CL CL CL CL",
    none: "IV IV IV IV IV IV IV IV IV IV",
  },
};

/** Seconds that a connection lives in a state. */
export const TCP_SECONDS: Readonly<Record<TcpState, number>> = {
  NO: 0,
  SS: 120,
  SR: 60,
  ES: 432_000,
  FW: 120,
  CW: 60,
  LA: 30,
  TW: 120,
  CL: 10,
  S2: 120,
};

/** A connection that was picked up in the middle is kept for so long at most until an answer is seen. */
export const UNACKNOWLEDGED_SECONDS = 300;

const FIN = 1;
const SYN = 2;
const RST = 4;
const ACK = 16;
/** All combinations of FIN, SYN, RST, ACK (and URG) that make sense; PSH, ECE and CWR do not count. */
const SENSIBLE: ReadonlySet<number> = new Set([
  SYN,
  SYN | ACK,
  RST,
  RST | ACK,
  FIN | ACK,
  FIN | ACK | 32,
  ACK,
  ACK | 32,
  SYN | 32,
]);
const COUNTED = FIN | SYN | RST | ACK | 32;

/** The state after a segment; "IV" when it makes no sense there, "IG" when it changes nothing. */
export function nextState(state: TcpState, direction: "original" | "reply", flags: number): TcpState | "IV" | "IG" {
  if (!SENSIBLE.has(flags & COUNTED)) return "IV";
  const cells = TABLE[direction][kindOf(flags)].split(" ");
  return cells[COLUMNS.indexOf(state)] as TcpState | "IV" | "IG";
}

export function isReset(flags: number): boolean {
  return (flags & RST) !== 0;
}

export function isSyn(flags: number): boolean {
  return (flags & (SYN | ACK)) === SYN;
}

function kindOf(flags: number): Kind {
  if (flags & RST) return "rst";
  if (flags & SYN) return flags & ACK ? "synack" : "syn";
  if (flags & FIN) return "fin";
  return flags & ACK ? "ack" : "none";
}

/** The ends of new connections: what they were bound to, and why it is that address and port. */

import * as Layout from "../../assembly/layout/instructions.ts";
import type { Connection } from "../engine/connections.ts";
import { addressAndPort } from "../report/services.ts";
import type { NatRange, PacketState, TraceRecord } from "./records.ts";
import type { TraceEvent } from "./types.ts";

/** NAT_SRC of nat/range.ts; the other end is 1. */
const SOURCE = 0;
const RANDOM = Layout.NAT_RANDOM | Layout.NAT_FULLY_RANDOM;

interface End {
  readonly address: string;
  readonly port?: number;
}

/** `byRule`: a rule asked for it; else no rule did, and the end keeps what it has if that is free. */
export function bindEvent(
  { outcome, range }: TraceRecord,
  before: PacketState,
  after: PacketState,
  byRule: boolean,
): TraceEvent[] {
  if (before.connection === undefined || after.connection === undefined || range === undefined) return [];
  const end = outcome === SOURCE ? sourceOf : destinationOf;
  const [from, to] = [end(before.connection), end(after.connection)];
  const isSame = from.address === to.address && from.port === to.port;
  if (isSame && !byRule) return [];
  const why = isSame ? "it fits already" : reasonOf(range, from, to, byRule, outcome === SOURCE);
  return [
    { kind: "bind", end: outcome === SOURCE ? "source" : "destination", from: textOf(from), to: textOf(to), why },
  ];
}

/** The reply direction says how the packets of the original one look in the end. */
function sourceOf({ reply, protocol }: Connection): End {
  return endOf(reply.dst, protocol.startsWith("icmp") ? reply.sport : reply.dport);
}

function destinationOf({ reply, protocol }: Connection): End {
  return endOf(reply.src, protocol.startsWith("icmp") ? undefined : reply.sport);
}

function endOf(address: string, port: number | undefined): End {
  return port === undefined ? { address } : { address, port };
}

function reasonOf(
  { flags, portLow, portHigh }: NatRange,
  from: End,
  to: End,
  byRule: boolean,
  isSource: boolean,
): string {
  const taken = `another connection has port ${from.port} there already`;
  if (!byRule) return `no rule translates it, but ${taken}`;
  if (from.port === to.port)
    return from.port === undefined ? "as the rule says" : "as the rule says; the port is free and stays";
  if ((flags & RANDOM) !== 0) return "as the rule says, with a port drawn at random, because the rule asks for it";
  if ((flags & Layout.NAT_PORT) === 0) return `as the rule says; ${taken}`;
  if (portLow === portHigh) return "as the rule says";
  return `as the rule says, with a ${isSource ? "free " : ""}port from ${portLow} to ${portHigh}`;
}

function textOf({ address, port }: End): string {
  return port === undefined ? address : addressAndPort(address, port);
}

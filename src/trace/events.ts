/** One packet's records -> what happened to it, hook by hook. A step's effect is what the next state shows of it. */

import * as ProgramLayout from "../../assembly/layout/program.ts";
import * as StateLayout from "../../assembly/layout/state.ts";
import * as Trace from "../../assembly/layout/trace.ts";
import { CT_NAMES, REASON_NAMES, VERDICT_NAMES } from "../engine/names.ts";
import { type PacketHeader, readHeader, transportOf } from "../replay/header.ts";
import { addressAndPort } from "../report/services.ts";
import { bindEvent } from "./bind.ts";
import type { TraceContext } from "./context.ts";
import { packetText } from "./packet-text.ts";
import type { PacketState, TracedConnection, TraceRecord } from "./records.ts";
import { routeEvent } from "./route.ts";
import { chainEvents } from "./rules.ts";
import type { PacketWalk, TraceEvent, TupleOfConnection } from "./types.ts";

export const HOOK_NAMES = ["prerouting", "input", "forward", "output", "postrouting"] as const;

const CAUSES: Readonly<Record<number, string>> = {
  [StateLayout.INVALID_HEADER]: "its transport header is not there, or cannot belong to any connection",
  [StateLayout.INVALID_CHECKSUM]: "its transport checksum is wrong",
  [StateLayout.INVALID_FLAGS]: "no TCP sends these flags together",
  [StateLayout.INVALID_FIRST]: "it cannot begin a connection, and belongs to none that is known",
  [StateLayout.INVALID_STATE]: "the state of its connection does not allow it",
  [StateLayout.INVALID_WINDOW]: "it is outside of its connection's TCP window",
  [StateLayout.INVALID_RESET]: "its RST comes before the number that the other side expects",
  [StateLayout.INVALID_TAG]: "its verification tag is not the association's",
  [StateLayout.INVALID_CHUNKS]: "its SCTP chunks cannot stand in one packet",
  [StateLayout.INVALID_TYPE]: "its ICMP type is unknown",
  [StateLayout.INVALID_QUOTE]: "it speaks of a packet that no known connection has sent",
};

/** Why conntrack called a packet invalid, in words. */
export function invalidCauseText(cause: number): string {
  return CAUSES[cause] ?? "conntrack does not say why";
}

/** The packet's own way, then that of each that the node said because of it. */
export function packetWalks(context: TraceContext, records: readonly TraceRecord[]): PacketWalk[] {
  const depths = [...new Set(records.map(({ depth }) => depth))].sort((a, b) => a - b);
  return depths.map((depth) =>
    packetWalk(
      context,
      records.filter((record) => record.depth === depth),
    ),
  );
}

/** `records`: of one packet, from TRACE_BEGIN to TRACE_END. */
function packetWalk(context: TraceContext, records: readonly TraceRecord[]): PacketWalk {
  const { interfaces } = context;
  const begin = records.find(({ kind }) => kind === Trace.TRACE_BEGIN)?.state;
  const end = records.findLast(({ kind }) => kind === Trace.TRACE_END)?.state;
  const header = begin === undefined ? undefined : readHeader(begin.packet);
  const input = end?.inInterface === undefined ? undefined : interfaces[end.inInterface];
  const output = end?.outInterface === undefined ? undefined : interfaces[end.outInterface];
  return {
    packet: begin === undefined ? "" : stateText(begin),
    ...(header === undefined ? {} : { header }),
    events: packetEvents(context, records),
    verdict: VERDICT_NAMES[end?.verdict ?? 0] ?? "none",
    reason: REASON_NAMES[end?.reason ?? 0] ?? "none",
    ...(input === undefined ? {} : { in: input }),
    ...(output === undefined ? {} : { out: output }),
  };
}

function packetEvents(context: TraceContext, records: readonly TraceRecord[]): TraceEvent[] {
  const events: TraceEvent[] = [];
  let hook = -1;
  let state = records[0]?.state;
  records.forEach((record, index) => {
    if (record.kind === Trace.TRACE_STEP && record.hook !== hook) {
      hook = record.hook;
      events.push({ kind: "hook", hook: HOOK_NAMES[hook] ?? "" });
    }
    if (record.state !== undefined) state = record.state;
    if (state === undefined) return;
    const nextAt = records.findIndex(({ state: next }, at) => at > index && next !== undefined);
    const after = records[nextAt]?.state ?? state;
    if (record.kind === Trace.TRACE_ROUTE) events.push(routeEvent(context, record, after));
    if (record.kind !== Trace.TRACE_STEP) return;
    const within = records.slice(index + 1, nextAt < 0 ? undefined : nextAt);
    events.push(...stepEvents(context, record, state, within, after));
  });
  return events;
}

/** `within`: what was recorded in the step; `after`: the state behind it. */
function stepEvents(
  context: TraceContext,
  step: TraceRecord,
  before: PacketState,
  within: readonly TraceRecord[],
  after: PacketState,
): TraceEvent[] {
  switch (step.outcome) {
    case ProgramLayout.STEP_TRACK:
      return before.ct === StateLayout.CT_NONE ? [trackEvent(before, after)] : [];
    case ProgramLayout.STEP_DEFRAGMENT:
      return before.packetBytes === after.packetBytes ? [] : [{ kind: "defragment", packet: stateText(after) }];
    case ProgramLayout.STEP_CONFIRM:
      return confirmEvents(before, after);
    default:
      return [...ruleEvents(context, before, within, after), ...rewriteEvents(before, after)];
  }
}

function ruleEvents(
  context: TraceContext,
  before: PacketState,
  within: readonly TraceRecord[],
  after: PacketState,
): TraceEvent[] {
  const viewed = { family: familyOf(before), protocol: transportOf(before.packet).protocol };
  const events: TraceEvent[] = [];
  let chain: TraceRecord[] = [];
  for (const record of within) {
    const isWithin = chain.length > 0;
    if (isWithin || record.kind === Trace.TRACE_CHAIN) chain.push(record);
    else if (record.kind === Trace.TRACE_BINDING) events.push(...bindEvent(record, before, after, false));
    if (record.kind !== Trace.TRACE_CHAIN_END) continue;
    const bindings = chain.filter(({ kind }) => kind === Trace.TRACE_BINDING);
    events.push(...chainEvents(context, chain, viewed));
    events.push(...bindings.flatMap((binding) => bindEvent(binding, before, after, true)));
    chain = [];
  }
  return events;
}

function trackEvent(before: PacketState, after: PacketState): TraceEvent {
  const { ct, connection, direction } = after;
  const state = connection?.state;
  const was = before.connection?.state;
  return {
    kind: "track",
    ct: CT_NAMES[ct] ?? "untracked",
    ...(connection === undefined ? {} : { direction: direction === 0 ? "original" : "reply" }),
    ...(ct === StateLayout.CT_INVALID ? { cause: invalidCauseText(after.invalidCause) } : {}),
    ...(was === undefined ? {} : { before: was }),
    ...(state === undefined ? {} : { after: state }),
    ...(connection === undefined ? {} : { connection: tuplesOf(connection) }),
  };
}

function confirmEvents({ connection: before }: PacketState, { connection: after }: PacketState): TraceEvent[] {
  if (after === undefined || !after.confirmed || before?.confirmed === true) return [];
  return [{ kind: "confirm", connection: tuplesOf(after) }];
}

function rewriteEvents(before: PacketState, after: PacketState): TraceEvent[] {
  const [was, is] = [readHeader(before.packet), readHeader(after.packet)];
  if (was === undefined || is === undefined || endsText(was) === endsText(is)) return [];
  return [{ kind: "rewrite", before: endsText(was), after: endsText(is) }];
}

/** "10.0.0.1:40000 -> 10.96.0.10:80". */
export function endsText({ src, dst, sport, dport }: PacketHeader): string {
  const end = (address: string, port: number | undefined) =>
    port === undefined ? address : addressAndPort(address, port);
  return dport === undefined
    ? `${src} -> ${dst}${sport === undefined ? "" : ` id ${sport}`}`
    : `${end(src, sport)} -> ${end(dst, dport)}`;
}

export function stateText({ packet, packetBytes }: PacketState): string {
  return packetText(packet, packetBytes);
}

function familyOf({ packet }: PacketState): 4 | 6 {
  return (packet[0] ?? 0) >> 4 === 6 ? 6 : 4;
}

function tuplesOf({ protocol, original, reply, status, mark }: TracedConnection): TupleOfConnection {
  return { protocol, original, reply, status, mark };
}

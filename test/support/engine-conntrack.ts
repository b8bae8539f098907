/** The engine's connection table, in the form in which kernel-conntrack.ts gives the kernel's. */

import * as Layout from "../../assembly/layout/connection.ts";
import * as EngineLayout from "../../assembly/layout/engine.ts";
import { ICMP, ICMP6, SCTP, TCP } from "../../assembly/layout/protocol.ts";
import type { Tuple } from "../../src/engine/connections.ts";
import type { Engine } from "../../src/engine/instance.ts";
import type { Entry, EntryTuple } from "./kernel-conntrack.ts";

/** Ends what is over at `time`, nanoseconds since 1970, and lists the rest. */
export function engineEntries(engine: Engine, time: bigint): Entry[] {
  engine.exports.sweep(time);
  return Array.from(engine.indexedConnections(), ([index]) => entryOf(engine, index));
}

function entryOf(engine: Engine, index: number): Entry {
  const { memory } = engine;
  const at = engine.field(EngineLayout.CONNECTIONS) + index * Layout.SIZE;
  const { original, reply, packets, bytes, mark } = engine.connection(index);
  const protocol = memory.getUint8(at + Layout.PROTOCOL);
  const milliseconds = (memory.getUint32(at + Layout.EXPIRES_AT, true) - engine.field(EngineLayout.CLOCK)) | 0;
  return {
    protocol,
    original: entryTuple(memory, at, protocol, 0, original),
    reply: entryTuple(memory, at, protocol, 1, reply),
    status: memory.getUint16(at + Layout.STATUS, true) & ~Layout.STATUS_LIVE,
    mark,
    seconds: Math.floor(milliseconds / 1000),
    packets,
    bytes,
    ...protocolInfo(memory, at, protocol),
  };
}

function entryTuple(
  memory: DataView,
  at: number,
  protocol: number,
  direction: number,
  { src, dst, sport = 0, dport = 0 }: Tuple,
): EntryTuple {
  if (protocol !== ICMP && protocol !== ICMP6) return { src, dst, sport, dport };
  const message = at + (direction << Layout.TUPLE_LOG2) + Layout.DST_PORT;
  return { src, dst, sport, dport: memory.getUint16(message) };
}

function protocolInfo(
  memory: DataView,
  at: number,
  protocol: number,
): Pick<Entry, "state" | "scales" | "flags" | "tags"> {
  const state = memory.getUint8(at + Layout.STATE);
  const windows = [at + Layout.WINDOW, at + Layout.WINDOW + (1 << Layout.WINDOW_LOG2)] as const;
  if (protocol === TCP) {
    const byteOf = (field: number) =>
      [memory.getUint8(windows[0] + field), memory.getUint8(windows[1] + field)] as const;
    return { state, scales: byteOf(Layout.SCALE), flags: byteOf(Layout.WINDOW_FLAGS) };
  }
  if (protocol !== SCTP) return {};
  return { state, tags: [memory.getUint32(windows[0], false), memory.getUint32(windows[1], false)] };
}

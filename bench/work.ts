/**
 * What packets cost that no machine changes: instructions of rules that they meet, and cache lines that the engine writes
 * for them in its tables. A test holds these figures; times are the benchmarks' part.
 */

import * as Layout from "../assembly/layout/engine.ts";
import type { IpFamily } from "../src/cluster/types.ts";
import type { Engine } from "../src/engine/instance.ts";
import { clientOf, openConversations, TIME } from "../src/scale/conversations.ts";
import { ACK, DATA_BYTES, PacketWriter, SYN } from "../src/scale/packets.ts";
import { SCALE_MODES, type ScaleMode } from "../src/scale/scale.ts";
import { createEngine, imageOf } from "./established.ts";

const CONNECTIONS = 1024;
const LINE_BYTES = 64;

/** Of one packet, on average. */
export interface PacketWork {
  readonly instructions: number;
  readonly lines: number;
  /** The share that went the short way. */
  readonly short: number;
}

export interface Work {
  readonly mode: ScaleMode;
  readonly family: IpFamily;
  readonly services: number;
  readonly programBytes: number;
  readonly first: PacketWork;
  readonly established: PacketWork;
}

/** A row for each mode and number of Services; of one mode also over IPv6. */
export async function measureWork(services: readonly number[]): Promise<Work[]> {
  const rows: Work[] = [];
  for (const mode of SCALE_MODES) for (const count of services) rows.push(await workOf(mode, count, "IPv4"));
  for (const count of services) rows.push(await workOf("nftables", count, "IPv6"));
  return rows;
}

/** A line for each row. */
export function workText(rows: readonly Work[]): string {
  const lines = rows.map(({ mode, family, services, programBytes, first, established }) =>
    [
      `${mode}${family === "IPv6" ? " over IPv6" : ""}, ${services} Services: ${programBytes} bytes of program`,
      `first packets: ${packetText(first)}`,
      `established: ${packetText(established)}, ${established.short * 100} % go the short way`,
    ].join("; "),
  );
  return `${lines.join("\n")}\n`;
}

function packetText({ instructions, lines }: PacketWork): string {
  return `${instructions.toFixed(3)} instructions, ${lines.toFixed(3)} cache lines written`;
}

async function workOf(mode: ScaleMode, services: number, family: IpFamily): Promise<Work> {
  const image = imageOf(services, mode, family);
  const opening = await createEngine(CONNECTIONS, { image, family });
  const syns = new PacketWriter(opening, TIME, family);
  for (let n = 0; n < CONNECTIONS; n++) syns.add(clientOf(n, services), SYN, 1, 0);
  const open = await createEngine(CONNECTIONS, { image, family });
  const conversations = openConversations(open, CONNECTIONS, services, CONNECTIONS, family);
  const data = new PacketWriter(open, TIME, family);
  for (const { client } of conversations) data.add(client, ACK, 2, 2);
  for (const { server } of conversations) data.add(server, ACK, 2, 2 + DATA_BYTES);
  return {
    mode,
    family,
    services,
    programBytes: image.length,
    first: process(opening, syns),
    established: process(open, data),
  };
}

/** Has the engine process what has been written. */
function process(engine: Engine, writer: PacketWriter): PacketWork {
  const packets = writer.count;
  const before = { tables: tablesOf(engine), rules: engine.counter(Layout.RULES_VISITED), short: fast(engine) };
  writer.process();
  return {
    instructions: (engine.counter(Layout.RULES_VISITED) - before.rules) / packets,
    lines: changedLines(before.tables, tablesOf(engine)) / packets,
    short: (fast(engine) - before.short) / packets,
  };
}

function fast(engine: Engine): number {
  return engine.counter(Layout.FAST_PACKETS);
}

/** A copy of all that the engine keeps from packet to packet: what is carved behind the buffers that the host fills. */
function tablesOf(engine: Engine): BigUint64Array {
  const begin = engine.field(Layout.CONNECTIONS);
  return new BigUint64Array(engine.memory.buffer.slice(begin) as ArrayBuffer);
}

function changedLines(before: BigUint64Array, after: BigUint64Array): number {
  const words = LINE_BYTES / BigUint64Array.BYTES_PER_ELEMENT;
  const changed = new Set<number>();
  for (let at = 0; at < before.length; at++) if (before[at] !== after[at]) changed.add(Math.floor(at / words));
  return changed.size;
}

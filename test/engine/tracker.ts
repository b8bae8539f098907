/** Drives conntrack alone: packets in, what the tracker says out, and the connection's record to look at. */

import * as Connection from "../../assembly/layout/connection.ts";
import * as Engine from "../../assembly/layout/engine.ts";
import * as State from "../../assembly/layout/state.ts";
import { compileEntry, type TestEngine } from "./compile.ts";

export interface TrackerOptions {
  readonly connectionsMax?: number;
  readonly endedMax?: number;
  readonly flags?: number;
  readonly debug?: boolean;
  readonly timeouts?: Readonly<Record<number, number>>;
  readonly seed?: bigint;
}

/** What conntrack said of a packet; `connection` is a record's address, 0: none. */
export interface Tracked {
  readonly reason: number;
  readonly ct: number;
  readonly direction: number;
  readonly connection: number;
}

export interface Tracker {
  readonly engine: TestEngine;
  /** From the wire at the tracker's time, in and out: tracked and confirmed. */
  receive(packet: Uint8Array): Tracked;
  /** From the node's own processes. */
  sendFromNode(packet: Uint8Array): Tracked;
  /** Tracked, and then dropped before it could be confirmed. */
  dropAfterTracking(packet: Uint8Array): Tracked;
  /** Advances packet time. */
  wait(seconds: number): void;
  field8(connection: number, offset: number): number;
  field16(connection: number, offset: number): number;
  field32(connection: number, offset: number): number;
  /** Seconds until the connection ends. */
  secondsLeft(connection: number): number;
  counter(offset: number): number;
  write(packet: Uint8Array): number;
}

/** The defaults of the kernel's sysctls, in seconds. */
const TIMEOUTS: readonly (readonly [first: number, seconds: readonly number[]])[] = [
  [State.TIMEOUT_TCP, [0, 120, 60, 432000, 120, 60, 30, 120, 10, 120, 0, 0, 300, 300]],
  [State.TIMEOUT_UDP, [30, 120, 30, 30, 600, 30, 180]],
  [State.TIMEOUT_SCTP, [10, 10, 3, 3, 210, 3, 3, 3, 30]],
];
const EPOCH = 1_700_000_000_000_000_000n;
const BUFFER_BYTES = 65536;
const DEFAULT_FLAGS = Engine.ENGINE_CHECKSUM | Engine.ENGINE_TCP_LOOSE | Engine.ENGINE_IP6;

export async function openTracker(options: TrackerOptions = {}): Promise<Tracker> {
  const engine = await compileEntry("conntrack", options.debug);
  const base = engine.engine!();
  const configuration = new DataView(engine.memory.buffer, base);
  configuration.setUint32(Engine.CONNECTIONS_MAX, options.connectionsMax ?? 1024, true);
  configuration.setUint32(Engine.ENDED_MAX, options.endedMax ?? 16, true);
  configuration.setUint32(Engine.FLAGS, options.flags ?? DEFAULT_FLAGS, true);
  configuration.setBigUint64(Engine.SEED, options.seed ?? 1n, true);
  configuration.setUint32(Engine.TCP_MAX_RETRANSMITS, 3, true);
  const seconds = new Map(TIMEOUTS.flatMap(([first, list]) => list.map((value, at) => [first + at, value] as const)));
  for (const [which, value] of Object.entries(options.timeouts ?? {})) seconds.set(Number(which), value);
  for (const [which, value] of seconds) configuration.setUint32(Engine.TIMEOUT + which * 4, value, true);
  if (!engine.initTable!()) throw new Error("the table does not fit");
  const buffer = engine.buffer!(BUFFER_BYTES);
  const memory = (): DataView => new DataView(engine.memory.buffer);
  let time = EPOCH;
  engine.advanceClock!(time);

  const write = (packet: Uint8Array): number => {
    new Uint8Array(engine.memory.buffer, buffer, packet.length).set(packet);
    return buffer;
  };
  const process = (packet: Uint8Array, fromNode: boolean, confirms: boolean): Tracked => {
    const reason = engine.receive!(write(packet), packet.length, Number(fromNode), Number(confirms));
    return { reason, ct: engine.ct!(), direction: engine.direction!(), connection: engine.connection!() };
  };
  return {
    engine,
    write,
    receive: (packet) => process(packet, false, true),
    sendFromNode: (packet) => process(packet, true, true),
    dropAfterTracking: (packet) => process(packet, false, false),
    wait: (duration) => {
      time += BigInt(Math.round(duration * 1e9));
      engine.advanceClock!(time);
    },
    field8: (connection, offset) => memory().getUint8(connection + offset),
    field16: (connection, offset) => memory().getUint16(connection + offset, true),
    field32: (connection, offset) => memory().getUint32(connection + offset, true),
    secondsLeft: (connection) =>
      ((memory().getUint32(connection + Connection.EXPIRES_AT, true) - memory().getUint32(base + Engine.CLOCK, true)) |
        0) /
      1000,
    counter: (offset) => Number(memory().getBigUint64(base + offset, true)),
  };
}

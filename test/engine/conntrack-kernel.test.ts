/**
 * Random TCP segments, played into a router with Linux 6.18 and `ct state invalid drop`: what it forwarded, and what
 * conntrack knew after each one. The fixture holds a line for each conversation.
 */

import { readFileSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import * as Connection from "../../assembly/layout/connection.ts";
import * as State from "../../assembly/layout/state.ts";
import { zeros } from "../support/bytes.ts";
import { ip4 } from "../support/packet.ts";
import { tcp } from "../support/transport.ts";
import { openTracker, type Tracker } from "./tracker.ts";

/** Direction, flags, sequence, acknowledgement, window, options, bytes of data; forwarded; what conntrack knew. */
type Step = readonly [number, number, number, number, number, string, number, number, Known | null];
/** State, seconds left, ASSURED, SEEN_REPLY, packets of each direction. */
type Known = readonly [string, number, number, number, number, number];

const STATES = "NONE SYN_SENT SYN_RECV ESTABLISHED FIN_WAIT CLOSE_WAIT LAST_ACK TIME_WAIT CLOSE SYN_SENT2".split(" ");
const LETTERS = [..."FSRPAUEW"];
/** The router took some time to answer, and rounds seconds down. */
const SECONDS_LATE = 3;

const fixture = new URL("../fixtures/conntrack/linux-6.18-tcp.json", import.meta.url);
const conversations = JSON.parse(readFileSync(fixture, "utf8")) as Step[][];

let tracker: Tracker;

beforeAll(async () => {
  tracker = await openTracker({ debug: true });
});

test.each(conversations.map((steps, index) => ({ steps, index })))("conversation $index", ({ steps, index }) => {
  let connection = 0;
  for (const [at, step] of steps.entries()) {
    const tracked = tracker.receive(packetOf(step, 10000 + index));
    if (tracked.connection !== 0) connection = tracked.connection;
    const known = knownOf(connection);
    const expected = step[8];
    const told = `segment ${at}: ${JSON.stringify(step)}`;
    expect(Number(tracked.ct !== State.CT_INVALID), told).toBe(step[7]);
    expect(known?.with(1, 0), told).toEqual(expected === null ? undefined : expected.with(1, 0));
    if (known === undefined || expected === null) continue;
    expect(Number(known[1]) - expected[1], told).toBeGreaterThanOrEqual(0);
    expect(Number(known[1]) - expected[1], told).toBeLessThanOrEqual(SECONDS_LATE);
  }
});

function packetOf(step: Step, port: number): Uint8Array {
  const [direction, flags, seq, ack, window, options, data] = step;
  const [client, server] = ["10.9.1.2", "10.9.2.2"];
  const segment = tcp(
    {
      ...(direction === 0 ? { src: port, dst: 80 } : { src: 80, dst: port }),
      flags: LETTERS.filter((_, bit) => (flags >> bit) & 1).join(""),
      seq,
      ack,
      window,
      options: Uint8Array.from(Buffer.from(options, "hex")),
    },
    zeros(data),
  );
  return ip4(direction === 0 ? { src: client, dst: server } : { src: server, dst: client }, segment);
}

function knownOf(connection: number): (string | number)[] | undefined {
  if (connection === 0) return undefined;
  const status = tracker.field16(connection, Connection.STATUS);
  if ((status & (Connection.STATUS_CONFIRMED | Connection.STATUS_DYING)) !== Connection.STATUS_CONFIRMED)
    return undefined;
  return [
    STATES[tracker.field8(connection, Connection.STATE)]!,
    tracker.secondsLeft(connection),
    status & Connection.STATUS_ASSURED ? 1 : 0,
    status & Connection.STATUS_SEEN_REPLY ? 1 : 0,
    tracker.field32(connection, Connection.PACKETS),
    tracker.field32(connection, Connection.REPLY + Connection.PACKETS),
  ];
}

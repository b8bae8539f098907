import { beforeEach, describe, expect, test } from "vitest";
import * as Connection from "../../assembly/layout/connection.ts";
import * as Engine from "../../assembly/layout/engine.ts";
import * as State from "../../assembly/layout/state.ts";
import { zeros } from "../support/bytes.ts";
import { ip4 } from "../support/packet.ts";
import { type TcpFields, tcp } from "../support/transport.ts";
import { openTracker, type Tracked, type Tracker } from "./tracker.ts";

const CLIENT = "10.0.0.1";
const SERVER = "10.96.0.10";
const SCALE8 = Uint8Array.of(2, 4, 5, 0xb4, 4, 2, 1, 3, 3, 8, 1, 1);

let tracker: Tracker;
let last: Tracked;

beforeEach(async () => {
  tracker = await openTracker({ debug: true });
});

type Fields = Partial<TcpFields> & { readonly flags: string; readonly data?: number };

function bytesOf(from: "client" | "server", { data = 0, ...fields }: Fields): Uint8Array {
  const isClient = from === "client";
  const addresses = isClient ? { src: CLIENT, dst: SERVER } : { src: SERVER, dst: CLIENT };
  const ports = isClient ? { src: 40000, dst: 80 } : { src: 80, dst: 40000 };
  return ip4(addresses, tcp({ ...ports, ...fields }, zeros(data)));
}

function client(fields: Fields): number {
  last = tracker.receive(bytesOf("client", fields));
  return last.ct;
}

function server(fields: Fields): number {
  last = tracker.receive(bytesOf("server", fields));
  return last.ct;
}

function find(): number {
  const tuple = tracker.engine.originalTuple!();
  const view = new DataView(tracker.engine.memory.buffer, tuple, 48);
  view.setUint32(0, 4, true);
  view.setUint32(4, 6, true);
  view.setUint32(8, 0x409c, true); // 40000
  view.setUint32(12, 0x5000, true); // 80
  view.setUint32(16, 0x0100000a, true);
  view.setUint32(32, 0x0a00600a, true);
  return tracker.engine.find!() & ~1;
}

function state(): number {
  const connection = find();
  return connection === 0 ? State.TCP_NONE : tracker.field8(connection, Connection.STATE);
}

function isAssured(): boolean {
  return (tracker.field16(find(), Connection.STATUS) & Connection.STATUS_ASSURED) !== 0;
}

/** Both sides at 1, window 65535 each, no options. */
function establish(options?: Uint8Array): void {
  client({ flags: "S", seq: 0, window: 65535, ...(options && { options }) });
  server({ flags: "SA", seq: 0, ack: 1, window: 65535, ...(options && { options }) });
  client({ flags: "A", seq: 1, ack: 1, window: 65535 });
}

const STATES = ["NO", "SS", "SR", "ES", "FW", "CW", "LA", "TW", "CL", "S2", "IV", "IG"];

describe("the transition table", () => {
  const rows: readonly (readonly [direction: number, kind: number, name: string, states: string])[] = [
    [0, State.TCP_SYN, "original SYN", "SS SS IG IG IG IG IG SS SS S2"],
    [0, State.TCP_SYNACK, "original SYN ACK", "IV IV SR IV IV IV IV IV IV SR"],
    [0, State.TCP_FIN, "original FIN", "IV IV FW FW LA LA LA TW CL IV"],
    [0, State.TCP_ACK, "original ACK", "ES IV ES ES CW CW TW TW CL IV"],
    [0, State.TCP_RST, "original RST", "IV CL CL CL CL CL CL CL CL CL"],
    [0, State.TCP_NO_FLAGS, "original none", "IV IV IV IV IV IV IV IV IV IV"],
    [1, State.TCP_SYN, "reply SYN", "IV S2 IV IV IV IV IV SS IV S2"],
    [1, State.TCP_SYNACK, "reply SYN ACK", "IV SR IG IG IG IG IG IG IG SR"],
    [1, State.TCP_FIN, "reply FIN", "IV IV FW FW LA LA LA TW CL IV"],
    [1, State.TCP_ACK, "reply ACK", "IV IG SR ES CW CW TW TW CL IG"],
    [1, State.TCP_RST, "reply RST", "IV CL CL CL CL CL CL CL CL CL"],
    [1, State.TCP_NO_FLAGS, "reply none", "IV IV IV IV IV IV IV IV IV IV"],
  ];
  test.each(rows)("%i %i %s", (direction, kind, _, states) => {
    const found = STATES.slice(0, 10).map((__, from) => STATES[tracker.engine.nextTcpState!(direction, kind, from)]);
    expect(found.join(" ")).toBe(states);
  });
});

test("of the 64 combinations of flags nine are valid, with or without PSH, ECE and CWR", () => {
  const valid = ["S", "SU", "SA", "R", "RA", "FA", "FAU", "A", "AU"].map((name) =>
    [...name].reduce((bits, letter) => bits | { F: 1, S: 2, R: 4, A: 16, U: 32 }[letter]!, 0),
  );
  for (let flags = 0; flags < 256; flags++) {
    expect(tracker.engine.areTcpFlagsValid!(flags)).toBe(Number(valid.includes(flags & ~0xc8)));
  }
});

describe("an ordinary connection", () => {
  test("goes from SYN_SENT to TIME_WAIT with the kernel's timeouts", () => {
    expect(client({ flags: "S", seq: 0 })).toBe(State.CT_NEW);
    expect([state(), tracker.secondsLeft(find())]).toEqual([State.TCP_SYN_SENT, 120]);
    expect(server({ flags: "SA", seq: 0, ack: 1 })).toBe(State.CT_ESTABLISHED);
    expect([last.direction, state(), tracker.secondsLeft(find())]).toEqual([1, State.TCP_SYN_RECV, 60]);
    expect(client({ flags: "A", seq: 1, ack: 1 })).toBe(State.CT_ESTABLISHED);
    expect([state(), tracker.secondsLeft(find()), isAssured()]).toEqual([State.TCP_ESTABLISHED, 432000, true]);
    client({ flags: "FA", seq: 1, ack: 1 });
    expect([state(), tracker.secondsLeft(find())]).toEqual([State.TCP_FIN_WAIT, 120]);
    server({ flags: "A", seq: 1, ack: 2 });
    expect([state(), tracker.secondsLeft(find())]).toEqual([State.TCP_CLOSE_WAIT, 60]);
    server({ flags: "FA", seq: 1, ack: 2 });
    expect([state(), tracker.secondsLeft(find())]).toEqual([State.TCP_LAST_ACK, 30]);
    client({ flags: "A", seq: 2, ack: 2 });
    expect([state(), tracker.secondsLeft(find())]).toEqual([State.TCP_TIME_WAIT, 120]);
  });

  test("counts packets and bytes of each direction", () => {
    establish();
    client({ flags: "PA", seq: 1, ack: 1, data: 100 });
    const connection = find();
    expect(tracker.field32(connection, Connection.PACKETS)).toBe(3);
    expect(tracker.field32(connection, Connection.REPLY + Connection.PACKETS)).toBe(1);
    expect(tracker.field32(connection, Connection.BYTES)).toBe(40 + 40 + 140);
    expect(tracker.field32(connection, Connection.REPLY + Connection.BYTES)).toBe(40);
  });

  test("unacknowledged data, a closed window and three retransmissions leave it five minutes", () => {
    establish();
    client({ flags: "PA", seq: 1, ack: 1, data: 10 });
    expect(tracker.secondsLeft(find())).toBe(300);
    server({ flags: "A", seq: 1, ack: 11 });
    expect(tracker.secondsLeft(find())).toBe(432000);
    server({ flags: "A", seq: 1, ack: 11, window: 0 });
    expect(tracker.secondsLeft(find())).toBe(300);
    for (let n = 0; n < 3; n++) {
      expect(client({ flags: "A", seq: 11, ack: 1 })).toBe(State.CT_ESTABLISHED);
      expect(tracker.secondsLeft(find())).toBe(432000);
    }
    client({ flags: "A", seq: 11, ack: 1 });
    expect(tracker.secondsLeft(find())).toBe(300);
  });

  test("a repeated SYN gains no time", () => {
    client({ flags: "S", seq: 0 });
    tracker.wait(50);
    expect(client({ flags: "S", seq: 0 })).toBe(State.CT_NEW);
    expect(tracker.secondsLeft(find())).toBe(70);
    tracker.wait(70);
    expect(find()).toBe(0);
  });

  test("an RST as the only answer ends it at once, but its packet still knows the connection", () => {
    client({ flags: "S", seq: 0 });
    expect(server({ flags: "RA", seq: 0, ack: 1 })).toBe(State.CT_ESTABLISHED);
    expect(last.connection).not.toBe(0);
    expect(find()).toBe(0);
    expect(tracker.counter(Engine.CLOSED)).toBe(1);
  });
});

describe("the first packet", () => {
  test.each([
    ["S", State.CT_NEW],
    ["A", State.CT_NEW],
    ["PA", State.CT_NEW],
    ["SA", State.CT_INVALID],
    ["FA", State.CT_INVALID],
    ["R", State.CT_INVALID],
    ["RA", State.CT_INVALID],
    ["", State.CT_INVALID],
    ["F", State.CT_INVALID],
    ["SF", State.CT_INVALID],
    ["FPU", State.CT_INVALID],
  ])("with flags %s", (flags, ct) => {
    expect(client({ flags, seq: 100, ack: 0 })).toBe(ct);
    expect(find() !== 0).toBe(ct === State.CT_NEW);
  });

  test("in mid-stream starts nothing when the tracker is not loose", async () => {
    tracker = await openTracker({ debug: true, flags: Engine.ENGINE_CHECKSUM });
    expect(client({ flags: "A", seq: 100, ack: 5 })).toBe(State.CT_INVALID);
  });

  test("in mid-stream has five minutes, and is ASSURED with the first answer", () => {
    client({ flags: "A", seq: 100, ack: 5 });
    expect([state(), tracker.secondsLeft(find()), isAssured()]).toEqual([State.TCP_ESTABLISHED, 300, false]);
    server({ flags: "A", seq: 5, ack: 100 });
    expect(isAssured()).toBe(false);
    client({ flags: "A", seq: 100, ack: 5 });
    expect(isAssured()).toBe(true);
  });

  test("with a wrong checksum or a cut header is invalid, unless the node sends it itself", () => {
    const good = bytesOf("client", { flags: "S" });
    const wrong = ip4({ src: CLIENT, dst: SERVER, damage: 1 }, tcp({ src: 40000, dst: 80, flags: "S" }));
    expect(tracker.receive(wrong).ct).toBe(State.CT_INVALID);
    expect(tracker.counter(Engine.BAD_CHECKSUM)).toBe(1);
    expect(tracker.sendFromNode(wrong).ct).toBe(State.CT_NEW);
    const header = ip4({ src: "10.0.0.9", dst: SERVER }, { protocol: 6, bytes: good.subarray(20, 39) });
    expect(tracker.receive(header).ct).toBe(State.CT_INVALID);
  });
});

describe("the window", () => {
  test("data above it is invalid, unless it only overshoots: then it is passed", () => {
    establish();
    expect(client({ flags: "A", seq: 1 + 65535 + 65536, ack: 1, data: 10 })).toBe(State.CT_INVALID);
    expect(client({ flags: "A", seq: 65537, ack: 1, data: 10 })).toBe(State.CT_ESTABLISHED);
    expect(tracker.field32(find(), Connection.PACKETS), "passed without being counted").toBe(2);
  });

  test("an acknowledgement of what was not sent is invalid", () => {
    establish();
    expect(client({ flags: "A", seq: 1, ack: 2 })).toBe(State.CT_INVALID);
    expect(tracker.counter(Engine.INVALID)).toBe(1);
  });

  test("a selective acknowledgement of what was not sent is invalid, too", () => {
    establish(SCALE8);
    const sack = (right: number): Uint8Array => Uint8Array.of(1, 1, 5, 10, 0, 0, 0, 1, 0, 0, right >> 8, right & 0xff);
    expect(client({ flags: "A", seq: 1, ack: 1, options: sack(2) })).toBe(State.CT_INVALID);
    server({ flags: "A", seq: 1, ack: 1, data: 500 });
    expect(client({ flags: "A", seq: 1, ack: 1, options: sack(501) })).toBe(State.CT_ESTABLISHED);
  });

  test("is scaled only if both sides said so", () => {
    establish(SCALE8);
    server({ flags: "A", seq: 1, ack: 1, window: 1000 });
    expect(client({ flags: "A", seq: 1 + 255_000, ack: 1, data: 10 })).toBe(State.CT_ESTABLISHED);
    tracker.engine.removeConnection!(find(), Engine.CLOSED);
    client({ flags: "S", seq: 0, window: 1000, options: SCALE8 });
    server({ flags: "SA", seq: 0, ack: 1, window: 1000 });
    client({ flags: "A", seq: 1, ack: 1, window: 1000 });
    expect(client({ flags: "A", seq: 1 + 255_000, ack: 1, data: 10 })).toBe(State.CT_INVALID);
  });

  test("does not matter to a liberal tracker", async () => {
    tracker = await openTracker({ debug: true, flags: Engine.ENGINE_TCP_BE_LIBERAL });
    establish();
    expect(client({ flags: "A", seq: 5_000_000, ack: 900_000 })).toBe(State.CT_ESTABLISHED);
  });

  test("FIN and RST out of it, from both sides, bring the end nearer", () => {
    establish();
    expect(client({ flags: "FA", seq: 9_000_000, ack: 1 })).toBe(State.CT_INVALID);
    expect(tracker.secondsLeft(find())).toBe(432000);
    expect(server({ flags: "FA", seq: 9_000_000, ack: 1 })).toBe(State.CT_INVALID);
    expect(tracker.secondsLeft(find())).toBe(300);
  });

  test("wraps with the sequence numbers", () => {
    client({ flags: "S", seq: 0xfffffff0 });
    server({ flags: "SA", seq: 0xffffffff, ack: 0xfffffff1 });
    client({ flags: "A", seq: 0xfffffff1, ack: 0 });
    expect(client({ flags: "PA", seq: 0xfffffff1, ack: 0, data: 100 })).toBe(State.CT_ESTABLISHED);
    expect(server({ flags: "A", seq: 0, ack: 0x55 })).toBe(State.CT_ESTABLISHED);
    expect(tracker.field32(find(), Connection.WINDOW)).toBe(0x55);
  });
});

describe("as the kernel's packetdrill scripts have it", () => {
  test("ack_loss_stall: data that was acknowledged long ago is passed", () => {
    client({ flags: "S", seq: 0, window: 32792 });
    server({ flags: "SA", seq: 0, ack: 1, window: 65535 });
    client({ flags: "A", seq: 1, ack: 1, window: 65535 });
    for (let seq = 1; seq < 67161; seq += 1460) {
      expect(client({ flags: "PA", seq, ack: 1, window: 257, data: 1460 })).toBe(State.CT_ESTABLISHED);
      expect(server({ flags: "A", seq: 1, ack: seq + 1460, window: 65535 })).toBe(State.CT_ESTABLISHED);
    }
    expect(client({ flags: "PA", seq: 1, ack: 1, window: 257, data: 1460 })).toBe(State.CT_ESTABLISHED);
  });

  test("inexact_rst: a closing connection takes any RST", () => {
    establish();
    for (const seq of [1, 1001, 2001]) server({ flags: "A", seq, ack: 1, window: 65535, data: 1000 });
    for (const ack of [1001, 2001, 3001]) client({ flags: "A", seq: 1, ack, window: 65535 });
    client({ flags: "PA", seq: 1, ack: 3001, window: 65535, data: 1000 });
    server({ flags: "FA", seq: 3001, ack: 1001, window: 65535 });
    client({ flags: "A", seq: 1001, ack: 3002, window: 65535 });
    expect(state()).toBe(State.TCP_CLOSE_WAIT);
    client({ flags: "RA", seq: 1001, ack: 3002, window: 65535 });
    expect(state()).toBe(State.TCP_CLOSE);
    expect(server({ flags: "R", seq: 2001, window: 0 })).toBe(State.CT_ESTABLISHED);
    expect(tracker.counter(Engine.INVALID)).toBe(0);
  });

  test("rst_invalid: an established connection closes only by the exact number", () => {
    establish();
    for (const seq of [1, 1001, 2001]) server({ flags: "A", seq, ack: 1, window: 65535, data: 1000 });
    for (const ack of [1001, 2001, 3001]) client({ flags: "A", seq: 1, ack, window: 65535 });
    for (const seq of [0, 1_000_000, 42]) {
      expect(server({ flags: "R", seq, window: 0 })).toBe(State.CT_INVALID);
      expect(state()).toBe(State.TCP_ESTABLISHED);
    }
    client({ flags: "PA", seq: 1, ack: 3001, window: 65535, data: 1000 });
    server({ flags: "A", seq: 3001, ack: 1001, window: 65535 });
    expect(server({ flags: "RA", seq: 3000, ack: 1001, window: 0 })).toBe(State.CT_INVALID);
    expect(server({ flags: "RA", seq: 3001, ack: 1001, window: 0 })).toBe(State.CT_ESTABLISHED);
    expect([state(), tracker.secondsLeft(find())]).toEqual([State.TCP_CLOSE, 10]);
    expect(tracker.counter(Engine.INVALID)).toBe(4);
  });

  test("syn_challenge_ack: a challenge passes, its RST too, and the SYN that follows connects", () => {
    client({ flags: "S", seq: 0, window: 65535, options: SCALE8 });
    expect(server({ flags: "A", seq: 145824453, ack: 643160523, window: 240 })).toBe(State.CT_ESTABLISHED);
    expect(client({ flags: "R", seq: 643160523, window: 0 })).not.toBe(State.CT_INVALID);
    expect(client({ flags: "S", seq: 0, window: 65535, options: SCALE8 })).not.toBe(State.CT_INVALID);
    expect(server({ flags: "SA", seq: 0, ack: 1, window: 250 })).toBe(State.CT_ESTABLISHED);
    client({ flags: "A", seq: 1, ack: 1, window: 256 });
    expect([state(), isAssured(), tracker.counter(Engine.INVALID)]).toEqual([State.TCP_ESTABLISHED, true, 0]);
  });

  test("synack_old: the answer to a SYN of long ago is invalid, the right one comes through", () => {
    client({ flags: "S", seq: 0, window: 65535, options: SCALE8 });
    expect(server({ flags: "SA", seq: 145824453, ack: 643160523, window: 240 })).toBe(State.CT_INVALID);
    client({ flags: "S", seq: 0, window: 65535, options: SCALE8 });
    expect(state()).toBe(State.TCP_SYN_SENT);
    expect(server({ flags: "SA", seq: 145758918, ack: 1, window: 250 })).toBe(State.CT_ESTABLISHED);
    client({ flags: "A", seq: 1, ack: 145758919, window: 256 });
    expect([state(), isAssured(), tracker.counter(Engine.INVALID)]).toEqual([State.TCP_ESTABLISHED, true, 1]);
  });

  test("synack_reuse: a SYN in an established connection is passed; after the RST it starts a new one", () => {
    client({ flags: "S", seq: 0, window: 32792 });
    server({ flags: "SA", seq: 0, ack: 1 });
    client({ flags: "A", seq: 1, ack: 1, window: 257 });
    client({ flags: "PA", seq: 1, ack: 1, window: 257, data: 100 });
    server({ flags: "A", seq: 1, ack: 101, window: 256 });
    const old = find();
    expect(client({ flags: "S", seq: 2000, window: 32792 })).toBe(State.CT_ESTABLISHED);
    expect(server({ flags: "A", seq: 1, ack: 101, window: 256 })).toBe(State.CT_ESTABLISHED);
    expect(client({ flags: "RA", seq: 101, ack: 1, window: 257 })).toBe(State.CT_ESTABLISHED);
    expect(tracker.field8(old, Connection.STATE)).toBe(State.TCP_CLOSE);
    expect(client({ flags: "S", seq: 2000, window: 32792 })).toBe(State.CT_NEW);
    expect(server({ flags: "SA", seq: 500, ack: 2001 })).toBe(State.CT_ESTABLISHED);
    expect([state(), tracker.counter(Engine.INVALID)]).toEqual([State.TCP_SYN_RECV, 0]);
  });
});

describe("SYN where none is expected", () => {
  test("after an orderly close it starts a new connection, even with a lower number", () => {
    establish();
    client({ flags: "FA", seq: 1, ack: 1 });
    server({ flags: "FA", seq: 1, ack: 2 });
    client({ flags: "A", seq: 2, ack: 2 });
    expect(client({ flags: "S", seq: 0xfffff000 })).toBe(State.CT_NEW);
    expect([state(), tracker.counter(Engine.CLOSED), tracker.counter(Engine.CREATED)]).toEqual([
      State.TCP_SYN_SENT,
      1,
      2,
    ]);
  });

  test("a server that answers it puts the tracker right", () => {
    establish();
    expect(client({ flags: "S", seq: 70000, window: 1000 })).toBe(State.CT_ESTABLISHED);
    expect(state()).toBe(State.TCP_ESTABLISHED);
    expect(server({ flags: "SA", seq: 5000, ack: 70001, window: 2000 })).toBe(State.CT_ESTABLISHED);
    expect(state()).toBe(State.TCP_SYN_RECV);
    client({ flags: "A", seq: 70001, ack: 5001, window: 1000 });
    expect(state()).toBe(State.TCP_ESTABLISHED);
  });

  test("in LAST_ACK the challenge that answers it does not count as the last ACK", () => {
    establish();
    client({ flags: "FA", seq: 1, ack: 1 });
    server({ flags: "FA", seq: 1, ack: 2 });
    client({ flags: "S", seq: 70000 });
    server({ flags: "A", seq: 2, ack: 2 });
    expect(state()).toBe(State.TCP_LAST_ACK);
    server({ flags: "A", seq: 2, ack: 2 });
    expect(state()).toBe(State.TCP_TIME_WAIT);
  });

  test("from both sides at once opens one connection", () => {
    client({ flags: "S", seq: 0 });
    expect(server({ flags: "S", seq: 100 })).toBe(State.CT_ESTABLISHED);
    expect(state()).toBe(State.TCP_SYN_SENT2);
    client({ flags: "SA", seq: 0, ack: 101 });
    expect(state()).toBe(State.TCP_SYN_RECV);
    server({ flags: "A", seq: 101, ack: 1 });
    expect(state()).toBe(State.TCP_ESTABLISHED);
  });
});

describe("the short way", () => {
  test("does to the record exactly what the tracker does", async () => {
    const records: Uint8Array[] = [];
    for (const isShort of [false, true]) {
      tracker = await openTracker({ debug: true });
      establish(SCALE8);
      const connection = find();
      const send = (direction: number, fields: Fields): void => {
        const packet = bytesOf(direction === 0 ? "client" : "server", fields);
        if (isShort)
          expect(tracker.engine.fastTcp!(connection, direction, tracker.write(packet), packet.length)).toBe(1);
        else tracker.receive(packet);
      };
      send(0, { flags: "PA", seq: 1, ack: 1, data: 700, window: 500 });
      send(1, { flags: "A", seq: 1, ack: 1, data: 1000, window: 1 });
      tracker.wait(3);
      send(0, {
        flags: "A",
        seq: 701,
        ack: 1,
        window: 500,
        options: Uint8Array.of(1, 1, 5, 10, 0, 0, 0, 9, 0, 0, 3, 0xe9),
      });
      send(1, { flags: "PA", seq: 1001, ack: 701, data: 30, window: 400 });
      for (let n = 0; n < 5; n++) send(0, { flags: "A", seq: 701, ack: 1031, window: 300 });
      records.push(new Uint8Array(tracker.engine.memory.buffer, connection, Connection.SIZE).slice());
    }
    expect(records[1]).toEqual(records[0]);
  });

  test.each([
    ["a FIN", { flags: "FA", seq: 1, ack: 1 }],
    ["a SYN", { flags: "S", seq: 1, ack: 1 }],
    ["an RST", { flags: "RA", seq: 1, ack: 1 }],
    ["an urgent segment", { flags: "AU", seq: 1, ack: 1 }],
    ["data above the window", { flags: "A", seq: 900_000, ack: 1, data: 1 }],
    ["an acknowledgement of what was not sent", { flags: "A", seq: 1, ack: 99 }],
    ["a shut window", { flags: "A", seq: 1, ack: 1, window: 0 }],
  ])("leaves %s to the tracker and changes nothing", (_, fields) => {
    establish();
    const connection = find();
    const before = new Uint8Array(tracker.engine.memory.buffer, connection, Connection.SIZE).slice();
    const packet = bytesOf("client", fields);
    expect(tracker.engine.fastTcp!(connection, 0, tracker.write(packet), packet.length)).toBe(0);
    expect(new Uint8Array(tracker.engine.memory.buffer, connection, Connection.SIZE)).toEqual(before);
  });

  test("is closed once the connection's time is over", () => {
    establish();
    const connection = find();
    tracker.wait(432000);
    const packet = bytesOf("client", { flags: "A", seq: 1, ack: 1 });
    expect(tracker.engine.fastTcp!(connection, 0, tracker.write(packet), packet.length)).toBe(0);
  });
});

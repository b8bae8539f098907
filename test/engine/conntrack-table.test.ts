import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import * as Connection from "../../assembly/layout/connection.ts";
import * as Engine from "../../assembly/layout/engine.ts";
import * as Index from "../../assembly/layout/index.ts";
import * as State from "../../assembly/layout/state.ts";
import * as Verdict from "../../assembly/layout/verdict.ts";
import { zeros } from "../support/bytes.ts";
import { ip4, ip6 } from "../support/packet.ts";
import { tcp, udp } from "../support/transport.ts";
import { openTracker, type Tracker } from "./tracker.ts";

const UDP = 17;
const DAY = 86400;

let tracker: Tracker;

beforeEach(async () => {
  tracker = await openTracker({ debug: true });
});

interface TupleFields {
  readonly family: 4 | 6;
  readonly src: number;
  readonly dst: number;
  readonly srcPort: number;
  readonly dstPort: number;
}

/** Writes a tuple; the addresses are numbers, spread over all bytes of an IPv6 address. */
function writeTuple(at: number, tuple: TupleFields): void {
  const view = new DataView(tracker.engine.memory.buffer, at, 48);
  for (let offset = 0; offset < 48; offset += 4) view.setUint32(offset, 0, true);
  view.setUint32(0, tuple.family, true);
  view.setUint32(4, UDP, true);
  view.setUint32(8, tuple.srcPort, true);
  view.setUint32(12, tuple.dstPort, true);
  for (let word = 0; word < (tuple.family === 4 ? 1 : 4); word++) {
    view.setUint32(16 + word * 4, tuple.src + word * 0x1000, true);
    view.setUint32(32 + word * 4, tuple.dst + word * 0x1000, true);
  }
}

const inverted = (tuple: TupleFields): TupleFields => ({
  ...tuple,
  src: tuple.dst,
  dst: tuple.src,
  srcPort: tuple.dstPort,
  dstPort: tuple.srcPort,
});

function create(original: TupleFields, reply = inverted(original)): number {
  writeTuple(tracker.engine.originalTuple!(), original);
  writeTuple(tracker.engine.replyTuple!(), reply);
  const connection = tracker.engine.create!();
  if (connection !== 0)
    new DataView(tracker.engine.memory.buffer).setUint32(connection + Connection.EXPIRES_AT, 60_000, true);
  return connection;
}

function find(tuple: TupleFields): number {
  writeTuple(tracker.engine.originalTuple!(), tuple);
  return tracker.engine.find!();
}

const client = (n: number): TupleFields => ({ family: 4, src: n, dst: 0xffffff, srcPort: 1000, dstPort: 53 });
const query = (n: number): Uint8Array =>
  ip4({ src: `10.0.${n >> 8}.${n & 255}`, dst: "10.1.0.1" }, udp({ src: 1000, dst: 53 }));
const field = (offset: number): number => tracker.field32(tracker.engine.engine!(), offset);

test("the index agrees with a map, whatever is inserted, found and removed, beyond any bucket's room", async () => {
  tracker = await openTracker({ debug: true, connectionsMax: 400 });
  const tuples = fc.record({
    family: fc.constantFrom<4 | 6>(4, 6),
    src: fc.nat(40),
    dst: fc.nat(3),
    srcPort: fc.nat(3),
    dstPort: fc.constant(53),
  });
  const known = new Map<string, number>();
  const keyOf = (tuple: TupleFields): string => JSON.stringify(tuple);
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), tuples), { minLength: 100, maxLength: 400 }), (steps) => {
      for (const [removes, tuple] of steps) {
        const there = known.get(keyOf(tuple));
        expect(find(tuple)).toBe(there ?? 0);
        if (there !== undefined && removes) {
          tracker.engine.removeConnection!(there & ~1, Engine.CLOSED);
          tracker.engine.reap!();
          for (const [key, value] of known) if ((value & ~1) === (there & ~1)) known.delete(key);
        } else if (there === undefined && known.size < 780 && !known.has(keyOf(inverted(tuple)))) {
          const connection = create(tuple);
          if (keyOf(tuple) === keyOf(inverted(tuple))) {
            tracker.engine.discardConnection!(connection);
            continue;
          }
          expect(tracker.engine.insertConnection!(connection)).toBe(Verdict.REASON_NONE);
          known.set(keyOf(tuple), connection);
          known.set(keyOf(inverted(tuple)), connection | 1);
        }
      }
      expect(field(Engine.OPEN) * 2).toBe(known.size);
    }),
    { numRuns: 12 },
  );
  for (const [key, value] of known) expect(find(JSON.parse(key))).toBe(value);
});

test("a full table keeps every bucket's overflow count right", async () => {
  tracker = await openTracker({ debug: true, connectionsMax: 3000 });
  const connections = Array.from({ length: 3000 }, (_, n) => {
    const connection = create(client(n));
    expect(tracker.engine.insertConnection!(connection)).toBe(Verdict.REASON_NONE);
    return connection;
  });
  for (let n = 0; n < 3000; n++) expect(find(client(n))).toBe(connections[n]);
  for (const connection of connections) tracker.engine.removeConnection!(connection, Engine.CLOSED);
  const index = field(Engine.INDEX);
  for (let bucket = index; bucket < index + 600 * Index.BUCKET_SIZE; bucket += Index.BUCKET_SIZE) {
    for (let offset = 0; offset < Index.HALVES; offset += 4) expect(tracker.field32(bucket, offset)).toBe(0);
  }
});

describe("tuples", () => {
  test("a taken reply tuple is refused at confirmation", () => {
    tracker.engine.insertConnection!(create(client(1)));
    const second = create(client(2), inverted(client(1)));
    expect(tracker.engine.insertConnection!(second)).toBe(Verdict.REASON_CLASH);
    expect(tracker.counter(Engine.INSERT_FAILED)).toBe(1);
  });

  test("are taken only by others, and not by the same conversation", () => {
    const first = create(client(1));
    tracker.engine.insertConnection!(first);
    const second = create(client(2));
    const twin = create(client(1));
    writeTuple(tracker.engine.originalTuple!(), inverted(client(1)));
    expect(tracker.engine.isTaken!(second)).toBe(1);
    writeTuple(tracker.engine.originalTuple!(), inverted(client(1)));
    expect(tracker.engine.isTaken!(first)).toBe(0);
    writeTuple(tracker.engine.originalTuple!(), inverted(client(1)));
    expect(tracker.engine.isTaken!(twin)).toBe(0);
  });

  test.each([4, 6] as const)("of IPv%i come out of a record as they went in", (family) => {
    const tuple: TupleFields = { family, src: 0x01020304, dst: 0x0a0b0c0d, srcPort: 0x1234, dstPort: 0x5678 };
    const connection = create(tuple);
    for (const [direction, wanted] of [
      [0, tuple],
      [1, inverted(tuple)],
    ] as const) {
      const at = tracker.engine.originalTuple!();
      tracker.engine.readTuple!(connection, direction);
      const read = new Uint8Array(tracker.engine.memory.buffer, at, 48).slice();
      writeTuple(at, wanted);
      expect(read).toEqual(new Uint8Array(tracker.engine.memory.buffer, at, 48));
    }
  });

  test("an unconfirmed connection cannot be found, and a dropped one leaves nothing", () => {
    const dropped = tracker.dropAfterTracking(query(1));
    expect(dropped.ct).toBe(State.CT_NEW);
    expect(tracker.receive(query(1)).ct).toBe(State.CT_NEW);
    expect(field(Engine.OPEN)).toBe(1);
  });
});

describe("at capacity", () => {
  test("a connection that is not ASSURED makes room for a new one", async () => {
    tracker = await openTracker({ debug: true, connectionsMax: 8 });
    for (let n = 0; n < 20; n++) expect(tracker.receive(query(n)).reason).toBe(Verdict.REASON_NONE);
    expect([field(Engine.OPEN), tracker.counter(Engine.EVICTED)]).toEqual([8, 12]);
  });

  test("ASSURED ones stay: the packet is dropped and counted, until the sweep takes closing ones", async () => {
    tracker = await openTracker({ debug: true, connectionsMax: 4 });
    const send = (n: number, isReply: boolean, flags: string, seq: number, ack: number) => {
      const [a, b] = [`10.0.0.${n}`, "10.1.0.1"];
      const ports = isReply ? { src: 80, dst: 5000 } : { src: 5000, dst: 80 };
      return tracker.receive(
        ip4(isReply ? { src: b, dst: a } : { src: a, dst: b }, tcp({ ...ports, flags, seq, ack })),
      );
    };
    for (let n = 0; n < 4; n++) {
      send(n, false, "S", 0, 0);
      send(n, true, "SA", 0, 1);
      send(n, false, "A", 1, 1);
    }
    expect(send(9, false, "S", 0, 0).reason).toBe(Verdict.REASON_TABLE_FULL);
    expect(tracker.counter(Engine.TABLE_FULL)).toBe(1);
    tracker.engine.sweep!(100);
    expect(field(Engine.OPEN)).toBe(4);
    send(2, false, "FA", 1, 1);
    send(9, false, "S", 0, 0);
    tracker.engine.sweep!(100);
    expect(tracker.counter(Engine.EVICTED)).toBe(1);
    expect(send(9, false, "S", 0, 0).reason).toBe(Verdict.REASON_NONE);
  });
});

describe("time", () => {
  test("an expired connection is not found, and the sweep takes what nobody looks for", () => {
    tracker.receive(query(1));
    tracker.receive(query(2));
    tracker.wait(29.999);
    expect(tracker.receive(query(2)).ct).toBe(State.CT_NEW);
    tracker.engine.sweep!(100);
    expect(tracker.counter(Engine.EXPIRED)).toBe(0);
    tracker.wait(0.001);
    tracker.engine.sweep!(100);
    expect([tracker.counter(Engine.EXPIRED), field(Engine.OPEN)]).toEqual([1, 1]);
  });

  test.each([1, 12, 24, 25, 30, 49, 50, 60, 100, 1000])("a jump of %i days ends all that it passed", (days) => {
    tracker.receive(query(1));
    tracker.wait(days * DAY);
    expect(tracker.receive(query(1)).ct).toBe(State.CT_NEW);
    expect(tracker.counter(Engine.EXPIRED)).toBe(1);
  });

  test.each([10, 13, 20, 24.8])("many jumps of %d days without a sweep do, too", (days) => {
    const { connection } = tracker.receive(query(1));
    for (let n = 0; n < 7; n++) {
      tracker.wait(days * DAY);
      expect(tracker.secondsLeft(connection)).toBeLessThanOrEqual(0);
    }
  });

  test("a connection with days to live survives a jump of fewer days, over the clock's turn", () => {
    const send = (isReply: boolean, flags: string, seq: number, ack: number) => {
      const ports = isReply ? { src: 80, dst: 5000 } : { src: 5000, dst: 80 };
      const addresses = isReply ? { src: "10.0.0.2", dst: "10.0.0.1" } : { src: "10.0.0.1", dst: "10.0.0.2" };
      return tracker.receive(ip4(addresses, tcp({ ...ports, flags, seq, ack })));
    };
    send(false, "S", 0, 0);
    send(true, "SA", 0, 1);
    send(false, "A", 1, 1);
    for (let n = 0; n < 30; n++) {
      tracker.wait(4 * DAY);
      expect(send(n % 2 === 1, "A", 1, 1).ct).toBe(State.CT_ESTABLISHED);
      expect(tracker.counter(Engine.EXPIRED)).toBe(0);
    }
    tracker.wait(5 * DAY);
    expect(send(false, "A", 1, 1).ct).toBe(State.CT_NEW);
  });

  test("timeouts are limited to what the clock can tell apart", async () => {
    tracker = await openTracker({ debug: true, timeouts: { [State.TIMEOUT_UDP]: 2_592_000 } });
    const { connection } = tracker.receive(query(1));
    expect(tracker.secondsLeft(connection)).toBe(2_147_483);
  });

  test("the clock never goes back", () => {
    tracker.receive(query(1));
    tracker.wait(10);
    tracker.wait(-5);
    expect(field(Engine.CLOCK)).toBe(10_000);
  });
});

describe("ended connections", () => {
  const flags = Engine.ENGINE_ENDED | Engine.ENGINE_IP6;
  const ended = (): number => field(Engine.ENDED_COUNT);
  const drain = (): void =>
    new DataView(tracker.engine.memory.buffer).setUint32(tracker.engine.engine!() + Engine.ENDED_COUNT, 0, true);

  test("wait for the host when its queue is full, and none is lost", async () => {
    tracker = await openTracker({ debug: true, connectionsMax: 100, endedMax: 3, flags });
    for (let n = 0; n < 10; n++) tracker.receive(query(n));
    tracker.wait(30);
    const seen = new Set<number>();
    for (let round = 0; round < 10; round++) {
      tracker.engine.sweep!(100);
      expect(ended()).toBeLessThanOrEqual(3);
      for (let at = 0; at < ended(); at++)
        seen.add(tracker.field32(field(Engine.ENDED) + at * 192, Connection.SRC_ADDR));
      drain();
    }
    expect([seen.size, tracker.counter(Engine.EXPIRED), field(Engine.OPEN)]).toEqual([10, 10, 0]);
  });

  test("that wait for the host do not let the table grow: new ones are refused in the end", async () => {
    tracker = await openTracker({ debug: true, connectionsMax: 10, endedMax: 1, flags });
    const reasons = Array.from({ length: 200 }, (_, n) => tracker.receive(query(n)).reason);
    expect(reasons.at(-1)).toBe(Verdict.REASON_TABLE_FULL);
    drain();
    tracker.engine.sweep!(1);
    expect(tracker.receive(query(250)).reason).toBe(Verdict.REASON_NONE);
  });

  test("at the end all are handed over, the open ones without the mark of death", async () => {
    tracker = await openTracker({ debug: true, endedMax: 2, flags });
    tracker.receive(query(1));
    tracker.wait(30);
    for (let n = 2; n < 6; n++) tracker.receive(query(n));
    const packet = ip6({ src: "fd00::1", dst: "fd00::2" }, udp({ src: 1, dst: 2 }, zeros(1)));
    tracker.receive(packet);
    tracker.engine.sweep!(100);
    const dead: boolean[] = [];
    let addresses: Uint8Array | undefined;
    for (let isDone = false; !isDone; ) {
      isDone = tracker.engine.endAll!() === 1;
      for (let at = 0; at < ended(); at++) {
        const record = field(Engine.ENDED) + at * 192;
        dead.push((tracker.field16(record, Connection.STATUS) & Connection.STATUS_DYING) !== 0);
        if (tracker.field8(record, Connection.FAMILY) === 6)
          addresses = new Uint8Array(tracker.engine.memory.buffer, record + 128, 32).slice();
      }
      drain();
    }
    expect(dead).toEqual([true, false, false, false, false, false]);
    expect(addresses).toEqual(packet.slice(8, 40));
    expect(field(Engine.OPEN)).toBe(0);
  });
});

/** Capture files in all their variants come in as they were written; what is broken is refused with its place. */

import { beforeAll, describe, expect, it } from "vitest";
import * as Descriptor from "../../assembly/layout/descriptor.ts";
import { bytesSource } from "../../src/capture/bytes.ts";
import { CaptureReader, type CaptureReaderOptions } from "../../src/capture/reader.ts";
import { concat, text } from "../support/bytes.ts";
import { frame, ip } from "../support/packet.ts";
import { udp } from "../support/transport.ts";
import { CaptureEngine, readAll } from "./engine.ts";
import * as Files from "./files.ts";

const LITTLE = { little: true };
const BIG = { little: false };
const FRAME = frame(
  "02:00:00:00:00:01",
  "02:00:00:00:00:02",
  ip({ src: "10.0.0.1", dst: "10.0.0.2" }, udp({ src: 1, dst: 2 }, text("hello"))),
);

let engine: CaptureEngine;
beforeAll(async () => {
  engine = await CaptureEngine.create();
});

const read = (file: Uint8Array, options: CaptureReaderOptions = {}) =>
  readAll(engine, new CaptureReader(bytesSource("x.pcap", file), engine, options));

describe.each([
  ["little-endian", LITTLE],
  ["big-endian", BIG],
])("a %s pcap file", (_, order) => {
  const record = { seconds: 1_700_000_000, fraction: 123_456, frame: FRAME };

  it.each([
    ["microseconds", Files.MICROSECOND_MAGIC, 1_700_000_000_123_456_000n],
    ["nanoseconds", Files.NANOSECOND_MAGIC, 1_700_000_000_000_123_456n],
    ["Kuznetzov's records", Files.MODIFIED_MAGIC, 1_700_000_000_123_456_000n],
  ])("with %s", async (__, magic, time) => {
    const { packets, problem } = await read(Files.pcapFile({ ...order, magic }, [record, record]));
    expect(problem).toBeUndefined();
    expect(packets.map((packet) => [packet.time, packet.frame])).toEqual([
      [time, FRAME],
      [time, FRAME],
    ]);
  });

  it.each([1, 2, 3, 4])("of version 2.%i", async (minor) => {
    const { packets } = await read(Files.pcapFile({ ...order, minor }, [{ ...record, wireBytes: 1500 }]));
    expect(packets).toMatchObject([{ frame: FRAME, wireBytes: 1500, flags: Descriptor.FLAG_TRUNCATED }]);
  });

  it("whose link type field says that frames end in a checksum", async () => {
    const { packets } = await read(Files.pcapFile({ ...order, linkType: 0x24000001 }, [record]));
    expect(packets).toMatchObject([{ linkType: 1, linkBytes: 14, flags: 0 }]);
  });
});

describe.each([
  ["little-endian", LITTLE],
  ["big-endian", BIG],
])("a %s pcapng file", (_, order) => {
  const nanoseconds = Files.option(order, 9, [9]);

  it("knows its interfaces", async () => {
    const named = Files.description(
      order,
      1,
      96,
      Files.option(order, 2, text("eth0")),
      nanoseconds,
      Files.option(order, 11, [0, ...text("tcp")]),
    );
    const reader = new CaptureReader(bytesSource("x", concat(Files.section(order), named)), engine);
    await readAll(engine, reader);
    expect(reader.interfaces).toEqual([
      { name: "eth0", filter: "tcp", linkType: 1, snaplen: 96, unitsPerSecond: 1_000_000_000n, offsetSeconds: 0n },
    ]);
  });

  it.each([
    ["microseconds when it says nothing", [], 1_000_001n, 1_000_001_000n],
    ["nanoseconds", [Files.option(order, 9, [9])], 5n, 5n],
    ["picoseconds", [Files.option(order, 9, [12])], 3_000_000_001_999n, 3_000_000_001n],
    ["milliseconds", [Files.option(order, 9, [3])], 1_234n, 1_234_000_000n],
    ["seconds", [Files.option(order, 9, [0])], 7n, 7_000_000_000n],
    ["powers of two", [Files.option(order, 9, [0x8a])], 1_536n, 1_500_000_000n],
    ["the finest power of two", [Files.option(order, 9, [0xbf])], 3n << 62n, 1_500_000_000n],
    ["an offset", [nanoseconds, Files.option(order, 14, offset(order, 10n))], 5n, 10_000_000_005n],
    ["a negative offset", [nanoseconds, Files.option(order, 14, offset(order, -1n))], 1_000_000_005n, 5n],
  ])("reads times in %s", async (__, options, time, expected) => {
    const file = concat(
      Files.section(order),
      Files.description(order, 1, 0, ...options),
      Files.enhanced(order, { time, frame: FRAME }),
    );
    expect((await read(file)).packets).toMatchObject([{ time: expected, frame: FRAME }]);
  });

  it.each([
    ["inbound", 1, 0],
    ["outbound", 2, Descriptor.FLAG_OUTBOUND],
    ["multicast", 1 | (2 << 2), Descriptor.FLAG_MULTICAST],
    ["broadcast", 1 | (3 << 2), Descriptor.FLAG_MULTICAST],
    ["promiscuous", 1 | (4 << 2), Descriptor.FLAG_OTHER_HOST],
  ])("flags %s packets", async (__, flags, expected) => {
    const options = [Files.option(order, 1, text("a comment")), Files.option(order, 2, Files.words(order, flags))];
    const file = concat(
      Files.section(order),
      Files.description(order, 1),
      Files.enhanced(order, { frame: FRAME, options }),
    );
    expect((await read(file)).packets).toMatchObject([{ flags: expected }]);
  });

  it("reads simple and obsolete packet blocks", async () => {
    const simple = Files.block(order, 3, Files.words(order, FRAME.length), Files.padded(FRAME));
    const head = concat(Files.halves(order, 0, 7), Files.words(order, 0, 9, FRAME.length, FRAME.length));
    const obsolete = Files.block(order, 2, head, Files.padded(FRAME));
    const { packets } = await read(concat(Files.section(order), Files.description(order, 1), obsolete, simple));
    expect(packets).toMatchObject([
      { frame: FRAME, time: 9_000n },
      { frame: FRAME, time: 9_000n },
    ]);
  });

  it("cuts a simple packet at the interface's snaplen", async () => {
    const simple = Files.block(order, 3, Files.words(order, 1500), FRAME.subarray(0, 20));
    const { packets } = await read(concat(Files.section(order), Files.description(order, 1, 20), simple));
    expect(packets).toMatchObject([{ frame: FRAME.subarray(0, 20), wireBytes: 1500 }]);
  });

  it("passes over blocks that are not packets", async () => {
    const others = [4, 5, 10, 0xbad, 0x80000001].map((type) => Files.block(order, type, new Uint8Array(24)));
    const packet = Files.enhanced(order, { frame: FRAME });
    const { packets, problem } = await read(
      concat(Files.section(order), ...others, Files.description(order, 1), packet, ...others, packet),
    );
    expect([packets.length, problem]).toEqual([2, undefined]);
  });
});

it("counts interfaces anew in every section, whatever its byte order", async () => {
  const one = (order: Files.Order, linkType: number) =>
    concat(Files.section(order), Files.description(order, linkType), Files.enhanced(order, { frame: FRAME }));
  const { packets } = await read(concat(one(LITTLE, 1), one(BIG, 113), one(LITTLE, 101)));
  expect(packets.map((packet) => [packet.interface, packet.linkType])).toEqual([
    [0, 1],
    [1, 113],
    [2, 101],
  ]);
});

it("asks which of the node's interfaces a captured one is, and marks what comes from the node", async () => {
  const file = concat(
    Files.section(LITTLE),
    Files.description(LITTLE, 1, 0, Files.option(LITTLE, 2, text("eth0"))),
    Files.enhanced(LITTLE, { frame: FRAME }),
  );
  const names: (string | undefined)[] = [];
  const nodeInterface = ({ name }: { name?: string }) => names.push(name);
  const { packets } = await read(file, { nodeInterface, fromHost: true });
  expect(names).toEqual(["eth0"]);
  expect(packets).toMatchObject([{ flags: Descriptor.FLAG_FROM_HOST }]);
});

it("keeps to its part of chunk, descriptors and interface table", async () => {
  const file = Files.pcapFile(
    LITTLE,
    Array.from({ length: 10 }, (_, seconds) => ({ seconds, fraction: 0, frame: FRAME })),
  );
  const options = {
    chunk: { first: 4096, count: 200 },
    descriptors: { first: 100, count: 3 },
    interfaces: { first: 7, count: 1 },
  };
  const reader = new CaptureReader(bytesSource("x", file), engine, options);
  const batches = [];
  for (let batch = await reader.nextBatch(); batch.kind === "packets"; batch = await reader.nextBatch()) {
    expect([batch.first, engine.seen(batch.first).interface]).toEqual([100, 7]);
    batches.push(batch.count);
  }
  expect(batches.every((count) => count <= 3)).toBe(true);
  expect([reader.packets, reader.position]).toEqual([10, file.length]);
});

it("goes on in another part, and what it handed over before stays", async () => {
  const records = Array.from({ length: 40 }, (_, seconds) => ({ seconds, fraction: 0, frame: FRAME }));
  const parts = [0, 1].map((part) => ({
    chunk: { first: part * 300, count: 300 },
    descriptors: { first: part * 8, count: 8 },
  }));
  const reader = new CaptureReader(bytesSource("x", Files.pcapFile(LITTLE, records)), engine, parts[0]);
  const times: bigint[] = [];
  let before = await reader.nextBatch();
  for (let turn = 1; before.kind === "packets"; turn++) {
    const { chunk, descriptors } = parts[turn % 2]!;
    reader.moveTo(chunk, descriptors);
    const next = await reader.nextBatch();
    for (let index = 0; index < before.count; index++) times.push(engine.seen(before.first + index).time);
    before = next;
  }
  expect(times).toEqual(records.map(({ seconds }) => BigInt(seconds) * 1_000_000_000n));
  expect(reader.position).toBe(24 + records.length * (16 + FRAME.length));
});

describe("what is broken is refused with its place:", () => {
  const head = concat(Files.section(LITTLE), Files.description(LITTLE, 1));
  const packet = Files.enhanced(LITTLE, { frame: FRAME });
  const whole = concat(head, packet);
  const broken = (change: (view: DataView) => void) => {
    const copy = packet.slice();
    change(new DataView(copy.buffer));
    return concat(whole, copy);
  };

  it.each([
    ["an empty file", new Uint8Array(0), "at byte 0: the file is empty"],
    ["something else", text("GIF89a, not a capture"), "at byte 0: this is no capture"],
    [
      "a pcap of another age",
      concat(Files.words(LITTLE, Files.MICROSECOND_MAGIC), Files.halves(LITTLE, 1, 0), new Uint8Array(16)),
      "pcap version 1.0",
    ],
    [
      "a section of another age",
      concat(Files.words(LITTLE, 0x0a0d0d0a, 28, 0x1a2b3c4d), Files.halves(LITTLE, 9, 0), new Uint8Array(12)),
      "pcapng version 9",
    ],
    [
      "a section without byte order",
      concat(Files.words(LITTLE, 0x0a0d0d0a, 28, 0), new Uint8Array(16)),
      "without byte-order magic",
    ],
    [
      "a record that is too long",
      concat(Files.pcapFile(LITTLE, []), Files.words(LITTLE, 0, 0, 262145, 262145)),
      "at byte 24: a record of 262145 bytes",
    ],
    [
      "a block length that is no multiple of four",
      broken((view) => view.setUint32(4, 33, true)),
      `at byte ${whole.length}: a block of type 6 with the impossible length 33`,
    ],
    [
      "two lengths that differ",
      broken((view) => view.setUint32(view.byteLength - 4, 99, true)),
      `at byte ${whole.length}: a block of type 6 whose two lengths differ`,
    ],
    [
      "a frame longer than its block",
      broken((view) => view.setUint32(20, 99999, true)),
      `at byte ${whole.length}: a block of type 6 of ${packet.length} bytes with a frame of 99999`,
    ],
    [
      "an interface that is not there",
      broken((view) => view.setUint32(8, 1, true)),
      `at byte ${whole.length}: a block of type 6 from interface 1`,
    ],
    [
      "a simple packet that does not hold its frame",
      concat(head, Files.block(LITTLE, 3, Files.words(LITTLE, 99))),
      "that its interface and packet do not agree with",
    ],
    [
      "time units of nobody",
      concat(Files.section(LITTLE), Files.description(LITTLE, 1, 0, Files.option(LITTLE, 9, [20]))),
      "time units",
    ],
    [
      "an interface description without body",
      concat(Files.section(LITTLE), Files.block(LITTLE, 1)),
      "an interface description block of 12 bytes",
    ],
  ])("%s", async (_, file, message) => {
    const { packets, problem } = await read(file);
    expect(problem).toContain(message);
    expect(packets.length).toBe(message.includes(`byte ${whole.length}`) ? 1 : 0);
  });

  it("a block that is bigger than the chunk", async () => {
    const { problem } = await read(concat(whole, Files.block(LITTLE, 4, new Uint8Array(4096))), {
      chunk: { first: 0, count: 1024 },
    });
    expect(problem).toContain("does not fit into the 1024 bytes of a chunk");
  });

  it("more interfaces than the table has", async () => {
    const file = concat(Files.section(LITTLE), Files.description(LITTLE, 1), Files.description(LITTLE, 1));
    expect((await read(file, { interfaces: { first: 0, count: 1 } })).problem).toContain("more than 1 interfaces");
  });
});

const FILES: readonly (readonly [string, Uint8Array, readonly number[]])[] = [
  [
    "pcap",
    ...withPlaces(
      Files.pcapFile(LITTLE, []),
      new Array(3).fill(Files.pcapFile(LITTLE, [{ seconds: 1, fraction: 2, frame: FRAME }]).subarray(24)),
    ),
  ],
  [
    "pcapng",
    ...withPlaces(
      concat(Files.section(BIG), Files.description(BIG, 1)),
      new Array(3).fill(Files.enhanced(BIG, { frame: FRAME })),
    ),
  ],
];

describe.each(FILES)("a %s file", (_, file, ends) => {
  it("that is cut at any byte gives the packets before the cut, and a problem unless it is cut between two", async () => {
    for (let cut = 0; cut < file.length; cut++) {
      const { packets, problem } = await read(file.subarray(0, cut));
      expect([cut, packets.length]).toEqual([cut, ends.filter((end, index) => index > 0 && end <= cut).length]);
      const isBetween = ends.includes(cut) || (cut === 28 && ends[0] !== 24);
      expect([cut, problem === undefined]).toEqual([cut, isBetween]);
    }
  });

  it("with any byte changed ends, in bounded time, without harm", async () => {
    for (let at = 0; at < file.length; at++) {
      for (const flip of [0x01, 0x80, 0xff]) {
        const copy = file.slice();
        copy[at]! ^= flip;
        expect((await read(copy)).packets.length).toBeLessThanOrEqual(file.length / 16);
      }
    }
  });
});

/** The file, and where its header and each of its records end. */
function withPlaces(header: Uint8Array, records: readonly Uint8Array[]): [Uint8Array, number[]] {
  const ends = [header.length];
  for (const record of records) ends.push(ends.at(-1)! + record.length);
  return [concat(header, ...records), ends];
}

function offset({ little }: Files.Order, seconds: bigint): Uint8Array {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigInt64(0, seconds, little);
  return new Uint8Array(view.buffer);
}

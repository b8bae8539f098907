/** Fragments are collected, put together and taken apart as Linux 6.18 does it: every case here was seen there. */

import { beforeEach, describe, expect, it } from "vitest";
import * as Engine from "../../assembly/layout/engine.ts";
import * as Verdict from "../../assembly/layout/verdict.ts";
import { concat, uint16 } from "../support/bytes.ts";
import { evenPieces, fragments, type Piece } from "../support/fragments.ts";
import { ip } from "../support/packet.ts";
import { Random, SEED } from "../support/random.ts";
import { sctp, tcp, udp } from "../support/transport.ts";
import { FragmentEngine, fixChecksum } from "./fragment-engine.ts";
import { FragmentModel } from "./fragment-model.ts";

const NONE = Verdict.REASON_NONE;
const HELD = Verdict.REASON_FRAGMENT_HELD;
const DUPLICATE = Verdict.REASON_FRAGMENT_DUPLICATE;
const OVERLAP = Verdict.REASON_FRAGMENT_OVERLAP;
const INVALID = Verdict.REASON_FRAGMENT_INVALID;
const LIMIT = Verdict.REASON_FRAGMENT_LIMIT;
const DONT_FRAGMENT = 0x40;
const ID = 0x1234;

const PAYLOAD = Uint8Array.from({ length: 992 }, (_, index) => index);
const DATAGRAM = udp({ src: 4000, dst: 53 }, PAYLOAD);
const WHOLE4 = ip({ src: "10.0.0.1", dst: "10.0.0.2", id: ID }, DATAGRAM);
const WHOLE6 = ip({ src: "fd00::1", dst: "fd00::2" }, DATAGRAM);
const TOTAL = 1000;

let engine: FragmentEngine;
beforeEach(async () => {
  engine = await FragmentEngine.create();
});

/** Stretches [from, to) of the payload. */
const stretches = (...edges: readonly (readonly [number, number])[]): Piece[] =>
  edges.map(([from, to]) => ({ offset: from, bytes: to - from }));

const reasons = (packets: readonly Uint8Array[]) => packets.map((packet) => engine.pass(packet).reason);

describe.each([
  ["IPv4", WHOLE4],
  ["IPv6", WHOLE6],
] as const)("%s fragments", (family, whole) => {
  const cut = (pieces: readonly Piece[], id = ID) => fragments(whole, pieces, id);

  it.each([
    ["of one size", evenPieces(TOTAL, 400)],
    ["of any size", stretches([0, 8], [8, 408], [408, 512], [512, 1000])],
    ["as short as they can be", evenPieces(TOTAL, 8)],
  ])("%s leave after the last one as they came", (_, pieces) => {
    const packets = cut(pieces);
    const outcomes = packets.map((packet) => engine.pass(packet));
    expect(outcomes.slice(0, -1).every(({ reason, sent }) => reason === HELD && sent.length === 0)).toBe(true);
    expect(outcomes.at(-1)).toEqual({ reason: NONE, sent: engine.withId(packets) });
    expect(engine.whole()).toEqual(whole);
  });

  it("leave in order, whatever the order they came in", () => {
    const packets = cut(evenPieces(TOTAL, 400));
    const [first, second, third] = packets as [Uint8Array, Uint8Array, Uint8Array];
    expect(reasons([third, first])).toEqual([HELD, HELD]);
    expect(engine.pass(second)).toEqual({ reason: NONE, sent: engine.withId(packets) });
  });

  it.each<[string, Piece[], number[]]>([
    ["the same again", stretches([0, 200], [0, 200], [200, 1000]), [HELD, DUPLICATE, NONE]],
    ["the last again", stretches([200, 1000], [200, 1000], [0, 200]), [HELD, DUPLICATE, NONE]],
    [
      "within what came in order",
      stretches([0, 200], [200, 400], [96, 304], [400, 1000]),
      [HELD, HELD, DUPLICATE, NONE],
    ],
    ["over what came out of order", stretches([0, 200], [400, 600], [200, 400], [0, 400]), [HELD, HELD, HELD, OVERLAP]],
    ["a longer one in the same place", stretches([0, 200], [200, 400], [200, 600]), [HELD, HELD, OVERLAP]],
    ["over the next one's beginning", stretches([200, 400], [0, 208]), [HELD, OVERLAP]],
  ])("that repeat or overlap: %s", (_, pieces, expected) => {
    expect(reasons(cut(pieces))).toEqual(expected);
  });

  it("that overlap spoil what is there, so the rest does not complete it", () => {
    expect(reasons(cut(stretches([0, 200], [200, 400], [392, 600])))).toEqual([HELD, HELD, OVERLAP]);
    expect(reasons(cut(stretches([400, 1000], [392, 600])))).toEqual([HELD, OVERLAP]);
  });

  it("of different datagrams do not mix", () => {
    const pieces = evenPieces(TOTAL, 504);
    expect(reasons([cut(pieces, 1)[0]!, cut(pieces, 2)[1]!])).toEqual([HELD, HELD]);
    expect(reasons([cut(pieces, 2)[0]!, cut(pieces, 1)[1]!])).toEqual([NONE, NONE]);
  });

  it("from the wire and from the node do not mix", () => {
    const [first, last] = cut(evenPieces(TOTAL, 504)) as [Uint8Array, Uint8Array];
    expect(engine.pass(first, 0).reason).toBe(HELD);
    expect(engine.pass(last, 1).reason).toBe(HELD);
    expect(engine.pass(last, 0).reason).toBe(NONE);
  });

  it(`wait ${family === "IPv4" ? 30 : 60} seconds and no longer`, () => {
    const seconds = family === "IPv4" ? 30 : 60;
    const [first, last] = cut(evenPieces(TOTAL, 504)) as [Uint8Array, Uint8Array];
    engine.clock = 5000;
    expect(reasons([first])).toEqual([HELD]);
    engine.clock = 5000 + seconds * 1000 - 1;
    expect(reasons([last, first])).toEqual([NONE, HELD]);
    engine.clock += seconds * 1000;
    expect(reasons([last])).toEqual([HELD]);
  });

  it("are refused when their memory is full, and those that wait stay", () => {
    const [first, last] = cut(evenPieces(TOTAL, 504), 0) as [Uint8Array, Uint8Array];
    expect(reasons([first])).toEqual([HELD]);
    let id = 1;
    while (engine.pass(cut(evenPieces(TOTAL, 504), id)[0]!).reason === HELD) id++;
    expect(reasons([cut(evenPieces(TOTAL, 504), id)[0]!])).toEqual([LIMIT]);
    engine.clock = 60_000;
    expect(reasons([first, last])).toEqual([HELD, NONE]);
  });

  it.each([
    ["Not-ECT among the others", [0, 2], INVALID],
    ["ECT(0) and ECT(1)", [1, 2], NONE],
    ["CE and ECT", [2, 3], NONE],
    ["CE and Not-ECT", [3, 0], INVALID],
  ])("with different ECN bits: %s", (_, bits, expected) => {
    const packets = cut(evenPieces(TOTAL, 504)).map((packet, index) => withEcn(packet, bits[index]!));
    expect(reasons(packets)).toEqual([HELD, expected]);
    if (expected === NONE) expect(ecnOf(engine.whole())).toBe(bits.includes(3) ? 3 : bits[0]);
  });

  it("that contradict the end already seen are refused", () => {
    const longer = fragments(whole, stretches([0, 1000]), ID)[0]!;
    expect(reasons([cut(stretches([504, 1000]))[0]!])).toEqual([HELD]);
    expect(reasons([endingAt(longer, 600, 304)])).toEqual([INVALID]);
  });

  it("without a byte in them are refused", () => {
    expect(reasons([cut(stretches([0, 1000]))[0]!.subarray(0, 0)])).toEqual([Verdict.REASON_IP_TRUNCATED]);
    expect(reasons([endingAt(cut(stretches([0, 1000]))[0]!, 504, 0)])).toEqual([INVALID]);
  });
});

describe("IPv4 fragments", () => {
  const withFlag = (packets: readonly Uint8Array[]) =>
    packets.map((packet) => {
      const flagged = packet.slice();
      flagged[6]! |= DONT_FRAGMENT;
      return fixChecksum(flagged);
    });

  it("lose DF when they leave as they came", () => {
    const packets = fragments(WHOLE4, evenPieces(TOTAL, 400), ID);
    expect(
      withFlag(packets)
        .map((packet) => engine.pass(packet))
        .at(-1),
    ).toEqual({ reason: NONE, sent: packets });
    expect(engine.whole()[6]).toBe(DONT_FRAGMENT);
  });

  it("keep DF when they are cut anew, at the longest of them", () => {
    const segment = ip(
      { src: "10.0.0.1", dst: "10.0.0.2", id: ID },
      tcp({ src: 4000, dst: 80, flags: "S" }, PAYLOAD.subarray(0, 300)),
    );
    const packets = withFlag(fragments(segment, stretches([0, 16], [16, 24], [24, 320]), ID));
    const expected = withFlag(fragments(segment, stretches([0, 296], [296, 320]), ID));
    expect(packets.map((packet) => engine.pass(packet)).at(-1)).toEqual({ reason: NONE, sent: expected });
  });

  it("are cut anew when the first holds no whole TCP header", () => {
    const segment = ip(
      { src: "10.0.0.1", dst: "10.0.0.2", id: ID },
      tcp({ src: 4000, dst: 80, flags: "S" }, PAYLOAD.subarray(0, 300)),
    );
    const packets = fragments(segment, [...evenPieces(192, 8), { offset: 192, bytes: 128 }], ID);
    const { sent } = packets.map((packet) => engine.pass(packet)).at(-1)!;
    expect(sent).toEqual(fragments(segment, evenPieces(320, 128), ID));
  });

  it("are not cut anew for SCTP's header while nothing is translated", () => {
    const packet = ip(
      { src: "10.0.0.1", dst: "10.0.0.2", id: ID },
      sctp({ src: 1, dst: 2, tag: 3 }, { type: 0, value: PAYLOAD }),
    );
    const packets = fragments(packet, stretches([0, 8], [8, packet.length - 20]), ID);
    expect(packets.map((piece) => engine.pass(piece)).at(-1)).toEqual({ reason: NONE, sent: packets });
  });

  it.each([
    [63, NONE],
    [64, HELD],
  ])("that come after %i others of the same sender: %i", (others, expected) => {
    const pieces = evenPieces(TOTAL, 504);
    const [first, last] = fragments(WHOLE4, pieces, ID) as [Uint8Array, Uint8Array];
    expect(reasons([first])).toEqual([HELD]);
    for (let id = 0; id < others; id++) expect(reasons([fragments(WHOLE4, pieces, id)[0]!])).toEqual([HELD]);
    expect(reasons([last])).toEqual([expected]);
    expect(reasons([first])).toEqual([expected === NONE ? HELD : NONE]);
  });

  it("with an odd end in the middle are cut there", () => {
    const odd = fragments(WHOLE4, stretches([0, 405]), ID)[0]!;
    const packets = fragments(WHOLE4, stretches([0, 400], [400, 1000]), ID);
    expect(reasons([odd])).toEqual([HELD]);
    expect(engine.pass(packets[1]!)).toEqual({ reason: NONE, sent: packets });
  });

  it("of more than 65535 bytes together are refused", () => {
    const long = ip({ src: "10.0.0.1", dst: "10.0.0.2" }, udp({ src: 1, dst: 2 }, new Uint8Array(65_500)));
    const packets = fragments(long.subarray(0, 20 + 65_480), evenPieces(65_480, 32_744), ID);
    packets[1] = fixChecksum(concat(packets[1]!.subarray(0, 20), new Uint8Array(32_776)));
    packets[1].set(uint16(packets[1].length), 2);
    fixChecksum(packets[1]);
    expect(reasons(packets)).toEqual([HELD, INVALID]);
  });

  it("repeat only the options that are for all of them", () => {
    const options = Uint8Array.of(7, 7, 4, 0, 0, 0, 0, 1, 0x94, 4, 0, 0);
    const whole = ip({ src: "10.0.0.1", dst: "10.0.0.2", id: ID, options }, DATAGRAM);
    expect(engine.split(whole, 532).map((packet) => [...packet.subarray(20, 32)])).toEqual([
      [...options],
      [1, 1, 1, 1, 1, 1, 1, 1, 0x94, 4, 0, 0],
      [1, 1, 1, 1, 1, 1, 1, 1, 0x94, 4, 0, 0],
    ]);
  });

  it("are cut again without collecting when a link is narrow", () => {
    const middle = fragments(WHOLE4, stretches([200, 704]), ID)[0]!;
    expect(engine.split(middle, 276)).toEqual(fragments(WHOLE4, stretches([200, 456], [456, 704]), ID));
  });
});

describe("IPv6 fragments", () => {
  it("that are the only one lose their header", () => {
    expect(engine.pass(fragments(WHOLE6, evenPieces(TOTAL, TOTAL), ID)[0]!)).toEqual({ reason: NONE, sent: [WHOLE6] });
  });

  it("that fit into the longest of them leave whole", () => {
    const packets = fragments(WHOLE6, stretches([0, 992], [992, 1000]), ID);
    expect(packets.map((packet) => engine.pass(packet)).at(-1)).toEqual({ reason: NONE, sent: [WHOLE6] });
  });

  it("with an odd end in the middle go on alone, and those that waited are forgotten", () => {
    const odd = fragments(WHOLE6, stretches([0, 405]), ID)[0]!;
    const rest = fragments(WHOLE6, stretches([0, 504], [504, 1000]), ID);
    expect(reasons([rest[0]!])).toEqual([HELD]);
    expect(engine.pass(odd)).toEqual({ reason: NONE, sent: [odd] });
    expect(reasons([rest[1]!])).toEqual([HELD]);
  });

  it("that begin a datagram without its upper-layer header go on alone", () => {
    const segment = ip({ src: "fd00::1", dst: "fd00::2" }, tcp({ src: 1, dst: 2, flags: "S" }, PAYLOAD));
    const [first, second] = fragments(segment, evenPieces(1012, 16), ID) as [Uint8Array, Uint8Array];
    expect(engine.pass(first)).toEqual({ reason: NONE, sent: [first] });
    expect(reasons([second])).toEqual([HELD]);
  });

  it("that end behind 65535 are refused", () => {
    expect(reasons([endingAt(fragments(WHOLE6, stretches([0, 1000]), ID)[0]!, 65_528, 16)])).toEqual([INVALID]);
  });

  it("come back with their header behind the ones that stay in every piece", () => {
    const extensions = [
      { protocol: 0, bytes: Uint8Array.of(0, 0, 1, 4, 0, 0, 0, 0) },
      { protocol: 43, bytes: Uint8Array.of(0, 0, 4, 0, 0, 0, 0, 0) },
      { protocol: 60, bytes: Uint8Array.of(0, 0, 1, 4, 0, 0, 0, 0) },
    ];
    const whole = ip({ src: "fd00::1", dst: "fd00::2", extensions }, udp({ src: 1, dst: 2 }, new Uint8Array(2000)));
    const pieces = engine.split(whole, 1280);
    expect(pieces.map((packet) => [packet.length, packet[6], packet[40], packet[48], packet[56]])).toEqual([
      [1280, 0, 43, 44, 60],
      [864, 0, 43, 44, 60],
    ]);
  });
});

it(`random trains end as the model says (seed ${SEED})`, () => {
  const random = new Random(SEED);
  for (let train = 0; train < 400; train++) {
    const whole = random.pick([WHOLE4, WHOLE6]);
    const model = new FragmentModel(whole[0]! >> 4 === 4 ? 20 : 48, TOTAL);
    for (let count = 0; count < 12; count++) {
      const offset = 8 * random.below(TOTAL / 8);
      const bytes = random.once(4) ? TOTAL - offset : Math.min(TOTAL - offset, 8 * (1 + random.below(60)));
      if (bytes === TOTAL && whole === WHOLE4) continue;
      const [packet] = fragments(whole, [{ offset, bytes }], train);
      const { reason, sent } = engine.pass(packet!);
      const expected = model.arrive(offset, offset + bytes);
      expect([train, count, reason]).toEqual([train, count, expected.reason]);
      const stretchesSent = expected.pieces.length === 0 ? [] : fragments(whole, expected.pieces, train);
      expect(sent).toEqual(expected.whole ? [whole] : engine.withId(stretchesSent));
    }
    engine.clock += 61_000;
  }
});

it("no output is half a datagram: what does not fit is dropped as a whole", () => {
  const packets = fragments(WHOLE4, evenPieces(TOTAL, 8), ID);
  engine.setField(Engine.OUTPUT_BYTES, 4096);
  expect(packets.map((packet) => engine.pass(packet)).at(-1)).toEqual({
    reason: Verdict.REASON_OUTPUT_LIMIT,
    sent: [],
  });
});

/** The fragment moved to an offset, with so many bytes, as the last one. */
function endingAt(fragment: Uint8Array, offset: number, bytes: number): Uint8Array {
  const isIp4 = fragment[0]! >> 4 === 4;
  const headers = isIp4 ? 20 : 48;
  const moved = concat(fragment.subarray(0, headers), new Uint8Array(bytes));
  moved.set(uint16(isIp4 ? moved.length : moved.length - 40), isIp4 ? 2 : 4);
  moved.set(uint16(isIp4 ? offset >> 3 : offset), isIp4 ? 6 : 42);
  return fixChecksum(moved);
}

function withEcn(packet: Uint8Array, bits: number): Uint8Array {
  const marked = packet.slice();
  marked[1]! |= marked[0]! >> 4 === 4 ? bits : bits << 4;
  return fixChecksum(marked);
}

function ecnOf(packet: Uint8Array): number {
  return packet[0]! >> 4 === 4 ? packet[1]! & 3 : (packet[1]! >> 4) & 3;
}

import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import * as Connection from "../../assembly/layout/connection.ts";
import * as Engine from "../../assembly/layout/engine.ts";
import * as State from "../../assembly/layout/state.ts";
import { concat, uint16, uint32, zeros } from "../support/bytes.ts";
import { ip, ip4, ip6, type Payload } from "../support/packet.ts";
import { type Chunk, icmp4, icmp6, raw, sctp, tcp, udp } from "../support/transport.ts";
import { openTracker, type Tracker } from "./tracker.ts";

const A = "10.0.0.1";
const B = "10.0.0.2";
const A6 = "fd00::1";
const B6 = "fd00::2";

let tracker: Tracker;

beforeEach(async () => {
  tracker = await openTracker({ debug: true });
});

const ctOf = (packet: Uint8Array): number => tracker.receive(packet).ct;
const forth = (payload: Payload): number => ctOf(ip4({ src: A, dst: B }, payload));
const back = (payload: Payload): number => ctOf(ip4({ src: B, dst: A }, payload));

describe("UDP", () => {
  const query = udp({ src: 5000, dst: 53 }, zeros(10));
  const answer = udp({ src: 53, dst: 5000 }, zeros(50));

  const isAssured = (connection: number) =>
    (tracker.field16(connection, Connection.STATUS) & Connection.STATUS_ASSURED) !== 0;

  test("lives 30 seconds; 120, and is ASSURED, once it is answered and older than two seconds", () => {
    expect(forth(query)).toBe(State.CT_NEW);
    const { connection } = tracker.receive(ip4({ src: A, dst: B }, query));
    expect(tracker.secondsLeft(connection)).toBe(30);
    tracker.wait(1);
    expect(back(answer)).toBe(State.CT_ESTABLISHED);
    expect(forth(query)).toBe(State.CT_ESTABLISHED);
    expect(tracker.secondsLeft(connection)).toBe(30);
    tracker.wait(1);
    forth(query);
    expect(tracker.secondsLeft(connection), "two seconds are not more than two").toBe(30);
    expect(isAssured(connection)).toBe(false);
    tracker.wait(0.001);
    forth(query);
    expect(tracker.secondsLeft(connection)).toBe(120);
    expect(isAssured(connection)).toBe(true);
  });

  test("a late first answer makes no stream, the packet after it does", () => {
    const { connection } = tracker.receive(ip4({ src: A, dst: B }, query));
    tracker.wait(3);
    back(answer);
    expect(isAssured(connection)).toBe(false);
    back(answer);
    expect(isAssured(connection)).toBe(true);
  });

  test("a late answer is a connection of its own", () => {
    forth(query);
    tracker.wait(30);
    expect(back(answer)).toBe(State.CT_NEW);
  });

  test.each([
    ["a length beyond the packet", udp({ src: 1, dst: 2, length: 19 }, zeros(10))],
    ["a length below the header", udp({ src: 1, dst: 2, length: 7 }, zeros(10))],
    [
      "a length shorter than the datagram, which spoils the checksum",
      { ...udp({ src: 1, dst: 2, length: 12 }, zeros(10)), checksum: { offset: 6, kind: "plain" } } as const,
    ],
    ["a cut header", raw(17, zeros(7))],
  ])("%s is invalid", (_, payload) => {
    expect(forth(payload)).toBe(State.CT_INVALID);
    expect(tracker.counter(Engine.CREATED)).toBe(0);
  });

  test("no checksum is fine, a wrong one is not, if checksums are looked at", async () => {
    expect(forth(udp({ src: 1, dst: 2, checksum: false }, zeros(3)))).toBe(State.CT_NEW);
    const wrong = ip4({ src: A, dst: B, damage: 1 }, udp({ src: 3, dst: 4 }));
    expect(ctOf(wrong)).toBe(State.CT_INVALID);
    tracker = await openTracker({ debug: true, flags: 0 });
    expect(ctOf(wrong)).toBe(State.CT_NEW);
  });

  test.each([
    ["a young exchange", 0, 1],
    ["a stream", 3, 5],
  ])("the short way does to the record of %s what the tracker does", async (_, before, after) => {
    const records: Uint8Array[] = [];
    for (const isShort of [false, true]) {
      tracker = await openTracker({ debug: true });
      forth(query);
      back(answer);
      tracker.wait(before);
      const { connection } = tracker.receive(ip4({ src: A, dst: B }, query));
      tracker.wait(after);
      for (const isAnswer of [false, true]) {
        const packet = ip4({ src: isAnswer ? B : A, dst: isAnswer ? A : B }, isAnswer ? answer : query);
        if (isShort) expect(tracker.engine.fastUdp!(connection, Number(isAnswer), packet.length)).toBe(1);
        else tracker.receive(packet);
      }
      records.push(new Uint8Array(tracker.engine.memory.buffer, connection, Connection.SIZE).slice());
    }
    expect(records[1]).toEqual(records[0]);
  });
});

describe("IPv6", () => {
  test("connections are told apart by whole addresses", () => {
    const to = (dst: string) => tracker.receive(ip6({ src: A6, dst }, udp({ src: 7, dst: 8 }))).connection;
    expect(new Set([to("fd00::2"), to("fd00::3"), to("fd00:1::2"), to("fd00::2")]).size).toBe(3);
  });

  test("conntrack looks behind AH, as it does behind destination options", () => {
    const ah = { protocol: 51, bytes: concat([0, 4, 0, 0], zeros(20)) };
    const options = { protocol: 60, bytes: Uint8Array.of(0, 0, 1, 4, 0, 0, 0, 0) };
    const found = [[], [ah], [options]].map(
      (extensions) => tracker.receive(ip6({ src: A6, dst: B6, extensions }, udp({ src: 7, dst: 8 }))).connection,
    );
    expect(new Set(found).size).toBe(1);
    expect(found[0]).not.toBe(0);
  });

  test("no next header, a later fragment and a cut extension header are invalid", () => {
    expect(ctOf(ip6({ src: A6, dst: B6 }, raw(59, zeros(4))))).toBe(State.CT_INVALID);
    const later = { protocol: 44, bytes: concat([0, 0], uint16(1280), uint32(1)) };
    expect(ctOf(ip6({ src: A6, dst: B6, extensions: [later] }, raw(17, zeros(20))))).toBe(State.CT_INVALID);
    expect(ctOf(ip6({ src: A6, dst: B6 }, raw(60, Uint8Array.of(17, 9, 1, 4, 0, 0, 0, 0))))).toBe(State.CT_INVALID);
  });

  test("needs room that was asked for", async () => {
    tracker = await openTracker({ debug: true, flags: 0 });
    expect(tracker.receive(ip6({ src: A6, dst: B6 }, udp({ src: 7, dst: 8 }))).reason).toBe(50);
  });
});

describe("ICMP queries", () => {
  test.each([
    ["echo", 8, 0],
    ["timestamp", 13, 14],
    ["information", 15, 16],
    ["address mask", 17, 18],
  ])("%s is answered by its reply alone", (_, request, reply) => {
    expect(forth(icmp4(request, 0, 0x00070001))).toBe(State.CT_NEW);
    expect(back(icmp4(reply, 0, 0x00080001)), "another identifier").toBe(State.CT_INVALID);
    expect(back(icmp4(reply, 0, 0x00070001))).toBe(State.CT_ESTABLISHED);
    expect(forth(icmp4(request, 0, 0x00070002))).toBe(State.CT_ESTABLISHED);
  });

  test.each([0, 9, 10, 14, 16, 18, 19, 30, 42, 200])("type %i starts nothing", (type) => {
    expect(forth(icmp4(type, 0, 0x00070001))).toBe(State.CT_INVALID);
    expect(tracker.counter(Engine.CREATED)).toBe(0);
  });

  test("echo with a code is normal, and another connection", () => {
    const { connection } = tracker.receive(ip4({ src: A, dst: B }, icmp4(8, 7, 1)));
    expect(connection).not.toBe(tracker.receive(ip4({ src: A, dst: B }, icmp4(8, 0, 1))).connection);
    expect(back(icmp4(0, 7, 1))).toBe(State.CT_ESTABLISHED);
  });

  test("ICMPv6 echo and node information are tracked, neighbour discovery is not, other types are invalid", () => {
    const v6 = (type: number): number => ctOf(ip6({ src: A6, dst: B6 }, icmp6(type, 0, 0x00070001)));
    expect([128, 139].map(v6)).toEqual([State.CT_NEW, State.CT_NEW]);
    expect([130, 131, 132, 133, 134, 135, 136, 143].map(v6)).toEqual(new Array(8).fill(State.CT_UNTRACKED));
    expect([129, 137, 138, 140, 142, 144, 255].map(v6)).toEqual(new Array(7).fill(State.CT_INVALID));
    expect(ctOf(ip6({ src: B6, dst: A6 }, icmp6(129, 0, 0x00070001)))).toBe(State.CT_ESTABLISHED);
  });

  test("ICMP in IPv6 and ICMPv6 in IPv4 are invalid", () => {
    expect(ctOf(ip6({ src: A6, dst: B6 }, icmp4(8, 0, 1)))).toBe(State.CT_INVALID);
    expect(forth(icmp6(128, 0, 1))).toBe(State.CT_INVALID);
  });
});

describe("ICMP errors", () => {
  const sent = ip4({ src: A, dst: B }, tcp({ src: 40000, dst: 80, flags: "S" }));
  const error = (quote: Uint8Array, fields = { src: "10.9.9.9", dst: A }, type = 3) =>
    tracker.receive(ip4(fields, icmp4(type, 1, 0, quote)));

  test.each([
    3, 4, 5, 11, 12,
  ])("of type %i belong to the connection of the packet they quote, whoever sends them", (type) => {
    const { connection } = tracker.receive(sent);
    expect(error(sent, undefined, type)).toMatchObject({ ct: State.CT_RELATED, direction: 1, connection });
    expect(tracker.field16(connection, Connection.STATUS) & Connection.STATUS_SEEN_REPLY).toBe(0);
  });

  test("about an answer belong to the original direction", () => {
    tracker.receive(sent);
    const answer = ip4({ src: B, dst: A }, tcp({ src: 80, dst: 40000, flags: "SA", ack: 1 }));
    expect(error(answer, { src: A, dst: B })).toMatchObject({ ct: State.CT_RELATED, direction: 0 });
  });

  test.each<[string, (quote: Uint8Array) => Uint8Array]>([
    ["of a connection that is not known", (quote) => quote.with(23, 99)],
    ["with a cut IP header", (quote) => quote.subarray(0, 19)],
    ["with three bytes of ports", (quote) => quote.subarray(0, 23)],
    ["of a later fragment", (quote) => quote.with(7, 1)],
    ["with a header length of six words", (quote) => quote.with(0, 0x46)],
  ])("with a quote %s are invalid", (_, change) => {
    tracker.receive(sent);
    expect(error(change(sent)).ct).toBe(State.CT_INVALID);
  });

  test("may quote four bytes of ports, a version that is wrong, a wrong header checksum", () => {
    tracker.receive(sent);
    expect(error(sent.subarray(0, 24)).ct).toBe(State.CT_RELATED);
    expect(error(sent.with(0, 0x65)).ct).toBe(State.CT_RELATED);
    expect(error(sent.with(10, 0)).ct).toBe(State.CT_RELATED);
  });

  test("that go elsewhere than the quoted packet came from are invalid", () => {
    tracker.receive(sent);
    expect(error(sent, { src: B, dst: "10.0.0.77" }).ct).toBe(State.CT_INVALID);
  });

  test("that quote a ping need its eight bytes", () => {
    const ping = ip4({ src: A, dst: B }, icmp4(8, 0, 5));
    tracker.receive(ping);
    expect(error(ping).ct).toBe(State.CT_RELATED);
    expect(error(ping.subarray(0, 27)).ct).toBe(State.CT_INVALID);
  });

  test("cut at every byte never trap", () => {
    tracker.receive(sent);
    for (let bytes = 0; bytes < sent.length; bytes++) {
      expect([State.CT_RELATED, State.CT_INVALID]).toContain(error(sent.subarray(0, bytes)).ct);
    }
  });

  test("of ICMPv6 belong to the connection of the packet that they quote", () => {
    const packet = ip6({ src: A6, dst: B6 }, udp({ src: 7, dst: 8 }, zeros(4)));
    const { connection } = tracker.receive(packet);
    for (const type of [1, 2, 3, 4, 100]) {
      expect(tracker.receive(ip6({ src: "fd00::9", dst: A6 }, icmp6(type, 0, 0, packet)))).toMatchObject({
        ct: State.CT_RELATED,
        connection,
      });
    }
    expect(ctOf(ip6({ src: "fd00::9", dst: B6 }, icmp6(1, 0, 0, packet)))).toBe(State.CT_INVALID);
    for (let bytes = 0; bytes < packet.length; bytes++)
      ctOf(ip6({ src: "fd00::9", dst: A6 }, icmp6(1, 0, 0, packet.subarray(0, bytes))));
  });
});

describe("other protocols", () => {
  test("have one connection between two addresses, for ten minutes, and never ASSURED", () => {
    const { connection, ct } = tracker.receive(ip4({ src: A, dst: B }, raw(89, zeros(20))));
    expect([ct, tracker.secondsLeft(connection)]).toEqual([State.CT_NEW, 600]);
    back(raw(89, zeros(20)));
    back(raw(89, zeros(0)));
    expect(tracker.field16(connection, Connection.STATUS) & Connection.STATUS_ASSURED).toBe(0);
  });

  test("GRE lives 30 seconds, 180 once answered; PPTP's has a call id", () => {
    const plain = raw(47, concat([0, 0, 8, 0], zeros(20)));
    const { connection } = tracker.receive(ip4({ src: A, dst: B }, plain));
    expect(tracker.secondsLeft(connection)).toBe(30);
    back(plain);
    back(plain);
    expect(tracker.secondsLeft(connection)).toBe(180);
    const pptp = (id: number): Payload => raw(47, concat([0x30, 1, 0x88, 0x0b, 0, 0], uint16(id), zeros(8)));
    expect([forth(pptp(1)), forth(pptp(2))]).toEqual([State.CT_NEW, State.CT_NEW]);
    expect(forth(raw(47, concat([0x30, 1, 8, 0], zeros(8))))).toBe(State.CT_INVALID);
  });
});

describe("SCTP", () => {
  const init = (tag: number): Chunk => ({ type: 1, value: concat(uint32(tag), zeros(12)) });
  const initAck = (tag: number): Chunk => ({ type: 2, value: concat(uint32(tag), zeros(12)) });
  const from = (tag: number, ...chunks: Chunk[]): number => forth(sctp({ src: 5000, dst: 36412, tag }, ...chunks));
  const answer = (tag: number, ...chunks: Chunk[]): number => back(sctp({ src: 36412, dst: 5000, tag }, ...chunks));
  const state = (): number => tracker.field8(tracker.engine.connection!(), Connection.STATE);
  const seconds = (): number => tracker.secondsLeft(tracker.engine.connection!());

  test("an association is opened, used and closed with the kernel's states and timeouts", () => {
    expect(from(0, init(111))).toBe(State.CT_NEW);
    expect([state(), seconds()]).toEqual([State.SCTP_CLOSED, 10]);
    answer(111, initAck(222));
    expect([state(), seconds()]).toEqual([State.SCTP_COOKIE_WAIT, 3]);
    from(222, { type: 10, value: zeros(8) });
    expect([state(), seconds()]).toEqual([State.SCTP_COOKIE_ECHOED, 3]);
    answer(111, { type: 11 });
    expect([state(), seconds()]).toEqual([State.SCTP_ESTABLISHED, 210]);
    expect(tracker.field16(tracker.engine.connection!(), Connection.STATUS) & Connection.STATUS_ASSURED).not.toBe(0);
    expect(from(222, { type: 0, value: zeros(13) })).toBe(State.CT_ESTABLISHED);
    from(222, { type: 7, value: zeros(4) });
    expect(state()).toBe(State.SCTP_SHUTDOWN_SENT);
    answer(111, { type: 8 });
    expect(state()).toBe(State.SCTP_SHUTDOWN_ACK_SENT);
    from(222, { type: 14 });
    expect([state(), seconds()]).toEqual([State.SCTP_CLOSED, 10]);
  });

  test("packets with the wrong tag are invalid", () => {
    from(0, init(111));
    expect(answer(112, initAck(222))).toBe(State.CT_INVALID);
    answer(111, initAck(222));
    expect(from(223, { type: 10, value: zeros(8) })).toBe(State.CT_INVALID);
    expect(from(222, { type: 10, value: zeros(8) })).toBe(State.CT_ESTABLISHED);
    expect(answer(7, { type: 6 })).toBe(State.CT_INVALID);
    expect(answer(222, { type: 6, flags: 1 }), "the reflected tag").toBe(State.CT_ESTABLISHED);
  });

  test.each<[string, number, Chunk[], number]>([
    ["INIT", 0, [init(1)], State.CT_NEW],
    ["INIT with a tag", 5, [init(1)], State.CT_INVALID],
    ["INIT that is cut", 0, [{ type: 1, value: zeros(8) }], State.CT_INVALID],
    ["INIT with company", 0, [init(1), { type: 3 }], State.CT_INVALID],
    ["HEARTBEAT", 5, [{ type: 4, value: zeros(4) }], State.CT_NEW],
    ["DATA", 5, [{ type: 0, value: zeros(4) }], State.CT_INVALID],
    ["ABORT", 5, [{ type: 6 }], State.CT_INVALID],
    ["SHUTDOWN ACK", 5, [{ type: 8 }], State.CT_NEW],
    ["SHUTDOWN COMPLETE", 5, [{ type: 14 }], State.CT_INVALID],
    ["COOKIE ACK", 5, [{ type: 11 }], State.CT_INVALID],
    ["no chunk", 5, [], State.CT_INVALID],
  ])("%s as the first packet", (_, tag, chunks, ct) => {
    expect(from(tag, ...chunks)).toBe(ct);
  });

  test("a wrong CRC is invalid", () => {
    expect(ctOf(ip4({ src: A, dst: B, damage: 1 }, sctp({ src: 1, dst: 2, tag: 0 }, init(1))))).toBe(State.CT_INVALID);
  });

  test("a repeated INIT gains no time", () => {
    from(0, init(111));
    tracker.wait(4);
    expect(from(0, init(111))).toBe(State.CT_NEW);
    expect(seconds()).toBe(6);
  });

  test("the table is the kernel's", () => {
    const names = ["NO", "CL", "CW", "CE", "ES", "SS", "SR", "SA", "HS", "IV"];
    const row = (direction: number, chunk: number): string =>
      names
        .slice(0, 9)
        .map((_, from) => names[tracker.engine.nextSctpState!(direction, from, chunk)])
        .join(" ");
    expect(row(0, 1)).toBe("CL CL CW CE ES CL CL SA CW");
    expect(row(0, 8)).toBe("SA CL CW CE ES SA SA SA SA");
    expect(row(1, 2)).toBe("IV CW CW CE ES SS SR SA IV");
    expect(row(1, 9)).toBe("IV CL CW CL ES SS SR SA IV");
    expect(row(1, 5)).toBe("IV CL CW CE ES SS SR SA ES");
    expect(row(1, 0)).toBe("NO CL CW CE ES SS SR SA HS");
    expect(row(0, 200)).toBe("NO CL CW CE ES SS SR SA HS");
  });
});

test("every packet, cut at every byte with its length field right, gets an answer and no trap", () => {
  const payloads = [
    tcp({ src: 1, dst: 2, flags: "SA", options: Uint8Array.of(1, 3, 3, 7) }),
    udp({ src: 1, dst: 2 }, zeros(5)),
    icmp4(8, 0, 1),
    sctp({ src: 1, dst: 2, tag: 0 }, { type: 4, value: zeros(9) }),
    raw(47, concat([0x30, 1, 0x88, 0x0b, 0, 0, 0, 1])),
  ];
  for (const payload of payloads) {
    for (let bytes = 0; bytes <= payload.bytes.length; bytes++) {
      for (const addresses of [
        { src: A, dst: B },
        { src: A6, dst: B6 },
      ]) {
        expect(tracker.receive(ip(addresses, { ...payload, bytes: payload.bytes.slice(0, bytes) })).reason).toBe(0);
      }
    }
  }
});

test("random transport bytes of any protocol get an answer and no trap, and the table stays sound", () => {
  const protocols = fc.constantFrom(1, 6, 17, 47, 58, 89, 132, 136);
  fc.assert(
    fc.property(protocols, fc.uint8Array({ maxLength: 64 }), fc.boolean(), (protocol, bytes, isIp4) => {
      const addresses = isIp4 ? { src: A, dst: B } : { src: A6, dst: B6 };
      expect(tracker.sendFromNode(ip(addresses, raw(protocol, bytes))).reason).toBe(0);
      tracker.wait(1);
      tracker.engine.sweep!(16);
    }),
    { numRuns: 1500 },
  );
  tracker.wait(1e6);
  tracker.engine.sweep!(1024);
  expect(tracker.field32(tracker.engine.engine!(), Engine.OPEN)).toBe(0);
});

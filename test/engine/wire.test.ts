import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import * as Descriptor from "../../assembly/layout/descriptor.ts";
import * as Verdict from "../../assembly/layout/verdict.ts";
import { concat, uint32 } from "../support/bytes.ts";
import { crc32c, internetChecksum } from "../support/checksum.ts";
import { ip, ip4, ip6 } from "../support/packet.ts";
import { icmp4, icmp6, raw, sctp, tcp, udp } from "../support/transport.ts";
import { compileEntry, type TestEngine } from "./compile.ts";

const BUFFER_BYTES = 1 << 17;
const NODE = { src: "10.0.0.1", dst: "10.0.0.2" };
const NODE6 = { src: "fd00::1", dst: "fd00::2" };

let engine: TestEngine;
let buffer: number;

beforeAll(async () => {
  engine = await compileEntry("wire", true);
  buffer = engine.buffer!(BUFFER_BYTES);
});

function write(bytes: Uint8Array): number {
  new Uint8Array(engine.memory.buffer, buffer, bytes.length).set(bytes);
  return buffer;
}

function parse(packet: Uint8Array, flags = 0): number {
  return engine.parse!(write(packet), packet.length, flags);
}

/** The naive sum of words as loaded: little-endian. */
function littleEndianSum(bytes: Uint8Array): number {
  const sum = ~internetChecksum(bytes) & 0xffff;
  return ((sum & 0xff) << 8) | (sum >> 8);
}

describe("checksums", () => {
  test("the sum equals the obvious one, at every length and alignment", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1600 }), fc.nat(15), (bytes, shift) => {
        new Uint8Array(engine.memory.buffer, buffer + shift, bytes.length).set(bytes);
        expect(engine.partialSum!(buffer + shift, bytes.length)).toBe(littleEndianSum(bytes));
      }),
    );
  });

  test("the sum of 64 KiB of ones does not overflow", () => {
    const bytes = new Uint8Array(65535).fill(0xff);
    expect(engine.partialSum!(write(bytes), bytes.length)).toBe(littleEndianSum(bytes));
  });

  test("an incremental update equals the full computation", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 8, maxLength: 60 }),
        fc.nat(0xffffffff),
        fc.boolean(),
        (bytes, to, wide) => {
          bytes[0] = 0x45;
          const before = new DataView(bytes.buffer, bytes.byteOffset);
          const swapped = (value: number): number => ((value & 0xff) << 8) | (value >> 8);
          const check = swapped(internetChecksum(bytes));
          const from = wide ? before.getUint32(4, true) : before.getUint16(4, true);
          const next = wide ? to >>> 0 : to & 0xffff;
          if (wide) before.setUint32(4, next, true);
          else before.setUint16(4, next, true);
          const updated = (wide ? engine.replaceChecksum32! : engine.replaceChecksum16!)(check, from, next);
          expect(updated).toBe(swapped(internetChecksum(bytes)));
        },
      ),
    );
  });

  test("CRC32c is right for the standard vector and for random bytes", () => {
    const digits = new TextEncoder().encode("123456789");
    expect(engine.crc32c!(write(digits), digits.length) >>> 0).toBe(0xe3069283);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(engine.crc32c!(write(bytes), bytes.length) >>> 0).toBe(crc32c(bytes));
      }),
    );
  });

  const payload = new Uint8Array(37).fill(7);
  test.each([
    ["TCP", tcp({ src: 1, dst: 2, flags: "PA" }, payload)],
    ["UDP", udp({ src: 1, dst: 2 }, payload)],
    ["SCTP", sctp({ src: 1, dst: 2, tag: 3 }, { type: 0, value: payload })],
  ])("a %s checksum is right until one bit of the packet changes", (_, transport) => {
    for (const addresses of [NODE, NODE6]) {
      parse(ip(addresses, transport));
      expect(engine.checksumValid!()).toBe(1);
      parse(ip({ ...addresses, damage: 1 }, transport));
      expect(engine.checksumValid!()).toBe(0);
    }
  });

  test("ICMP sums without and ICMPv6 with the pseudo header", () => {
    parse(ip4(NODE, icmp4(8, 0, 1)));
    expect(engine.checksumValid!()).toBe(1);
    parse(ip6(NODE6, icmp6(128, 0, 1)));
    expect(engine.checksumValid!()).toBe(1);
    parse(ip6({ ...NODE6, damage: 0x100 }, icmp6(128, 0, 1)));
    expect(engine.checksumValid!()).toBe(0);
  });

  test("a UDP datagram without a checksum is right", () => {
    parse(ip4(NODE, udp({ src: 1, dst: 2, checksum: false }, payload)));
    expect(engine.checksumValid!()).toBe(1);
  });
});

describe("IPv4 headers", () => {
  const datagram = udp({ src: 1000, dst: 53 }, new Uint8Array(20));

  test("padding behind the packet is cut", () => {
    const packet = ip4(NODE, datagram);
    expect(parse(concat(packet, new Uint8Array(9)))).toBe(Verdict.REASON_NONE);
    expect(engine.parsedBytes!()).toBe(packet.length);
    expect(engine.parsedTransport!()).toBe(20);
    expect(engine.parsedProtocol!()).toBe(17);
  });

  test.each([
    ["version 5", ip4({ ...NODE, version: 5 }, datagram), Verdict.REASON_IP_VERSION],
    ["header length 4", ip4({ ...NODE, headerWords: 4 }, datagram), Verdict.REASON_IP_HEADER_LENGTH],
    [
      "header longer than the frame",
      ip4({ ...NODE, headerWords: 15 }, raw(17, new Uint8Array(0))),
      Verdict.REASON_IP_TRUNCATED,
    ],
    ["wrong header checksum", ip4({ ...NODE, headerDamage: 4 }, datagram), Verdict.REASON_IP_CHECKSUM],
    ["total length beyond the frame", ip4({ ...NODE, totalLength: 49 }, datagram), Verdict.REASON_IP_TOTAL_LENGTH],
    ["total length below the header's", ip4({ ...NODE, totalLength: 19 }, datagram), Verdict.REASON_IP_TOTAL_LENGTH],
    ["nothing at all", new Uint8Array(0), Verdict.REASON_IP_TRUNCATED],
  ])("%s is refused", (_, packet, reason) => {
    expect(parse(packet)).toBe(reason);
  });

  test("a packet that the capture cut is told apart from one that lies about its length", () => {
    const packet = ip4(NODE, datagram);
    expect(parse(packet.subarray(0, 30), Descriptor.FLAG_TRUNCATED)).toBe(Verdict.REASON_CAPTURE_TRUNCATED);
  });

  test("a header with options has its transport behind them", () => {
    expect(parse(ip4({ ...NODE, options: Uint8Array.of(1, 1, 1, 0) }, datagram))).toBe(Verdict.REASON_NONE);
    expect(engine.parsedTransport!()).toBe(24);
  });

  test("cut at every byte, a packet is refused and nothing is read beyond it", () => {
    const packet = ip4({ ...NODE, options: Uint8Array.of(1, 1, 1, 0) }, datagram);
    for (let bytes = 0; bytes < packet.length; bytes++) {
      expect(parse(packet.subarray(0, bytes))).not.toBe(Verdict.REASON_NONE);
    }
  });
});

describe("IPv6 headers", () => {
  const datagram = udp({ src: 1000, dst: 53 }, new Uint8Array(8));
  const padding = { protocol: 0, bytes: Uint8Array.of(0, 0, 1, 4, 0, 0, 0, 0) };
  const options = (...bytes: number[]): { protocol: number; bytes: Uint8Array } => ({
    protocol: 0,
    bytes: Uint8Array.of(0, 0, ...bytes),
  });
  const longPadding = { protocol: 0, bytes: concat([0, 1, 1, 12], new Uint8Array(12)) };
  const fragment = (offset: number, more: number): { protocol: number; bytes: Uint8Array } => ({
    protocol: 44,
    bytes: concat([0, 0, offset >> 8, (offset & 0xf8) | more], uint32(77)),
  });

  test("extension headers lead to the transport header", () => {
    const packet = ip6({ ...NODE6, extensions: [padding, { protocol: 60, bytes: padding.bytes }] }, datagram);
    expect(parse(packet)).toBe(Verdict.REASON_NONE);
    expect(engine.parsedTransport!()).toBe(56);
    expect(engine.parsedProtocol!()).toBe(17);
  });

  test("AH ends the way to the transport header, as it does for rules", () => {
    const ah = { protocol: 51, bytes: concat([0, 4, 0, 0], new Uint8Array(20)) };
    parse(ip6({ ...NODE6, extensions: [ah] }, datagram));
    expect(engine.parsedProtocol!()).toBe(51);
    expect(engine.parsedTransport!()).toBe(40);
  });

  test("a first fragment shows its transport, a later one only its protocol", () => {
    parse(ip6({ ...NODE6, extensions: [fragment(0, 1)] }, datagram));
    expect([engine.parsedFragment!(), engine.parsedTransport!(), engine.parsedProtocol!()]).toEqual([
      (40 << 16) | 1,
      48,
      17,
    ]);
    parse(ip6({ ...NODE6, extensions: [fragment(1280, 0)] }, datagram));
    expect([engine.parsedFragment!(), engine.parsedProtocol!()]).toEqual([(40 << 16) | 1280, 17]);
  });

  test.each([
    ["a multicast source", ip6({ ...NODE6, src: "ff02::1" }, datagram), Verdict.REASON_MARTIAN_SOURCE],
    ["an interface-local group", ip6({ ...NODE6, dst: "ff01::1" }, datagram), Verdict.REASON_MARTIAN_DESTINATION],
    ["more payload than there is", ip6({ ...NODE6, payloadLength: 99 }, datagram), Verdict.REASON_IP_TOTAL_LENGTH],
    [
      "padding of more than seven bytes",
      ip6({ ...NODE6, extensions: [longPadding] }, datagram),
      Verdict.REASON_IP6_EXTENSION,
    ],
    [
      "padding that is not zero",
      ip6({ ...NODE6, extensions: [options(1, 4, 0, 0, 9, 0)] }, datagram),
      Verdict.REASON_IP6_EXTENSION,
    ],
    [
      "an option that runs over its header",
      ip6({ ...NODE6, extensions: [options(5, 9, 0, 0, 0, 0)] }, datagram),
      Verdict.REASON_IP6_EXTENSION,
    ],
  ])("%s is refused", (_, packet, reason) => {
    expect(parse(packet)).toBe(reason);
  });

  test("hop-by-hop options that are not known do what their first bits say", () => {
    const outcome = (type: number): number => {
      parse(ip6({ ...NODE6, extensions: [options(type, 4, 0, 0, 0, 0)] }, datagram));
      return engine.hopByHop!() >>> 0;
    };
    expect(outcome(0x1e)).toBe(0);
    expect(outcome(0x5e)).toBe(1);
    expect(outcome(0x9e)).toBe(0x8002002a);
    expect(outcome(0xde)).toBe(0x8002002a);
    expect(outcome(0xc2), "a jumbo option with a small length").toBe(0x8000002c);
  });

  test("cut at every byte, a packet is refused and nothing is read beyond it", () => {
    const packet = ip6({ ...NODE6, extensions: [padding, fragment(0, 1)] }, datagram);
    for (let bytes = 0; bytes < packet.length; bytes++) {
      expect(parse(packet.subarray(0, bytes))).not.toBe(Verdict.REASON_NONE);
    }
  });

  test("an extension header cut by the payload length still names the protocol, of which nothing is there", () => {
    const packet = ip6({ ...NODE6, extensions: [{ protocol: 60, bytes: padding.bytes.with(1, 40) }] }, datagram);
    expect(parse(packet)).toBe(Verdict.REASON_NONE);
    expect([engine.parsedProtocol!(), engine.parsedTransport!()]).toEqual([17, packet.length]);
  });
});

test("random bytes never trap", () => {
  fc.assert(
    fc.property(fc.constantFrom(0x45, 0x46, 0x60), fc.uint8Array({ maxLength: 120 }), (first, bytes) => {
      if (bytes.length > 0) bytes[0] = first;
      expect(parse(bytes)).toBeLessThan(Verdict.REASONS);
    }),
    { numRuns: 2000 },
  );
});

/** The choice of ports, and the rewriting of packets, on connections made by hand. Facts are nf_nat_core.c's. */

import { beforeEach, describe, expect, test } from "vitest";
import { addressBytes } from "../support/address.ts";
import { ip } from "../support/packet.ts";
import { icmp4, icmp6, sctp, tcp, udp } from "../support/transport.ts";
import { compileEntry, type TestEngine } from "./compile.ts";

const SRC = 0;
const DST = 1;
const PORT = 4;
const FULLY_RANDOM = 32;
const CT_ESTABLISHED = 2;
const CT_RELATED = 3;
const SYN_SENT = 1;
const FIN_WAIT = 4;
const TIME_WAIT = 7;
const NAT_ADDRESS = "192.0.2.1";
const NAT_ADDRESS6 = "2001:db8::1";

const module = compileEntry("nat");
let nat: TestEngine;
let buffer: number;

beforeEach(async () => {
  nat = await module;
  nat.start!(1n);
  buffer = nat.buffer!(65536);
});

function put(bytes: Uint8Array, at = buffer): Uint8Array {
  const view = new Uint8Array(nat.memory.buffer, at, bytes.length);
  view.set(bytes);
  return view;
}

/** Opens a connection for the packet, binds its source to the address and ports, and confirms it. */
function masquerade(packet: Uint8Array, { flags = 0, min = 0, max = 0, address = NAT_ADDRESS } = {}): number {
  put(packet);
  const connection = nat.open!(buffer, packet.length);
  const bytes = put(addressBytes(address), buffer + 32768);
  expect(nat.bind!(SRC, flags | (max > 0 ? PORT : 0), buffer + 32768, bytes.length, min, max)).toBe(0);
  return connection;
}

function syn(srcPort: number, src = "10.0.0.1", dst = "10.0.0.9"): Uint8Array {
  return ip({ src, dst }, tcp({ src: srcPort, dst: 80, flags: "S" }));
}

describe("a port that is free", () => {
  test.each([1, 511, 512, 1023, 1024, 40000, 65535])("stays: %d", (port) => {
    expect(nat.replyPort!(masquerade(syn(port)))).toBe(port);
  });

  test("stays when it lies in the rule's range", () => {
    expect(nat.replyPort!(masquerade(syn(40001), { min: 40000, max: 40003 }))).toBe(40001);
  });

  test("is given up when it lies outside the rule's range", () => {
    const port = nat.replyPort!(masquerade(syn(50000), { min: 40000, max: 40003 }));
    expect(port).toBeGreaterThanOrEqual(40000);
    expect(port).toBeLessThanOrEqual(40003);
  });
});

describe("a port that is taken", () => {
  test.each([
    [100, 1, 511],
    [511, 1, 511],
    [512, 600, 1023],
    [1023, 600, 1023],
    [1024, 1024, 65535],
    [40000, 1024, 65535],
  ])("%d is replaced by one of %d to %d", (port, low, high) => {
    masquerade(syn(port));
    nat.confirm!();
    const other = nat.replyPort!(masquerade(syn(port, "10.0.0.2")));
    expect(other).not.toBe(port);
    expect(other).toBeGreaterThanOrEqual(low);
    expect(other).toBeLessThanOrEqual(high);
  });

  test("is taken only towards the same destination", () => {
    masquerade(syn(40000));
    nat.confirm!();
    expect(nat.replyPort!(masquerade(syn(40000, "10.0.0.2", "10.0.0.8")))).toBe(40000);
  });

  test("is replaced even where no rule translates: a null binding", () => {
    masquerade(syn(40000, "10.0.0.2"), { address: "10.0.0.1" });
    nat.confirm!();
    const packet = syn(40000);
    put(packet);
    const connection = nat.open!(buffer, packet.length);
    expect(nat.bindNull!(SRC)).toBe(0);
    expect(nat.replyPort!(connection)).not.toBe(40000);
  });

  test("of a range of four: the last one is found, then none", () => {
    const ports = [1, 2, 3, 4].map((client) => {
      const connection = masquerade(syn(50000, `10.0.1.${client}`), { min: 40000, max: 40003 });
      expect(nat.confirm!()).toBe(0);
      return nat.replyPort!(connection);
    });
    expect(ports.sort()).toEqual([40000, 40001, 40002, 40003]);
    masquerade(syn(50000, "10.0.1.5"), { min: 40000, max: 40003 });
    expect(nat.confirm!()).not.toBe(0);
  });

  test("as an ICMP identifier is replaced by another", () => {
    const echo = (src: string) => ip({ src, dst: "10.0.0.9" }, icmp4(8, 0, 0x12340001));
    expect(nat.replyIdentifier!(masquerade(echo("10.0.0.1")))).toBe(0x1234);
    nat.confirm!();
    expect(nat.replyIdentifier!(masquerade(echo("10.0.0.2")))).not.toBe(0x1234);
  });
});

test("fully-random gives up a free port, too", () => {
  const ports = new Set([1, 2, 3, 4].map((n) => nat.replyPort!(masquerade(syn(40000 + n), { flags: FULLY_RANDOM }))));
  expect(ports.size).toBe(4);
  for (const port of ports) expect(port).not.toBe(40001);
});

describe("when every port of a range is taken, a new SYN", () => {
  const range = { min: 40000, max: 40000 };
  /** A closed connection that ended at `end`, and a SYN that ends at 1000. */
  function reuse(state: number, end: number): boolean {
    const old = masquerade(syn(50000), range);
    nat.setTcp!(state, end);
    nat.confirm!();
    put(syn(50001, "10.0.0.2"));
    nat.open!(buffer, 40);
    nat.setTcp!(SYN_SENT, 1000);
    put(addressBytes(NAT_ADDRESS), buffer + 32768);
    // Fully-random: a single port would not be searched for otherwise.
    nat.bind!(SRC, PORT | FULLY_RANDOM, buffer + 32768, 4, 40000, 40000);
    return !nat.isAlive!(old);
  }

  test.each([
    ["takes over the port of one in TIME_WAIT that ended before it", TIME_WAIT, 999, true],
    ["does not where the old one ended at the same number", TIME_WAIT, 1000, false],
    ["does not where the old one ended after it", TIME_WAIT, 1001, false],
    ["does not from FIN_WAIT", FIN_WAIT, 1, false],
  ])("%s", (_, state, end, taken) => {
    expect(reuse(state, end)).toBe(taken);
  });
});

describe("rewriting keeps every checksum right", () => {
  const packets = [
    ["TCP", ip({ src: "10.0.0.1", dst: "10.0.0.9" }, tcp({ src: 1, dst: 80, flags: "S" })), NAT_ADDRESS],
    ["UDP", ip({ src: "10.0.0.1", dst: "10.0.0.9" }, udp({ src: 1, dst: 53 }, Uint8Array.of(1, 2, 3))), NAT_ADDRESS],
    ["UDP without", ip({ src: "10.0.0.1", dst: "10.0.0.9" }, udp({ src: 1, dst: 53, checksum: false })), NAT_ADDRESS],
    ["SCTP", ip({ src: "10.0.0.1", dst: "10.0.0.9" }, sctp({ src: 1, dst: 9, tag: 7 }, { type: 0 })), NAT_ADDRESS],
    ["ICMP", ip({ src: "10.0.0.1", dst: "10.0.0.9" }, icmp4(8, 0, 0x10001, Uint8Array.of(5))), NAT_ADDRESS],
    ["TCP over IPv6", ip({ src: "fd00::1", dst: "fd00::9" }, tcp({ src: 1, dst: 80, flags: "S" })), NAT_ADDRESS6],
    ["ICMPv6", ip({ src: "fd00::1", dst: "fd00::9" }, icmp6(128, 0, 0x10001)), NAT_ADDRESS6],
  ] as const;

  test.each(packets)("%s", (_, packet, address) => {
    const connection = masquerade(packet, { flags: FULLY_RANDOM, address });
    nat.confirm!();
    const view = put(packet);
    expect(nat.rewrite!(buffer, packet.length, connection, 0, CT_ESTABLISHED, SRC)).toBe(1);
    expect(Buffer.from(view).equals(Buffer.from(resealed(view)))).toBe(true);
    const source = view[0]! >> 4 === 4 ? view.subarray(12, 16) : view.subarray(8, 24);
    expect([...source]).toEqual([...addressBytes(address)]);
  });
});

test("an ICMP error is translated inside and outside", () => {
  const request = ip({ src: "10.0.0.1", dst: "10.0.0.9", id: 7 }, udp({ src: 4000, dst: 53 }, Uint8Array.of(1, 2)));
  const connection = masquerade(request);
  nat.confirm!();
  const translated = ip({ src: NAT_ADDRESS, dst: "10.0.0.9", id: 7 }, udp({ src: 4000, dst: 53 }, Uint8Array.of(1, 2)));
  const error = ip({ src: "10.0.0.77", dst: NAT_ADDRESS }, icmp4(3, 3, 0, translated));
  const view = put(error);
  expect(nat.rewrite!(buffer, error.length, connection, 1, CT_RELATED, DST)).toBe(1);
  expect(
    Buffer.from(view).equals(Buffer.from(ip({ src: "10.0.0.77", dst: "10.0.0.1" }, icmp4(3, 3, 0, request)))),
  ).toBe(true);
});

/** The packet with all its checksums computed anew by the tests' own code. */
function resealed(packet: Uint8Array): Uint8Array {
  const isIp4 = packet[0]! >> 4 === 4;
  const header = isIp4 ? 20 : 40;
  const protocol = packet[isIp4 ? 9 : 6]!;
  const body = packet.slice(header);
  const offset = { 1: 2, 6: 16, 17: 6, 58: 2, 132: 8 }[protocol]!;
  const width = protocol === 132 ? 4 : 2;
  const hasNone = protocol === 17 && body[6] === 0 && body[7] === 0;
  if (!hasNone) body.fill(0, offset, offset + width);
  const kind = protocol === 132 ? "crc32c" : protocol === 1 ? "plain" : "pseudo";
  const payload = hasNone
    ? { protocol, bytes: body }
    : ({ protocol, bytes: body, checksum: { offset, kind } } as const);
  const text = (from: number, to: number) =>
    isIp4
      ? packet.subarray(from, to).join(".")
      : [...packet.subarray(from, to)].map(pair).join("").match(/.{4}/g)!.join(":");
  return isIp4
    ? ip({ src: text(12, 16), dst: text(16, 20) }, payload)
    : ip({ src: text(8, 24), dst: text(24, 40) }, payload);
}

function pair(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}

/** Where the IP packet begins behind every kind of link header, and what the header says of the frame's way. */

import { beforeAll, expect, it } from "vitest";
import * as Descriptor from "../../assembly/layout/descriptor.ts";
import * as Protocol from "../../assembly/layout/protocol.ts";
import { bytesSource } from "../../src/capture/bytes.ts";
import { CaptureReader } from "../../src/capture/reader.ts";
import { concat } from "../support/bytes.ts";
import { ip } from "../support/packet.ts";
import { udp } from "../support/transport.ts";
import { CaptureEngine, readAll, type Seen } from "./engine.ts";
import { halves, type Order, pcapFile } from "./files.ts";

const LITTLE = { little: true };
const BIG = { little: false };
const IP4 = ip({ src: "10.0.0.1", dst: "10.0.0.2" }, udp({ src: 1, dst: 2 }));
const IP6 = ip({ src: "fd00::1", dst: "fd00::2" }, udp({ src: 1, dst: 2 }));
const { FLAG_LINK_ERROR, FLAG_MULTICAST, FLAG_NOT_IP, FLAG_OTHER_HOST, FLAG_OUTBOUND } = Descriptor;

let engine: CaptureEngine;
beforeAll(async () => {
  engine = await CaptureEngine.create();
});

async function see(linkType: number, frame: Uint8Array, order: Order = LITTLE): Promise<Seen> {
  const file = pcapFile({ ...order, linkType }, [{ seconds: 0, fraction: 0, frame }]);
  const { packets } = await readAll(engine, new CaptureReader(bytesSource("x", file), engine));
  return packets[0]!;
}

const ethernet = (types: readonly number[], dst = 2) => [dst, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, ...types];
const sll = (packetType: number, ...types: number[]) => [0, packetType, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, ...types];
const sll2 = (packetType: number, type: readonly number[]) => [
  ...type,
  0,
  0,
  0,
  0,
  0,
  3,
  0,
  1,
  packetType,
  6,
  2,
  0,
  0,
  0,
  0,
  1,
  0,
  0,
];
const VLAN = [0x81, 0, 0, 100];
const QINQ = [0x88, 0xa8, 0, 7];
const IP4_TYPE = [8, 0];
const IP6_TYPE = [0x86, 0xdd];
const ARP_TYPE = [8, 6];

it.each<[string, number, readonly number[], Uint8Array, number]>([
  ["Ethernet", Protocol.LINKTYPE_ETHERNET, ethernet(IP4_TYPE), IP4, 0],
  ["Ethernet with IPv6", Protocol.LINKTYPE_ETHERNET, ethernet(IP6_TYPE), IP6, 0],
  ["Ethernet to a group", Protocol.LINKTYPE_ETHERNET, ethernet(IP4_TYPE, 1), IP4, FLAG_MULTICAST],
  ["Ethernet to everybody", Protocol.LINKTYPE_ETHERNET, ethernet(IP4_TYPE, 0xff), IP4, FLAG_MULTICAST],
  ["a VLAN tag", Protocol.LINKTYPE_ETHERNET, ethernet([...VLAN, ...IP4_TYPE]), IP4, 0],
  ["two VLAN tags", Protocol.LINKTYPE_ETHERNET, ethernet([...QINQ, ...VLAN, ...IP6_TYPE]), IP6, 0],
  ["ARP", Protocol.LINKTYPE_ETHERNET, ethernet(ARP_TYPE), IP4, FLAG_NOT_IP],
  ["an 802.3 length", Protocol.LINKTYPE_ETHERNET, ethernet([0, 28]), IP4, FLAG_NOT_IP],
  ["IPv6 that calls itself IPv4", Protocol.LINKTYPE_ETHERNET, ethernet(IP4_TYPE), IP6, FLAG_NOT_IP],
  ["IPv4 that calls itself IPv6", Protocol.LINKTYPE_ETHERNET, ethernet(IP6_TYPE), IP4, FLAG_NOT_IP],
  ["cooked, to us", Protocol.LINKTYPE_LINUX_SLL, sll(0, ...IP4_TYPE), IP4, 0],
  ["cooked, broadcast", Protocol.LINKTYPE_LINUX_SLL, sll(1, ...IP4_TYPE), IP4, FLAG_MULTICAST],
  ["cooked, multicast", Protocol.LINKTYPE_LINUX_SLL, sll(2, ...IP6_TYPE), IP6, FLAG_MULTICAST],
  ["cooked, to another host", Protocol.LINKTYPE_LINUX_SLL, sll(3, ...IP4_TYPE), IP4, FLAG_OTHER_HOST],
  ["cooked, outgoing", Protocol.LINKTYPE_LINUX_SLL, sll(4, ...IP4_TYPE), IP4, FLAG_OUTBOUND],
  ["cooked with a VLAN tag", Protocol.LINKTYPE_LINUX_SLL, sll(0, ...VLAN, ...IP4_TYPE), IP4, 0],
  ["cooked v2", Protocol.LINKTYPE_LINUX_SLL2, sll2(0, IP6_TYPE), IP6, 0],
  ["cooked v2, outgoing", Protocol.LINKTYPE_LINUX_SLL2, sll2(4, IP4_TYPE), IP4, FLAG_OUTBOUND],
  ["loopback, little-endian", Protocol.LINKTYPE_NULL, [2, 0, 0, 0], IP4, 0],
  ["loopback, big-endian", Protocol.LINKTYPE_NULL, [0, 0, 0, 2], IP4, 0],
  ["OpenBSD's loopback", Protocol.LINKTYPE_LOOP, [0, 0, 0, 24], IP6, 0],
  ["loopback of FreeBSD", Protocol.LINKTYPE_NULL, [28, 0, 0, 0], IP6, 0],
  ["loopback of Darwin", Protocol.LINKTYPE_NULL, [0, 0, 0, 30], IP6, 0],
  ["loopback of Linux", Protocol.LINKTYPE_NULL, [10, 0, 0, 0], IP6, 0],
  ["loopback of something else", Protocol.LINKTYPE_NULL, [7, 0, 0, 0], IP4, FLAG_NOT_IP],
  ["raw IP", Protocol.LINKTYPE_RAW, [], IP4, 0],
  ["raw IP of BSD", Protocol.LINKTYPE_RAW_BSD, [], IP6, 0],
  ["raw IP of OpenBSD", Protocol.LINKTYPE_RAW_OPENBSD, [], IP4, 0],
  ["raw IPv4", Protocol.LINKTYPE_IP4, [], IP4, 0],
  ["raw IPv4 that is IPv6", Protocol.LINKTYPE_IP4, [], IP6, FLAG_NOT_IP],
  ["raw IPv6", Protocol.LINKTYPE_IP6, [], IP6, 0],
])("%s", async (_, linkType, header, packet, flags) => {
  const seen = await see(linkType, concat(header, packet));
  expect(seen).toMatchObject({ linkType, linkBytes: header.length, flags });
});

it.each([
  ["little-endian", LITTLE],
  ["big-endian", BIG],
])("NFLOG from a %s machine: the payload among the attributes", async (_, order) => {
  const attribute = (type: number, value: ArrayLike<number>) =>
    concat(halves(order, 4 + value.length, type), value, new Uint8Array(-value.length & 3));
  const header = concat(
    [2, 0, 0, 5],
    attribute(1, [8, 0, 3, 0]),
    attribute(10, [0x68, 0x69, 0]),
    halves(order, 4 + IP4.length, 9),
  );
  expect(await see(Protocol.LINKTYPE_NFLOG, concat(header, IP4), order)).toMatchObject({
    linkBytes: header.length,
    flags: 0,
  });
  const without = concat([2, 0, 0, 5], attribute(1, [8, 0, 3, 0]));
  expect(await see(Protocol.LINKTYPE_NFLOG, without, order)).toMatchObject({ flags: FLAG_NOT_IP });
  const arp = concat([3], header.subarray(1), IP4);
  expect(await see(Protocol.LINKTYPE_NFLOG, arp, order)).toMatchObject({ flags: FLAG_NOT_IP });
});

it.each<[string, number, readonly number[]]>([
  ["Ethernet", Protocol.LINKTYPE_ETHERNET, ethernet(IP4_TYPE)],
  ["Ethernet with tags", Protocol.LINKTYPE_ETHERNET, ethernet([...QINQ, ...VLAN, ...IP4_TYPE])],
  ["cooked", Protocol.LINKTYPE_LINUX_SLL, sll(0, ...VLAN, ...IP4_TYPE)],
  ["cooked v2", Protocol.LINKTYPE_LINUX_SLL2, sll2(0, IP4_TYPE)],
  ["loopback", Protocol.LINKTYPE_NULL, [2, 0, 0, 0]],
])("a %s header cut at any byte is an error of the link", async (_, linkType, header) => {
  for (let cut = 0; cut < header.length; cut++) {
    const { flags, linkBytes } = await see(linkType, Uint8Array.from(header.slice(0, cut)));
    expect([cut, flags & FLAG_LINK_ERROR, linkBytes]).toEqual([cut, FLAG_LINK_ERROR, 0]);
  }
});

it("an NFLOG header cut at any byte has no packet", async () => {
  const header = concat([2, 0, 0, 5], halves(LITTLE, 8, 1), [8, 0, 3, 0], halves(LITTLE, 4 + IP4.length, 9));
  for (let cut = 0; cut < header.length; cut++) {
    const { flags } = await see(Protocol.LINKTYPE_NFLOG, header.subarray(0, cut));
    expect([cut, flags & (FLAG_LINK_ERROR | FLAG_NOT_IP)]).not.toEqual([cut, 0]);
  }
});

it("a link type that is not known", async () => {
  expect(await see(147, IP4)).toMatchObject({ linkBytes: 0, flags: FLAG_LINK_ERROR | FLAG_NOT_IP });
});

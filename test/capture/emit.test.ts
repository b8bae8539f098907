/** The link headers of packets that leave, and the limits of the output buffer. */

import { beforeEach, describe, expect, it } from "vitest";
import * as Engine from "../../assembly/layout/engine.ts";
import * as Program from "../../assembly/layout/program.ts";
import * as Protocol from "../../assembly/layout/protocol.ts";
import { bytesSource } from "../../src/capture/bytes.ts";
import { CaptureReader } from "../../src/capture/reader.ts";
import { macBytes } from "../support/address.ts";
import { concat } from "../support/bytes.ts";
import { frame, ip } from "../support/packet.ts";
import { readPcapng } from "../support/pcapng.ts";
import { udp } from "../support/transport.ts";
import { CaptureEngine } from "./engine.ts";
import { pcapFile } from "./files.ts";

const FORWARDED = 0;
const ANSWER = 2;
const CLIENT_MAC = "02:00:00:00:00:01";
const NODE_MAC = "02:00:00:00:00:02";
const POD_MAC = "02:00:00:00:00:03";
const VLAN = [0x81, 0, 0, 100];
const IP4 = ip({ src: "10.0.0.1", dst: "10.0.0.2" }, udp({ src: 1, dst: 2 }));
const IP6 = ip({ src: "fd00::1", dst: "fd00::2" }, udp({ src: 1, dst: 2 }));
const ETHERNET4 = frame(CLIENT_MAC, NODE_MAC, IP4);
const TAGGED4 = concat(ETHERNET4.subarray(0, 12), VLAN, ETHERNET4.subarray(12));

let engine: CaptureEngine;
beforeEach(async () => {
  engine = await CaptureEngine.create();
});

/** A program that is nothing but two interfaces, the second of them the way out. */
function program(linkType: number): number {
  const image = new DataView(new ArrayBuffer(Program.HEADER_BYTES + 2 * Program.INTERFACE_SIZE));
  image.setUint32(Program.INTERFACES, Program.HEADER_BYTES, true);
  image.setUint32(Program.INTERFACE_COUNT, 2, true);
  const second = Program.HEADER_BYTES + Program.INTERFACE_SIZE;
  image.setUint16(second + Program.INTERFACE_LINK_TYPE, linkType, true);
  new Uint8Array(image.buffer).set(macBytes(NODE_MAC), second + Program.INTERFACE_MAC);
  return engine.place(new Uint8Array(image.buffer));
}

function adjacency(flags: number): number {
  const image = new DataView(new ArrayBuffer(Program.ADJACENCY_SIZE));
  image.setUint16(Program.ADJACENCY_FLAGS, flags, true);
  new Uint8Array(image.buffer).set(concat(macBytes(POD_MAC), macBytes(NODE_MAC)), Program.ADJACENCY_DST_MAC);
  return engine.place(new Uint8Array(image.buffer));
}

interface Way {
  readonly linkType: number;
  readonly frame: Uint8Array;
  readonly outType: number;
  readonly origin?: number;
  readonly flags?: number;
}

/** How a frame leaves; `flags`: the adjacency's, absent: there is none. */
async function leave({ linkType, frame, outType, origin = FORWARDED, flags }: Way): Promise<Uint8Array> {
  const file = pcapFile({ little: true, linkType }, [{ seconds: 7, fraction: 0, frame }]);
  const reader = new CaptureReader(bytesSource("x", file), engine);
  expect(await reader.nextBatch()).toEqual({ kind: "packets", first: 0, count: 1 });
  const way = flags === undefined ? 0 : adjacency(flags);
  const [sent, ...others] = readPcapng(engine.emitOn(0, origin, program(outType), 1, way), ["in", "out"]);
  expect([sent?.link, sent?.time, others]).toEqual(["out", 7_000_000_000n, []]);
  return sent!.frame;
}

const ETHERNET = Protocol.LINKTYPE_ETHERNET;
const RAW = Protocol.LINKTYPE_RAW;
const NULL = Protocol.LINKTYPE_NULL;
const { ADJACENCY_KEEP_LINK, ADJACENCY_RESOLVED } = Program;
const UNKNOWN_MAC = "00:00:00:00:00:00";

describe("a packet leaves", () => {
  it.each<[string, Way, Uint8Array]>([
    [
      "with its neighbour's link address",
      { linkType: ETHERNET, frame: ETHERNET4, outType: ETHERNET, flags: ADJACENCY_RESOLVED },
      frame(NODE_MAC, POD_MAC, IP4),
    ],
    [
      "without the tags it came with",
      { linkType: ETHERNET, frame: TAGGED4, outType: ETHERNET, flags: ADJACENCY_RESOLVED },
      frame(NODE_MAC, POD_MAC, IP4),
    ],
    [
      "towards an unknown link address",
      { linkType: ETHERNET, frame: ETHERNET4, outType: ETHERNET, flags: 0 },
      frame(NODE_MAC, UNKNOWN_MAC, IP4),
    ],
    [
      "as Ethernet when it came raw",
      { linkType: RAW, frame: IP6, outType: ETHERNET, flags: ADJACENCY_RESOLVED },
      frame(NODE_MAC, POD_MAC, IP6),
    ],
    [
      "raw when it came as Ethernet",
      { linkType: ETHERNET, frame: ETHERNET4, outType: RAW, flags: ADJACENCY_KEEP_LINK },
      IP4,
    ],
    [
      "with the header it came with",
      { linkType: ETHERNET, frame: TAGGED4, outType: ETHERNET, flags: ADJACENCY_KEEP_LINK },
      TAGGED4,
    ],
    [
      "with the header it came with where nobody routes",
      { linkType: NULL, frame: concat([2, 0, 0, 0], IP4), outType: NULL },
      concat([2, 0, 0, 0], IP4),
    ],
    [
      "back, when it is the node's answer",
      { linkType: ETHERNET, frame: TAGGED4, outType: ETHERNET, flags: ADJACENCY_KEEP_LINK, origin: ANSWER },
      concat(macBytes(CLIENT_MAC), macBytes(NODE_MAC), TAGGED4.subarray(12)),
    ],
  ])("%s", async (_, way, expected) => {
    expect(await leave(way)).toEqual(expected);
  });
});

const RESERVE = 60;

it("what finds no room in the output is not begun", async () => {
  const file = pcapFile({ little: true, linkType: RAW }, new Array(2).fill({ seconds: 0, fraction: 0, frame: IP4 }));
  await new CaptureReader(bytesSource("x", file), engine).nextBatch();
  const one = engine.emit(0, 1);
  engine.setField(Engine.OUTPUT_BYTES, one.length + RESERVE);
  expect(engine.emit(0, 2)).toEqual(one);
});

it("nothing is written where no output is wanted", async () => {
  const file = pcapFile({ little: true, linkType: RAW }, [{ seconds: 0, fraction: 0, frame: IP4 }]);
  await new CaptureReader(bytesSource("x", file), engine).nextBatch();
  engine.setField(Engine.FLAGS, 0);
  expect([engine.emit(0, 1, FORWARDED).length, engine.emit(0, 1, ANSWER).length > 0]).toEqual([0, true]);
  engine.setField(Engine.OUTPUT_FORMAT, Engine.OUTPUT_NONE);
  expect(engine.emit(0, 1, ANSWER).length).toBe(0);
});

it("an NFLOG header says how long the packet is that leaves", async () => {
  const headed = (payloadBytes: number) => concat([2, 0, 0, 0], [payloadBytes + 4, 0, 9, 0], IP4);
  const way = { linkType: Protocol.LINKTYPE_NFLOG, outType: Protocol.LINKTYPE_NFLOG };
  expect(await leave({ ...way, frame: headed(200) })).toEqual(headed(IP4.length));
});

/** Captures side by side: merged by time they are one capture again. */

import { readFile } from "node:fs/promises";
import { beforeAll, describe, expect, test } from "vitest";
import { pcapHeader } from "../../src/capture/write.ts";
import { type Cluster, type ReplayOptions, replay } from "../../src/index.ts";
import { loadCluster } from "../../src/node.ts";
import { type CapturedFrame, readPcapng, writePcapng } from "../support/pcapng.ts";
import { REPLAY_WAYS } from "../support/variant.ts";

const ETHERNET = 1;
const LINKS = ["lo", "eth0", "cni0"];

let manifests: Cluster;
let frames: CapturedFrame[];

beforeAll(async () => {
  manifests = await loadCluster("examples/kimho");
  const file = await readFile("examples/kimho/capture.pcapng");
  const inbound = readDirections(file);
  frames = readPcapng(file).map((frame, index) => ({ ...frame, outbound: !inbound[index] }));
});

/** The report without what depends on the files' names and the clock, and the capture of what left. */
async function result(captures: ReplayOptions["captures"]) {
  const pieces: Uint8Array[] = [];
  const { report } = await replay({
    manifests,
    node: "node1",
    captures,
    ...REPLAY_WAYS,
    output: (piece) => void pieces.push(piece.slice()),
  });
  const { files: _, ...capture } = report.capture;
  return { report: { ...report, capture, throughput: undefined }, output: Buffer.concat(pieces).toString("hex") };
}

describe("lanes", () => {
  test("one capture for each interface gives what one capture of all gives", async () => {
    const arrivals = frames.filter((frame) => !frame.outbound);
    const whole = await result([{ name: "all", data: writePcapng(LINKS, arrivals) }]);
    const split = LINKS.map((link) => ({
      name: link,
      interface: link,
      data: pcap(arrivals.filter((frame) => frame.link === link)),
    }));
    expect(await result(split)).toEqual(whole);
    expect(await result([...split].reverse())).toEqual(whole);
  });

  test("the pieces of a rotated capture give what the whole gives", async () => {
    const middle = frames.length / 2;
    const pieces = [frames.slice(0, middle), frames.slice(middle)].map((part, index) => ({
      name: `capture${index}`,
      data: writePcapng(LINKS, part),
    }));
    expect(await result(pieces)).toEqual(await result([{ name: "all", data: writePcapng(LINKS, frames) }]));
  });
});

/** A pcap file: it names no interface and tells no direction. */
function pcap(captured: readonly CapturedFrame[]): Uint8Array {
  const records = captured.flatMap(({ time, frame }) => {
    const head = new DataView(new ArrayBuffer(16));
    head.setUint32(0, Number(time / 1_000_000_000n), true);
    head.setUint32(4, Number(time % 1_000_000_000n), true);
    head.setUint32(8, frame.length, true);
    head.setUint32(12, frame.length, true);
    return [new Uint8Array(head.buffer), frame];
  });
  return Buffer.concat([pcapHeader(ETHERNET), ...records]);
}

/** Whether each enhanced packet of the file came in: its last option is epb_flags, one word, then the end. */
function readDirections(file: Uint8Array): boolean[] {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const inbound: boolean[] = [];
  for (let at = 0; at < file.length; at += view.getUint32(at + 4, true)) {
    if (view.getUint32(at, true) === 6)
      inbound.push(view.getUint32(at + view.getUint32(at + 4, true) - 12, true) === 1);
  }
  return inbound;
}

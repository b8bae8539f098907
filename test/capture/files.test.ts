/** Files from outside are read whole or refused, and what was read leaves as it came. */

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as Descriptor from "../../assembly/layout/descriptor.ts";
import * as Engine from "../../assembly/layout/engine.ts";
import { bytesSource } from "../../src/capture/bytes.ts";
import { openCapture } from "../../src/capture/file-node.ts";
import { CaptureReader } from "../../src/capture/reader.ts";
import { openSink } from "../../src/capture/sink-node.ts";
import { streamSource } from "../../src/capture/stream-node.ts";
import type { CaptureSource } from "../../src/capture/types.ts";
import { pcapHeader, pcapngHeader } from "../../src/capture/write.ts";
import { concat } from "../support/bytes.ts";
import { CaptureEngine, readAll, type Seen } from "./engine.ts";

const FIXTURES = "test/fixtures/captures";
/** Counted by capinfos and tcpdump. */
const COUNTS: readonly (readonly [string, number])[] = [
  ["LINKTYPE_IPV4.pcap", 1],
  ["LINKTYPE_IPV6.pcap", 1],
  ["LINKTYPE_RAW_ipv6.pcap", 1],
  ["bootp_asan.pcap", 1],
  ["dsa.pcap", 8],
  ["hoobr_rt6_print.pcap", 3],
  ["icmp-length-zero.pcapng", 1],
  ["ip6_frag_asan.pcap", 1],
  ["isakmp-identification-segfault.pcap", 1],
  ["nhrp.pcapng", 25],
  ["pptp.pcap", 23],
  ["quic_handshake_truncated.pcap", 18],
  ["resp_4_infiniteloop.pcapng", 1],
  ["tcp-handshake-nano.pcap", 3],
  ["time_2107.pcapng", 1],
  ["unsupported-link-type-160.pcap", 1],
];
/** Its times are after 2106, where pcap's 32-bit seconds end. */
const BEYOND_PCAP = "time_2107.pcapng";

let engine: CaptureEngine;
let folder: string;
beforeAll(async () => {
  engine = await CaptureEngine.create();
  folder = await mkdtemp(join(tmpdir(), "captures-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function open(path: string): Promise<CaptureSource> {
  const source = await openCapture(path);
  if (!("read" in source)) throw new Error(source.message);
  return source;
}

async function readFrom(source: CaptureSource): Promise<{ packets: Seen[]; problem?: string }> {
  const reader = new CaptureReader(source, engine);
  try {
    return await readAll(engine, reader);
  } finally {
    await reader.close();
  }
}

describe.each(COUNTS)("%s", (name, count) => {
  it(`has ${count} packets, packed or not`, async () => {
    const plain = await readFrom(await open(join(FIXTURES, name)));
    expect([plain.problem, plain.packets.length]).toEqual([undefined, count]);
    const packed = join(folder, `${name}.gz`);
    await writeFile(packed, gzipSync(await readFile(join(FIXTURES, name))));
    expect(await readFrom(await open(packed))).toEqual(plain);
  });

  it.each([
    ["pcapng", Engine.OUTPUT_PCAPNG],
    ["pcap", Engine.OUTPUT_PCAP],
  ])("leaves as it came, as %s", async (_, format) => {
    if (format === Engine.OUTPUT_PCAP && name === BEYOND_PCAP) return;
    const reader = new CaptureReader(await open(join(FIXTURES, name)), engine);
    const before: Seen[] = [];
    const parts: Uint8Array[] = [];
    engine.setField(Engine.OUTPUT_FORMAT, format);
    for (let batch = await reader.nextBatch(); batch.kind === "packets"; batch = await reader.nextBatch()) {
      for (let index = 0; index < batch.count; index++) before.push(engine.seen(batch.first + index));
      parts.push(engine.emit(batch.first, batch.count));
    }
    await reader.close();
    const linkType = reader.interfaces[0]!.linkType;
    const head = format === Engine.OUTPUT_PCAP ? pcapHeader(linkType) : pcapngHeader([{ name: "eth0", linkType }]);
    const after = await readFrom(bytesSource("out", concat(head, ...parts)));
    const outbound = format === Engine.OUTPUT_PCAP ? 0 : Descriptor.FLAG_OUTBOUND;
    const expected = before.map((seen) => ({ ...seen, flags: seen.flags | outbound }));
    expect(after).toEqual({ packets: expected });
  });
});

describe("a packed file", () => {
  it("that ends early gives what could be unpacked, then a problem", async () => {
    const packed = gzipSync(await readFile(join(FIXTURES, "pptp.pcap")), { level: 0 });
    const path = join(folder, "cut.pcap.gz");
    await writeFile(path, packed.subarray(0, 2000));
    const { packets, problem } = await readFrom(await open(path));
    expect(packets.length).toBeGreaterThan(5);
    expect(problem).toContain("unexpected end of file");
  });

  it("that is damaged is refused", async () => {
    const packed = gzipSync(await readFile(join(FIXTURES, "pptp.pcap")));
    packed.fill(0xff, 100, 200);
    const path = join(folder, "damaged.pcap.gz");
    await writeFile(path, packed);
    expect((await readFrom(await open(path))).problem).toMatch(/damaged.pcap.gz: at byte \d+: /);
  });
});

it("a pipe that gives a byte at a time is read like a file", async () => {
  const bytes = await readFile(join(FIXTURES, "nhrp.pcapng"));
  const pipe = Readable.from(
    Array.from(bytes, (byte) => Uint8Array.of(byte)),
    { objectMode: false },
  );
  expect((await readFrom(streamSource("-", pipe))).packets.length).toBe(25);
});

it.each([
  ["missing.pcap", "ENOENT"],
  ["", "EISDIR"],
])("a file that cannot be read is a problem: %s", async (name, code) => {
  const problem = await openCapture(join(folder, name));
  expect(problem).toMatchObject({ severity: "error" });
  expect("message" in problem && problem.message).toContain(code);
});

it("an output file holds what was written", async () => {
  const path = join(folder, "out.pcapng");
  const sink = openSink(path);
  await sink.write(
    pcapngHeader([
      { name: "eth0", linkType: 1 },
      { name: "ein Ärger", linkType: 101 },
    ]),
  );
  await sink.close();
  const reader = new CaptureReader(await open(path), engine);
  expect(await reader.nextBatch()).toEqual({ kind: "end" });
  expect(reader.interfaces.map(({ name, linkType }) => [name, linkType])).toEqual([
    ["eth0", 1],
    ["ein Ärger", 101],
  ]);
  await reader.close();
});

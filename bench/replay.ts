/** `sluice replay -w` of a large capture, as a whole process: what a user waits for. */

import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { clusterIp, manifestsOf, PORT } from "../src/scale/cluster.ts";
import { ACK, tcpPacket } from "../src/scale/packets.ts";
import { Random } from "../src/traffic/random.ts";
import type { Figure } from "./figures.ts";
import { measured, YARDSTICK } from "./yardstick.ts";

const SERVICES = 99;
const CONNECTIONS = 2000;
const PACKETS = 1_000_000;
const PAYLOADS = [0, 0, 0, 100, 1400];
const HEADERS_BYTES = 40;
const ETHERNET = Buffer.from("0200000000010200000000020800", "hex");
const RECORD_BYTES = 16;
const ROUNDS = 3;
const CLI = fileURLToPath(new URL("../../bin/sluice.js", import.meta.url));

export async function benchmarkReplay(): Promise<Figure[]> {
  const directory = mkdtempSync(join(tmpdir(), "sluice-bench-"));
  try {
    const capture = join(directory, "capture.pcap");
    const manifests = join(directory, "cluster.json");
    writeFileSync(manifests, JSON.stringify(manifestsOf(SERVICES, 3)));
    writeCapture(capture);
    const out = join(directory, "out.pcapng");
    const { results, yardstick } = await measured(ROUNDS, () => ({
      replay: seconds(process.execPath, [CLI, "replay", "-f", manifests, capture, "-w", out]),
      copy: seconds("cp", [capture, join(directory, "copy")]),
    }));
    const figure: Figure = {
      name: `replay -w of ${PACKETS} packets, ${(statSync(capture).size / 1e6).toFixed(0)} MB, as a process`,
      unit: "s",
      values: results.map(({ replay }) => replay),
      // What reading and writing it costs at least, and the machine.
      references: { cp: results.map(({ copy }) => copy), [YARDSTICK]: yardstick },
    };
    return [figure];
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function seconds(command: string, args: readonly string[]): number {
  const start = process.hrtime.bigint();
  const { status, stderr } = spawnSync(command, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} failed: ${stderr}`);
  return Number(process.hrtime.bigint() - start) / 1e9;
}

/** Packets of clients to ClusterIPs, drawn from a fixed number of connections. */
function writeCapture(path: string): void {
  const random = new Random(1);
  const frames = Array.from({ length: CONNECTIONS }, () => frame(random));
  const file = openSync(path, "w");
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(65535, 16);
  header.writeUInt32LE(1, 20);
  writeSync(file, header);
  for (let first = 0; first < PACKETS; first += 1000) {
    const records = Array.from({ length: 1000 }, (_, i) => record(frames[random.below(CONNECTIONS)]!, first + i));
    writeSync(file, Buffer.concat(records.flat()));
  }
  closeSync(file);
}

function record(bytes: Buffer, microseconds: number): [Buffer, Buffer] {
  const header = Buffer.alloc(RECORD_BYTES);
  header.writeUInt32LE(Math.floor(microseconds / 1e6), 0);
  header.writeUInt32LE(microseconds % 1e6, 4);
  header.writeUInt32LE(bytes.length, 8);
  header.writeUInt32LE(bytes.length, 12);
  return [header, bytes];
}

function frame(random: Random): Buffer {
  const bytes = HEADERS_BYTES + PAYLOADS[random.below(PAYLOADS.length)]!;
  const client = {
    src: 0x0a000001 + random.below(1 << 20),
    srcPort: 1024 + random.below(60_000),
    dst: clusterIp(random.below(SERVICES)),
    dstPort: PORT,
  };
  return Buffer.concat([ETHERNET, tcpPacket(bytes, client, ACK, 1, 1)]);
}

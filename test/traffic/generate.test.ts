/** Generated conversations, replayed: every Service port is reached, its endpoints answer, nothing is invalid. */

import { describe, expect, it } from "vitest";
import { deriveNetwork } from "../../src/network/derive.ts";
import { Node, replay } from "../../src/node.ts";
import { generateRules } from "../../src/proxy/generate.ts";
import { servedAddresses } from "../../src/proxy/node-port-addresses.ts";
import type { PacketRecord } from "../../src/replay/packets.ts";
import type { ConnectionRecord } from "../../src/replay/types.ts";
import { HOST_CAPTURE, TrafficCapture } from "../../src/traffic/capture.ts";
import { generateTraffic, type TrafficSummary } from "../../src/traffic/generate.ts";
import { concat } from "../support/bytes.ts";
import { crc32c, internetChecksum } from "../support/checksum.ts";
import { type GoldenInput, goldenFile, goldenInput, goldenNames } from "../support/golden.ts";
import { readPcapng } from "../support/pcapng.ts";

const CONNECTIONS = 300;
const START = 1_767_225_600_000_000_000n;

interface Generated {
  readonly wire: Uint8Array;
  readonly host: Uint8Array;
  readonly summary: TrafficSummary;
}

/** As `sluice generate` does it, without files. */
async function generated(input: GoldenInput, seed: number, options: { packets?: number } = {}): Promise<Generated> {
  const { cluster, node, configuration } = input;
  const network = deriveNetwork(cluster, node.name);
  const ruleset = generateRules(cluster, node, configuration);
  const traffic = generateTraffic({
    cluster,
    network,
    nodeName: node.name,
    nodePortAddresses: servedAddresses(configuration, node),
    node: await Node.create({ manifests: cluster, node: node.name, network, ruleset, seed }),
    seed,
    connections: CONNECTIONS,
    start: START,
    packetsPerSecond: 1000,
    hasHost: true,
    ...options,
  });
  const capture = new TrafficCapture(network);
  const [wire, host] = [[capture.header()], [HOST_CAPTURE.header()]];
  for (let next = traffic.next(); ; next = traffic.next()) {
    if (next.done) return { wire: concat(...wire), host: concat(...host), summary: next.value };
    if (next.value.link === undefined) host.push(HOST_CAPTURE.block(next.value));
    else if (!next.value.isOutbound) wire.push(capture.block(next.value));
  }
}

async function replayed(input: GoldenInput, { wire, host }: Generated, seed: number) {
  const { cluster, node, configuration } = input;
  const packets: PacketRecord[] = [];
  const connections: ConnectionRecord[] = [];
  const { report, problems } = await replay({
    manifests: cluster,
    node: node.name,
    ruleset: generateRules(cluster, node, configuration),
    seed,
    captures: [
      { name: "wire", data: wire },
      { name: "host", data: host, fromHost: true },
    ],
    onPacket: (record) => packets.push(record),
    onConnection: (record) => connections.push(record),
  });
  expect(problems).toEqual([]);
  return { report, packets, connections };
}

describe.each(["nftables", "iptables"] as const)("in %s mode", (mode) => {
  it.each(goldenNames(mode))("the Services of %s are talked to", async (name) => {
    const input = goldenInput(name, mode);
    const traffic = await generated(input, 1);
    const { report, packets, connections } = await replayed(input, traffic, 1);
    expect(report.connections.invalid).toBe(0);
    expect(report.verdicts).toMatchObject({ skipped: 0 });
    expect(report.capture.packets).toBe(traffic.summary.packets);
    expect(traffic.summary).toMatchObject({ connections: CONNECTIONS, unreachable: [] });
    const answered = connections.filter(({ connection }) => connection.status.includes("seen-reply"));
    const forwarded = packets.filter(({ ct, verdict }) => ct === "new" && verdict === "forward");
    expect(answered.length).toBe(forwarded.length);
    const reached = endpointsOf(connections);
    const known = endpointsOfRules(name, mode);
    if (hasAffinity(input)) expect(known).toEqual(expect.arrayContaining(reached));
    else expect(reached).toEqual(known);
  });
});

describe("the capture", () => {
  const input = goldenInput("35-dualstack");

  it("is the same for the same seed, and another for another", async () => {
    const [first, again, other] = [await generated(input, 5), await generated(input, 5), await generated(input, 6)];
    expect(again).toEqual(first);
    expect(other.wire).not.toEqual(first.wire);
  });

  it("ends where it is told to", async () => {
    const { wire, host, summary } = await generated(input, 1, { packets: 77 });
    expect(summary.packets).toBe(77);
    expect(readPcapng(wire).length + readPcapng(host).length).toBe(77);
  });

  it.each(goldenNames())("has valid checksums and rising times (%s)", async (name) => {
    const { wire, host } = await generated(goldenInput(name), 3);
    const frames = readPcapng(wire);
    for (const { frame } of frames) expect(checksumFault(frame.subarray(14))).toBeUndefined();
    for (const { frame } of readPcapng(host)) expect(checksumFault(frame)).toBeUndefined();
    const times = frames.map(({ time }) => time);
    expect([...times].sort((a, b) => (a < b ? -1 : 1))).toEqual(times);
    expect(new Set(times).size).toBe(times.length);
  });
});

/** A few clients that come back to their endpoints need not have met all of them. */
function hasAffinity({ cluster }: GoldenInput): boolean {
  return cluster.services.some(({ affinityTimeoutSeconds }) => affinityTimeoutSeconds !== undefined);
}

/** Endpoints that connections were translated to, and that the node did not refuse itself. */
function endpointsOf(connections: readonly ConnectionRecord[]): string[] {
  const found = connections.flatMap(({ attribution }) => attribution?.endpoint ?? []);
  return [...new Set(found.map(({ address, port }) => `${address} ${port}`))].sort();
}

/** Endpoints that the real kube-proxy's rules translate to. */
function endpointsOfRules(name: string, mode: "nftables" | "iptables"): string[] {
  const texts =
    mode === "nftables"
      ? [goldenFile(name, "rules.nft")]
      : ["rules.iptables-save", "rules.ip6tables-save"].map((file) => goldenFile(name, file));
  const patterns =
    mode === "nftables"
      ? [/dnat (?:ip6? )?to (?:numgen [^{]*\{([^}]*)\}|(\S+))/g]
      : [/-j DNAT --to-destination ()(\S+)/g];
  const found = texts.flatMap((text) => patterns.flatMap((pattern) => [...text.matchAll(pattern)]));
  const places = found.flatMap(([, map, single]) =>
    map
      ? [...map.matchAll(/: (\S+) \. (\d+)/g)].map(([, address, port]) => `${address} ${port}`)
      : [(single ?? "").replace(/^\[?(.*?)\]?:(\d+)$/, "$1 $2")],
  );
  return [...new Set(places)].sort();
}

/** What is wrong with a packet's checksums, all summed up again. */
function checksumFault(packet: Uint8Array): string | undefined {
  const isIp4 = packet[0]! >> 4 === 4;
  const headerBytes = isIp4 ? 20 : 40;
  if (isIp4 && internetChecksum(packet.subarray(0, headerBytes)) !== 0) return "IPv4 header";
  const protocol = packet[isIp4 ? 9 : 6]!;
  const body = packet.subarray(headerBytes);
  if (protocol === 132) {
    const copy = body.slice();
    copy.fill(0, 8, 12);
    return crc32c(copy) === new DataView(body.buffer, body.byteOffset).getUint32(8, true) ? undefined : "SCTP";
  }
  const length = [0, 0, body.length >> 8, body.length & 255];
  const pseudo = concat(packet.subarray(isIp4 ? 12 : 8, headerBytes), length, [0, 0, 0, protocol]);
  return internetChecksum(concat(pseudo, body)) === 0 ? undefined : `protocol ${protocol}`;
}

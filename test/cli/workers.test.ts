/** `sluice replay --workers N`: whatever N is, the same report, the same packets in the same order, the same connections. */

import { execFileSync } from "node:child_process";
import { createReadStream } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Report } from "../../src/report/types.ts";
import { evenPieces, fragments } from "../support/fragments.ts";
import { frame, ip4 } from "../support/packet.ts";
import { writePcapng } from "../support/pcapng.ts";
import { Random, SEED } from "../support/random.ts";
import { icmp4, tcp, udp } from "../support/transport.ts";
import { IS_SCALAR } from "../support/variant.ts";
import { ended, sluice, startSluice } from "./run.ts";
import { at, bundleWorkers, expectTheSame, removeWorkers } from "./workers.ts";

const GOLDEN = "test/fixtures/golden";
const KIMHO = ["-f", "examples/kimho", "--node", "node1"];
const CAPTURE = "examples/kimho/capture.pcapng";
const MODES = ["nftables", "iptables", "direct"];
const KEPT = "rules keep something that all connections share (session affinity, limits, counting in turn)";
/** Each rejection is told of: with Linux's own limits one worker would have to do it. */
const UNLIMITED = ["--sysctl", "net.ipv4.icmp_ratemask=0", "--sysctl", "net.ipv6.icmp.ratemask=255"];
/** Each of these starts many processes. */
const PATIENCE = 120_000;

beforeAll(bundleWorkers);
afterAll(removeWorkers);

/** Writes a capture of packets, each at so many nanoseconds past a second. */
async function capture(name: string, packets: readonly (readonly [time: number, packet: Uint8Array])[]) {
  const ends = ["02:00:00:00:00:01", "02:00:00:00:00:02"] as const;
  const frames = packets.map(([time, packet]) => ({
    ...{ link: "eth0", outbound: false, time: 1_000_000_000n + BigInt(time) },
    frame: frame(...ends, packet),
  }));
  await writeFile(at(name), writePcapng(["eth0"], frames));
  return at(name);
}

describe.skipIf(IS_SCALAR)("several workers have the results of one", () => {
  for (const mode of MODES) {
    for (const [what, golden, note] of [
      ["UDP", "04-udp-dns", ""],
      ["masqueraded connections to a load balancer", "14-loadbalancer-ipmode-proxy", ""],
      ["source ranges", "16-lb-source-ranges", ""],
      ["rejected connections", "25-no-endpoints", ""],
      ["session affinity, which one worker has to see", "22-session-affinity-lb-local", KEPT],
    ] as const) {
      test(`${what}, ${mode}`, { timeout: PATIENCE }, async () => {
        const cluster = ["-f", `${GOLDEN}/${golden}/manifests.yaml`, "--mode", mode];
        await sluice(["generate", ...cluster, "--connections", "300", "-w", at("in.pcapng")]);
        await expectTheSame(at("in.pcapng"), [...cluster, ...UNLIMITED], note);
      });
    }

    test(`IPv4 and IPv6, ${mode}`, { timeout: PATIENCE }, async () => {
      const manifests = await readFile(`${GOLDEN}/35-dualstack/manifests.yaml`, "utf8");
      const affinity = /sessionAffinity: ClientIP\n *sessionAffinityConfig:\n *clientIP:\n *timeoutSeconds: \d+/;
      await writeFile(at("dual.yaml"), manifests.replace(affinity, "sessionAffinity: None"));
      const cluster = ["-f", at("dual.yaml"), "--mode", mode];
      await sluice(["generate", ...cluster, "--connections", "300", "-w", at("in.pcapng")]);
      await expectTheSame(at("in.pcapng"), [...cluster, ...UNLIMITED]);
    });

    test(`packets of all sorts between all ends, ${mode}, SLUICE_SEED=${SEED}`, { timeout: PATIENCE }, async () => {
      const name = await capture("random.pcapng", randomPackets(new Random(SEED), 3000));
      await expectTheSame(name, [...KIMHO, ...UNLIMITED, "--mode", mode]);
    });
  }

  test("a capture of a real node", { timeout: PATIENCE }, () => expectTheSame(CAPTURE, KIMHO));

  test("a file in pcap's format", { timeout: PATIENCE }, () => expectTheSame(CAPTURE, KIMHO, "", ".pcap"));

  test("what stands before damage is shared, and the damage told of once", { timeout: PATIENCE }, async () => {
    const bytes = await readFile(CAPTURE);
    await writeFile(at("cut.pcapng"), bytes.subarray(0, bytes.length - 5));
    await expectTheSame(at("cut.pcapng"), KIMHO);
  });
});

/** Requests, replies that nobody waits for, pings and errors, from few ends with few ports: many meet again. */
function randomPackets(random: Random, count: number): [time: number, packet: Uint8Array][] {
  const clients = ["192.168.10.1", "192.168.10.12", "10.244.1.10", "10.244.1.11", "10.244.2.10"];
  const servers = ["10.96.24.6", "192.168.10.11", ...clients.slice(2)];
  const ports = [80, 443, 406, 8080, 8443, 4060, 53, 12_345];
  const sent: Uint8Array[] = [];
  return Array.from({ length: count }, (_, n) => {
    const ends = { src: random.pick(clients), dst: random.pick(servers) };
    const by = { src: random.once(8) ? random.pick(ports) : 40_000 + random.below(99), dst: random.pick(ports) };
    const flags = random.pick(["S", "S", "S", "SA", "A", "FA", "R"]);
    const payload = random.pick([
      () => tcp({ ...by, flags, seq: random.below(9), ack: random.below(9) }),
      () => udp(by),
      () => icmp4(random.pick([0, 8, 8]), 0, random.below(9) << 16),
      () => icmp4(3, 1, 0, (random.pick(sent) ?? new Uint8Array(28)).subarray(0, 28)),
    ])();
    const packet = ip4(ends, payload);
    sent.push(packet);
    return [n * 900_000, packet];
  });
}

describe.skipIf(IS_SCALAR)("one worker begins anew", () => {
  const NO_SERVICE = ["-f", `${GOLDEN}/04-udp-dns/manifests.yaml`];
  const ends = { src: "192.0.2.1", dst: "198.51.100.1" };

  test("where fragments are found", { timeout: PATIENCE }, async () => {
    const pieces = fragments(ip4(ends, udp({ src: 5000, dst: 53 }, new Uint8Array(64))), evenPieces(72, 40), 1);
    const name = await capture(
      "fragments.pcapng",
      [...pieces].map((piece, n) => [n, piece]),
    );
    await expectTheSame(name, NO_SERVICE, "there are fragments");
  });

  test("where more errors are sent than a host may get at once", { timeout: PATIENCE }, async () => {
    const cluster = ["-f", `${GOLDEN}/25-no-endpoints/manifests.yaml`];
    await sluice(["generate", ...cluster, "--connections", "30", "-w", at("in.pcapng")]);
    await expectTheSame(at("in.pcapng"), cluster, "ICMP errors are sent only so often");
  });

  test("where packets stand out of order", { timeout: PATIENCE }, async () => {
    const packet = ip4(ends, udp({ src: 5000, dst: 53 }));
    const name = await capture("late.pcapng", [
      [5_000_000, packet],
      [1_000_000, packet],
    ]);
    await expectTheSame(name, NO_SERVICE, "packets stand out of the order of their times");
  });

  test.each([
    [["-w", "-"], "what is written to standard output cannot be taken back"],
    [["--packets", "/dev/null"], "each packet has a record"],
    [["--follow"], "choices are taken from the capture"],
    [["--from-host", CAPTURE], "captures of several interfaces are merged"],
  ])("with %s", async (options, reason) => {
    const { stderr } = await sluice(["replay", ...KIMHO, CAPTURE, ...options, "--workers", "2"]);
    expect(stderr).toContain(`one worker instead of 2: ${reason}\n`);
  });
});

test("one worker does it on a host without vector instructions", async () => {
  vi.stubEnv("SLUICE_ENGINE", "scalar");
  await expectTheSame(CAPTURE, KIMHO, "the engine that shares captures needs vector instructions");
  vi.unstubAllEnvs();
});

describe("workers end cleanly", () => {
  test.skipIf(process.platform !== "linux")("when what they make cannot be written", async () => {
    const { code, stderr } = await sluice(["replay", ...KIMHO, CAPTURE, "-w", "/dev/full", "--workers", "2"]);
    expect(stderr).toContain("error: /dev/full: no space left on device\n");
    expect(code).toBe(1);
  });

  test("when they are interrupted, with a report of what they have done", { timeout: PATIENCE }, async () => {
    await sluice(["generate", ...KIMHO, "--connections", "20000", "-w", at("long.pcapng")]);
    execFileSync("mkfifo", [at("out.fifo")]);
    const args = ["-w", at("out.fifo"), "--workers", "2", "-o", "json"];
    const child = startSluice(["replay", ...KIMHO, at("long.pcapng"), ...args]);
    const result = ended(child);
    // The pipe holds 64 KiB: until more is read, the replay waits. Packets stand behind the file's header.
    const pipe = createReadStream(at("out.fifo"), { highWaterMark: 4096 });
    let bytes = 0;
    for await (const piece of pipe) {
      if (bytes < 16_384 && bytes + (piece as Buffer).length >= 16_384) child.kill("SIGINT");
      bytes += (piece as Buffer).length;
    }
    const { code, stdout } = await result;
    expect(code).toBe(130);
    const { capture, verdicts, warnings } = JSON.parse(stdout) as Report;
    expect(capture.packets).toBeGreaterThan(0);
    // All packets have a verdict up to where each worker had come, and only some of those behind.
    const counted = Object.values(verdicts).reduce((sum, packets) => sum + packets, 0);
    expect(counted).toBeGreaterThanOrEqual(capture.packets);
    expect(warnings.some((warning) => warning.startsWith("interrupted:"))).toBe(counted > capture.packets);
  });
});

test("the number of workers is a whole one", async () => {
  const { code, stderr } = await sluice(["replay", "x.pcap", "--workers", "0"]);
  expect(code).toBe(2);
  expect(stderr).toContain("--workers 0: not a whole number from 1 to 16");
});

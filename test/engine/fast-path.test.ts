/**
 * The short way of established connections changes nothing but the time it takes, and neither do vector instructions: the
 * same random conversations, in batches, with and without, leave the same bytes, connections and counters. So do packets
 * that nobody answers, also under random rules. SLUICE_SEED and SLUICE_ROUNDS choose more.
 */

import { describe, expect, it } from "vitest";
import type { NodeNetwork } from "../../src/network/types.ts";
import { compileProgram } from "../../src/program/compile.ts";
import type { Ruleset } from "../../src/ruleset/types.ts";
import { droppingInvalid, kubeProxy, kubeProxyDroppingInvalid, sourcePorts, translating } from "../kernel/rules.ts";
import { type Family, WEB } from "../kernel/services.ts";
import { CLIENT, NODE_MACS, POD, POD_NARROW } from "../kernel/world.ts";
import { frame, ip } from "../support/packet.ts";
import type { CapturedFrame } from "../support/pcapng.ts";
import { Random, SEED } from "../support/random.ts";
import { tcp } from "../support/transport.ts";
import { EnginePair, LINKS, NETWORK, PAIRS } from "./engine-pair.ts";
import { Crowd, MIXTURES } from "./fast-path-traffic.ts";
import { randomFirewall } from "./random-firewall.ts";

const ROUNDS = Number(process.env.SLUICE_ROUNDS ?? 3);
const FIREWALLS = 16;
const BATCHES = 24;
const FRAMES_PER_BATCH = 48;
const SECOND = 1_000_000_000n;

const RULESETS: Readonly<Record<string, readonly Ruleset[]>> = {
  "kube-proxy's rules": [kubeProxy()],
  "invalid packets dropped": [kubeProxyDroppingInvalid()],
  "few ports": [translating(sourcePorts(40000, 40002))],
  "programs in turn": [kubeProxy(), kubeProxyDroppingInvalid()],
};

type Segment = readonly [from: "client" | "server", flags: string, seq: number, ack: number];

/** What establishes a connection, and packets of both sides that go the short way. */
const ESTABLISHED: readonly Segment[] = [
  ["client", "S", 100, 0],
  ["server", "SA", 500, 101],
  ["client", "A", 101, 501],
  ["server", "A", 501, 101],
  ["client", "A", 101, 501],
  ["server", "A", 501, 101],
  ["client", "A", 101, 501],
  ["server", "A", 501, 101],
];
/** So many connections fill the table that many fingerprints are in one bucket twice, and some buckets run over. */
const CONNECTIONS = 240;

/**
 * An established connection whose client begins anew with other numbers, which the server takes. Then a segment out of
 * the window, which is let pass, leads back to where it was, and so it is not known what the client has acknowledged.
 */
const BELIEVED_LATE: readonly Segment[] = [
  ["client", "S", 100, 0],
  ["server", "SA", 500, 101],
  ["client", "A", 101, 501],
  ["client", "A", 101, 501],
  ["server", "A", 501, 101],
  ["client", "S", 90_000, 0],
  ["server", "SA", 70_000, 90_001],
  ["client", "A", 5_000_000, 70_001],
  ["client", "A", 90_001, 70_001],
  ["server", "A", 70_001, 90_001],
];
const LIBERAL = { "net.netfilter.nf_conntrack_tcp_be_liberal": "1" };

/** Some routes have an MTU of their own, which is smaller than their links'. */
const NARROW_ROUTES: NodeNetwork = {
  ...NETWORK,
  routes: NETWORK.routes.map((route) => (route.interface === "pod1" ? route : { ...route, mtu: 1300 })),
};

const SEEDS = Array.from({ length: ROUNDS }, (_, round) => SEED + round);

for (const [title, kinds] of Object.entries(PAIRS)) {
  describe(title, () => {
    for (const [name, rulesets] of Object.entries(RULESETS)) {
      it.each(SEEDS)(`changes nothing: ${name}, SLUICE_SEED=%i`, async (seed) => {
        const engines = await EnginePair.create(kinds);
        const random = new Random(seed);
        converse(engines, random, new Crowd(random, mixtureOf(seed)), rulesets);
        expect(engines.shortPackets()).toBeGreaterThan(0);
      });

      it.each(SEEDS)(`changes nothing for what nobody answers: ${name}, SLUICE_SEED=%i`, async (seed) => {
        const engines = await EnginePair.create(kinds);
        const random = new Random(seed);
        converse(engines, random, new Crowd(random, mixtureOf(seed), "nobody"), rulesets);
        expect(engines.shortPackets()).toBeGreaterThan(0);
      });
    }

    it("changes nothing where the answer shows that a SYN was right which was not believed", async () => {
      const engines = await EnginePair.create(kinds, LIBERAL);
      engines.loadProgram(compileProgram({ ruleset: kubeProxy(), network: NETWORK }).image);
      for (const [n, segment] of BELIEVED_LATE.entries())
        engines.run([frameOf("ip4", segment, 40_000, SECOND + BigInt(n))], `segment ${n}`);
      expect(engines.shortPackets()).toBeGreaterThan(0);
    });

    it.each(["ip4", "ip6"] as const)("translates no longer where no program does, %s", async (family) => {
      const engines = await EnginePair.create(kinds);
      const programs = [kubeProxy(), droppingInvalid()].map((ruleset) => compileProgram({ ruleset, network: NETWORK }));
      for (const [n, { image }] of programs.entries()) {
        engines.loadProgram(image);
        for (const [m, segment] of ESTABLISHED.entries())
          engines.run([toWeb(family, segment, SECOND * BigInt(n + 1) + BigInt(m))], `program ${n}, segment ${m}`);
      }
      expect(engines.shortPackets()).toBeGreaterThan(0);
    });

    it.each(SEEDS)("changes nothing where routes take less than their links, SLUICE_SEED=%i", async (seed) => {
      const engines = await EnginePair.create(kinds);
      const random = new Random(seed);
      converse(engines, random, new Crowd(random, mixtureOf(seed)), [kubeProxy()], NARROW_ROUTES);
    });

    it.each([
      "ip4",
      "ip6",
    ] as const)("changes nothing where the first look often finds another connection, %s", async (family) => {
      const engines = await EnginePair.create(kinds);
      engines.loadProgram(compileProgram({ ruleset: kubeProxy(), network: NETWORK }).image);
      for (const [n, segment] of ESTABLISHED.entries())
        for (let first = 0; first < CONNECTIONS; first += FRAMES_PER_BATCH) {
          const ports = Array.from({ length: FRAMES_PER_BATCH }, (_, i) => 40_000 + first + i);
          const frames = ports.map((port) => frameOf(family, segment, port, SECOND + BigInt(n)));
          engines.run(frames, `segment ${n} from port ${40_000 + first} on`);
        }
      expect(engines.shortPackets()).toBeGreaterThanOrEqual(2 * CONNECTIONS);
    });

    it.each(SEEDS)("changes nothing under random rules, SLUICE_SEED=%i", async (seed) => {
      const random = new Random(seed);
      let firewallsWithShortWay = 0;
      for (let n = 0; n < FIREWALLS; n++) {
        const engines = await EnginePair.create(kinds);
        converse(engines, random, new Crowd(random, random.pick(MIXTURES), random.pick(["few", "nobody"])), [
          randomFirewall(random),
        ]);
        if (engines.shortPackets() > 0) firewallsWithShortWay++;
      }
      expect(firewallsWithShortWay).toBeGreaterThan(0);
    });
  });
}

/** Seeds in a row have one each. */
function mixtureOf(seed: number): readonly Family[] {
  return MIXTURES[seed % MIXTURES.length]!;
}

/** A segment between the client and a pod's port 80. */
function frameOf(family: Family, [from, flags, seq, ack]: Segment, port: number, time: bigint): CapturedFrame {
  const [sender, receiver] = from === "client" ? [CLIENT, POD] : [POD, CLIENT];
  const ports = from === "client" ? { src: port, dst: 80 } : { src: 80, dst: port };
  const packet = ip({ src: sender[family], dst: receiver[family] }, tcp({ ...ports, flags, seq, ack, window: 1000 }));
  return { link: sender.link, time, outbound: false, frame: frame(sender.mac, NODE_MACS[sender.link], packet) };
}

/** A segment between a pod and the endpoint of the Service `web`, each as its sender sends it. */
function toWeb(family: Family, [from, flags, seq, ack]: Segment, time: bigint): CapturedFrame {
  const [sender, target] = from === "client" ? [POD_NARROW, WEB] : [POD, POD_NARROW];
  const ports = from === "client" ? { src: 40_000, dst: WEB.port } : { src: WEB.targetPort, dst: 40_000 };
  const packet = ip({ src: sender[family], dst: target[family] }, tcp({ ...ports, flags, seq, ack, window: 1000 }));
  return { link: sender.link, time, outbound: false, frame: frame(sender.mac, NODE_MACS[sender.link], packet) };
}

/** The crowd talks, in batches, seconds or minutes after each other. Now and then a program is loaded, the next in turn. */
function converse(
  engines: EnginePair,
  random: Random,
  crowd: Crowd,
  rulesets: readonly Ruleset[],
  network = NETWORK,
): void {
  const programs = rulesets.map((ruleset) => compileProgram({ ruleset, network }));
  expect(programs.flatMap(({ problems }) => problems)).toEqual([]);
  let time = SECOND;
  for (let batch = 0; batch < BATCHES; batch++) {
    const { image } = programs[batch % programs.length]!;
    if (batch < programs.length || random.once(4)) engines.loadProgram(image);
    time += random.pick([1n, 1n, 40n, 130n]) * SECOND;
    crowd.hear(engines.run(crowd.frames(FRAMES_PER_BATCH, time), `batch ${batch}`), LINKS);
  }
}

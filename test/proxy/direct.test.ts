/**
 * Mode direct does to every packet what mode nftables does: two engines with the same seed draw the same lots, so that not
 * even the endpoint or the masqueraded port may differ.
 */

import { describe, expect, it } from "vitest";
import type { Cluster, IpFamily } from "../../src/cluster/types.ts";
import { deriveNetwork } from "../../src/network/derive.ts";
import type { NodeNetwork } from "../../src/network/types.ts";
import { generateRules, RulesHistory } from "../../src/proxy/generate.ts";
import type { ProxyConfiguration, ProxyNode } from "../../src/proxy/types.ts";
import { readHeader } from "../../src/replay/header.ts";
import { caseFiles, caseInput, caseNetwork, type ProxyCase, readCase } from "../conformance/case.ts";
import { type Passed, TestNode } from "../support/engine.ts";
import { allGoldenNames, goldenInput } from "../support/golden.ts";
import { ip, type Payload } from "../support/packet.ts";
import { clusterOf, clusterService, proxyConfiguration, slice } from "../support/proxy.ts";
import { Random, SEED } from "../support/random.ts";
import { icmp4, icmp6, sctp, tcp, udp } from "../support/transport.ts";
import {
  linkOf,
  ownAddress,
  placesOf,
  RANDOM_NODE,
  randomCluster,
  randomConfiguration,
  randomNetwork,
  sourcesOf,
} from "./random-cluster.ts";

const PACKETS = 250;
const CLUSTERS = 60;
const STATES = 4;
/** Clients of Services with an affinity of a second come again in time, or too late. */
const HALF_A_SECOND = 600_000_000n;
const FAMILIES: readonly IpFamily[] = ["IPv4", "IPv6"];
const SCTP_INIT = { type: 1, value: new Uint8Array([0, 0, 0, 1, 0, 0, 16, 0, 0, 1, 0, 1, 0, 0, 0, 1]) };

interface Input {
  readonly cluster: Cluster;
  readonly node: ProxyNode;
  readonly configuration: ProxyConfiguration;
}

/** A node of each mode; both are given the same packets. */
class Twins {
  readonly #nodes: readonly [TestNode, TestNode];
  readonly #histories = [new RulesHistory(), new RulesHistory()] as const;

  private constructor(nodes: readonly [TestNode, TestNode]) {
    this.#nodes = nodes;
  }

  static async create(network: NodeNetwork, input: Input): Promise<Twins> {
    const empty = { build: "debug", ruleset: { tables: [] }, network, seed: 7n } as const;
    const twins = new Twins([await TestNode.create(empty), await TestNode.create(empty)]);
    twins.load(input);
    return twins;
  }

  load({ cluster, node, configuration }: Input): void {
    (["nftables", "direct"] as const).forEach((mode, i) => {
      this.#nodes[i]!.load(generateRules(cluster, node, { ...configuration, mode }, this.#histories[i]));
    });
  }

  wait(nanoseconds: bigint): void {
    for (const node of this.#nodes) node.wait(nanoseconds);
  }

  /** Without a link, the node itself sends it. */
  pass(link: string | undefined, packet: Uint8Array): Passed {
    const [nftables, direct] = this.#nodes.map((node) => {
      return link === undefined ? node.send(packet.slice()) : node.receive(link, packet.slice());
    });
    expect(told(direct!)).toEqual(told(nftables!));
    return direct!;
  }
}

describe.each(allGoldenNames())("golden scenario %s", (name) => {
  it("has the same fate in both modes", async () => {
    const input = goldenInput(name);
    const twins = await Twins.create(deriveNetwork(input.cluster, input.node.name), input);
    talk(twins, new Random(SEED), input.cluster, PACKETS);
  });
});

describe.each(caseFiles("flows", "nftables-"))("kube-proxy's own case %s", (file) => {
  it("has the same fate in both modes", async () => {
    const flowCase = readCase<ProxyCase>(`flows/${file}`);
    const input = caseInput(flowCase);
    const twins = await Twins.create(caseNetwork(flowCase.proxy), input);
    talk(twins, new Random(SEED), input.cluster, PACKETS);
  });
});

it("a client that comes again in time keeps its endpoint, however long that goes on", async () => {
  const service = clusterService({ affinityTimeoutSeconds: 1 });
  const endpoints = slice(["10.0.2.1", "10.0.2.2", "10.0.2.3", "10.0.2.4", "10.0.2.5"]);
  const input = { cluster: clusterOf([service], [endpoints]), node: RANDOM_NODE, configuration: proxyConfiguration() };
  const twins = await Twins.create(randomNetwork(), input);
  const reached = Array.from({ length: 20 }, (_, n) => {
    twins.wait(HALF_A_SECOND);
    const packet = ip({ src: "10.0.1.1", dst: "10.96.0.1" }, udp({ src: 20_000 + n, dst: 80 }));
    const syn = ip({ src: "10.0.1.1", dst: "10.96.0.1" }, tcp({ src: 20_000 + n, dst: 80, flags: "S" }));
    expect(readHeader(twins.pass(linkOf("10.0.1.1"), packet).packet)?.dst).toBe("10.96.0.1");
    return readHeader(twins.pass(linkOf("10.0.1.1"), syn).packet)?.dst;
  });
  expect(new Set(reached).size).toBe(1);
  expect(endpoints.endpoints.map(({ addresses }) => addresses[0])).toContain(reached[0]);
});

describe(`random clusters, seed ${SEED}`, () => {
  it.each(Array.from({ length: CLUSTERS }, (_, n) => n))("%i, as its Services change", async (n) => {
    const random = new Random(SEED * CLUSTERS + n);
    const configuration = randomConfiguration(random);
    const given = () => ({ cluster: randomCluster(random), node: RANDOM_NODE, configuration });
    let input = given();
    const twins = await Twins.create(randomNetwork(), input);
    const verdicts = new Set<string>();
    for (let state = 0; state < STATES; state++) {
      for (const verdict of talk(twins, random, input.cluster, PACKETS / STATES)) verdicts.add(verdict);
      input = given();
      twins.load(input);
    }
    expect(verdicts).toContain("forward");
  });
});

/** Random packets to the Services, and answers to some of what leaves; returns the verdicts. */
function talk(twins: Twins, random: Random, cluster: Cluster, count: number): string[] {
  const places = new Map(FAMILIES.map((family) => [family, placesOf(cluster, family)]));
  return Array.from({ length: count }, () => {
    if (random.once(16)) twins.wait(HALF_A_SECOND);
    const family = random.pick(FAMILIES);
    const { address, port } = random.pick(places.get(family)!);
    const isOwn = random.once(5);
    const src = isOwn ? random.pick([ownAddress(family), address]) : random.pick(sourcesOf(family));
    const packet = ip({ src, dst: address }, payload(random, family, port));
    const passed = twins.pass(isOwn ? undefined : linkOf(src), packet);
    if (random.once(2)) for (const { link, packet: left } of passed.sent) answer(twins, link, left);
    return passed.verdict;
  });
}

function payload(random: Random, family: IpFamily, dst: number): Payload {
  const src = 20_000 + random.below(40);
  switch (random.below(8)) {
    case 0:
      return sctp({ src, dst, tag: 0 }, SCTP_INIT);
    case 1:
      return family === "IPv4" ? icmp4(8, 0, src << 16) : icmp6(128, 0, src << 16);
    case 2:
      return tcp({ src, dst, flags: random.pick(["A", "R", "FA", "SA"]), seq: 1 });
    case 3:
    case 4:
      return udp({ src, dst });
    default:
      return tcp({ src, dst, flags: "S", seq: random.below(2 ** 32) });
  }
}

/** What the other end says, if it is TCP or UDP. */
function answer(twins: Twins, link: string, left: Uint8Array): void {
  const { src, dst, sport = 0, dport = 0, proto } = readHeader(left) ?? {};
  if (src === undefined || dst === undefined || (proto !== "tcp" && proto !== "udp")) return;
  const ports = { src: dport, dst: sport };
  twins.pass(link, ip({ src: dst, dst: src }, proto === "udp" ? udp(ports) : tcp({ ...ports, flags: "SA", seq: 1 })));
}

/** Bytes as text: a difference is to be readable. */
function told({ packet, sent, ...rest }: Passed) {
  return { ...rest, packet: hex(packet), sent: sent.map((one) => ({ link: one.link, packet: hex(one.packet) })) };
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

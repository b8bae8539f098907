/** Packets of established connections, both directions: what one costs at different numbers of connections. */

import * as Layout from "../assembly/layout/engine.ts";
import type { IpFamily } from "../src/cluster/types.ts";
import { Engine } from "../src/engine/instance.ts";
import { engineWasm } from "../src/engine/wasm-node.ts";
import { ProgramHistory, prepareProgram } from "../src/library/setup.ts";
import { deriveNetwork } from "../src/network/derive.ts";
import { generateRules } from "../src/proxy/generate.ts";
import { proxyNode } from "../src/proxy/node.ts";
import { benchmarkCluster, CONFIGURATION, CONFIGURATION6, NODE } from "../src/scale/cluster.ts";
import { openConversations, TIME } from "../src/scale/conversations.ts";
import { ACK, DATA_BYTES, PacketWriter, packetBytesOf, SLICE } from "../src/scale/packets.ts";
import { SCALE_FORMS, type ScaleMode } from "../src/scale/scale.ts";
import { Random } from "../src/traffic/random.ts";
import type { Figure } from "./figures.ts";
import { compileReference } from "./reference/native.ts";
import { preparePlain } from "./reference/plain.ts";

const SERVICES = 1000;
const ENDPOINTS = 10;
const PACKETS = 1 << 20;
const WARM_UP = 2;
const ROUNDS = 10;

/** A round of each in turn, so that whatever else the machine does meets all of them. Without a C compiler none of C. */
export async function benchmarkEstablished(connections: number): Promise<Figure> {
  const engine = await prepare(connections);
  const plain = preparePlain(connections);
  const reference = compileReference();
  for (let round = 0; round < WARM_UP; round++) [engine(), plain()];
  const rounds = Array.from({ length: ROUNDS }, () => ({
    engine: engine(),
    plain: plain(),
    native: reference === undefined ? [] : [reference.round(connections)],
  }));
  reference?.remove();
  return {
    name: `a packet of ${connections} established connections`,
    unit: "ns",
    values: rounds.map((round) => round.engine),
    references: {
      "the same in C, without TCP's state": rounds.flatMap((round) => round.native),
      "and in JavaScript": rounds.map((round) => round.plain),
    },
  };
}

/** The same of IPv6 packets, each round beside one of IPv4. */
export async function benchmarkEstablished6(connections: number): Promise<Figure> {
  const engine = await prepare(connections, "IPv6");
  const ip4 = await prepare(connections);
  for (let round = 0; round < WARM_UP; round++) [engine(), ip4()];
  const rounds = Array.from({ length: ROUNDS }, () => ({ engine: engine(), ip4: ip4() }));
  return {
    name: `an IPv6 packet of ${connections} established connections`,
    unit: "ns",
    values: rounds.map((round) => round.engine),
    references: { "over IPv4": rounds.map((round) => round.ip4) },
  };
}

/** Opens the connections. What it returns sends packets of random ones through the engine: nanoseconds per packet. */
export async function prepare(connections: number, family: IpFamily = "IPv4"): Promise<() => number> {
  const engine = await createEngine(connections, { family });
  const conversations = openConversations(engine, connections, SERVICES, PACKETS, family);
  const random = new Random(7);
  const sequences = [new Uint32Array(connections).fill(2), new Uint32Array(connections).fill(2)] as const;
  return () => {
    const writer = new PacketWriter(engine, TIME, family);
    for (let i = 0; i < PACKETS; i++) {
      const connection = random.below(connections);
      const { client, server } = conversations[connection]!;
      const [own, other] = random.below(2) === 0 ? sequences : [sequences[1], sequences[0]];
      writer.add(own === sequences[0] ? client : server, ACK, own[connection]!, other[connection]!);
      own[connection]! += DATA_BYTES;
    }
    const before = engine.counter(Layout.FAST_PACKETS);
    const nanoseconds = writer.process();
    if (engine.counter(Layout.FAST_PACKETS) - before !== PACKETS)
      throw new Error("not every packet went the short way");
    return nanoseconds / PACKETS;
  };
}

export interface EngineOptions {
  readonly services?: number;
  readonly fastPath?: boolean;
  readonly family?: IpFamily;
  /** Default: of as many Services, in nftables mode. */
  readonly image?: Uint8Array;
}

/** An engine with room for the connections, and a program of Services with ten endpoints each. */
export async function createEngine(connections: number, options: EngineOptions = {}): Promise<Engine> {
  const { services = SERVICES, fastPath = true, family = "IPv4" } = options;
  const engine = await Engine.create(engineWasm(), {
    connectionsMax: Math.max(1024, Math.ceil(connections * 1.05)),
    chunkBytes: PACKETS * packetBytesOf(family),
    descriptorsMax: SLICE,
    flags: (fastPath ? Layout.ENGINE_FAST_PATH : 0) | (family === "IPv6" ? Layout.ENGINE_IP6 : 0),
  });
  engine.loadProgram(options.image ?? imageOf(services, "nftables", family));
  return engine;
}

/** The program of so many Services. */
export function imageOf(services: number, form: ScaleMode, family: IpFamily = "IPv4"): Uint8Array {
  const { mode, optimise } = SCALE_FORMS[form];
  const cluster = benchmarkCluster(services, ENDPOINTS, family);
  const configuration = { ...(family === "IPv4" ? CONFIGURATION : CONFIGURATION6), mode };
  const ruleset = generateRules(cluster, proxyNode(cluster, NODE)!, configuration);
  return prepareProgram(cluster, ruleset, deriveNetwork(cluster, NODE), new ProgramHistory({ optimise })).image;
}

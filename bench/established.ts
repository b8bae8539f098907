/** Packets of established connections, both directions: what one costs at different numbers of connections. */

import * as Layout from "../assembly/layout/engine.ts";
import type { Tuple } from "../src/engine/connections.ts";
import { Engine } from "../src/engine/instance.ts";
import { engineWasm } from "../src/engine/wasm-node.ts";
import { deriveNetwork } from "../src/network/derive.ts";
import { compileProgram } from "../src/program/compile.ts";
import { generateNftables } from "../src/proxy/nftables/ruleset.ts";
import { proxyNode } from "../src/proxy/node.ts";
import { Random } from "../src/traffic/random.ts";
import { benchmarkCluster, CONFIGURATION, clusterIp, NODE, PORT } from "./cluster.ts";
import { compileReference } from "./reference/native.ts";
import { preparePlain } from "./reference/plain.ts";
import { ACK, DATA_BYTES, type Direction, PACKET_BYTES, PacketWriter, SLICE, SYN, SYN_ACK } from "./traffic.ts";

const SERVICES = 1000;
const ENDPOINTS = 10;
const PACKETS = 1 << 20;
const WARM_UP = 2;
const ROUNDS = 10;
const TIME = 1_700_000_000_000_000_000n;

/** Nanoseconds per packet, one figure a round: the engine, and what it is compared with. Without a C compiler no `native`. */
export interface EstablishedResult {
  readonly engine: readonly number[];
  readonly native: readonly number[];
  readonly plain: readonly number[];
}

interface Conversation {
  readonly client: Direction;
  readonly server: Direction;
}

/** A round of each in turn, so that whatever else the machine does meets all of them. */
export async function benchmarkEstablished(connections: number): Promise<EstablishedResult> {
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
    engine: rounds.map((round) => round.engine),
    plain: rounds.map((round) => round.plain),
    native: rounds.flatMap((round) => round.native),
  };
}

/** Opens the connections. What it returns sends packets of random ones through the engine: nanoseconds per packet. */
export async function prepare(connections: number): Promise<() => number> {
  const engine = await createEngine(connections);
  const conversations = open(engine, connections);
  const random = new Random(7);
  const sequences = [new Uint32Array(connections).fill(2), new Uint32Array(connections).fill(2)] as const;
  return () => {
    const writer = new PacketWriter(engine, TIME);
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
}

/** An engine with room for the connections, and a program of Services with ten endpoints each. */
export async function createEngine(connections: number, options: EngineOptions = {}): Promise<Engine> {
  const { services = SERVICES, fastPath = true } = options;
  const engine = await Engine.create(engineWasm(), {
    connectionsMax: Math.max(1024, Math.ceil(connections * 1.05)),
    chunkBytes: PACKETS * PACKET_BYTES,
    descriptorsMax: SLICE,
    flags: fastPath ? Layout.ENGINE_FAST_PATH : 0,
  });
  const cluster = benchmarkCluster(services, ENDPOINTS);
  const ruleset = generateNftables(cluster, proxyNode(cluster, NODE)!, CONFIGURATION);
  engine.loadProgram(compileProgram({ ruleset, network: deriveNetwork(cluster, NODE) }).image);
  return engine;
}

/** Opens the connections by their handshakes; each then has both directions' packets on the short way. */
function open(engine: Engine, connections: number): Conversation[] {
  const clients = Array.from({ length: connections }, (_, n) => clientOf(n));
  handshake(engine, clients, SYN, 1, 0);
  const servers = [...engine.connections()].map(({ original, reply }) => ({
    client: numbers(original),
    server: numbers(reply),
  }));
  if (servers.length !== connections) throw new Error(`only ${servers.length} connections are open`);
  handshake(
    engine,
    servers.map(({ server }) => server),
    SYN_ACK,
    1,
    2,
  );
  for (let i = 0; i < 2; i++) {
    handshake(
      engine,
      servers.map(({ client }) => client),
      ACK,
      2,
      2,
    );
    handshake(
      engine,
      servers.map(({ server }) => server),
      ACK,
      2,
      2,
    );
  }
  return servers;
}

/** A pod's connection: clients differ in address and port. */
export function clientOf(n: number, services = SERVICES): Direction {
  return { src: 0x0a010000 + (n >>> 12), srcPort: 1024 + (n & 4095), dst: clusterIp(n % services), dstPort: PORT };
}

function handshake(
  engine: Engine,
  directions: readonly Direction[],
  flags: number,
  sequence: number,
  acknowledged: number,
): void {
  for (let first = 0; first < directions.length; first += PACKETS) {
    const writer = new PacketWriter(engine, TIME);
    for (const direction of directions.slice(first, first + PACKETS))
      writer.add(direction, flags, sequence, acknowledged);
    writer.process();
  }
}

function numbers(tuple: Tuple): Direction {
  return { src: number(tuple.src), dst: number(tuple.dst), srcPort: tuple.sport ?? 0, dstPort: tuple.dport ?? 0 };
}

function number(address: string): number {
  return address.split(".").reduce((value, part) => value * 256 + Number(part), 0);
}

/** Connections of pods with the Services of a scaled cluster, opened in an engine by their handshakes. */

import type { IpFamily } from "../cluster/types.ts";
import type { Tuple } from "../engine/connections.ts";
import type { Engine } from "../engine/instance.ts";
import { addressNumber, clusterIp, PORT } from "./cluster.ts";
import { ACK, type Direction, PacketWriter, SYN, SYN_ACK } from "./packets.ts";

/** Nanoseconds since 1970: no time passes while packets are measured. */
export const TIME = 1_700_000_000_000_000_000n;
/** ACKs of each side after which a connection's packets go the short way. */
const ACKS = 2;

/** What the two sides of a connection send. */
export interface Conversation {
  readonly client: Direction;
  readonly server: Direction;
}

/** The n-th pod's connection: clients differ in address and port, and take the Services in turn. */
export function clientOf(n: number, services: number): Direction {
  return { src: 0x0a010000 + (n >>> 12), srcPort: 1024 + (n & 4095), dst: clusterIp(n % services), dstPort: PORT };
}

/** Opens connections; `packetsMax` packets fit into the engine's chunk at a time. */
export function openConversations(
  engine: Engine,
  count: number,
  services: number,
  packetsMax: number,
  family: IpFamily = "IPv4",
): Conversation[] {
  const send = (directions: readonly Direction[], flags: number, sequence: number, acknowledged: number) => {
    for (let first = 0; first < directions.length; first += packetsMax) {
      const writer = new PacketWriter(engine, TIME, family);
      for (const direction of directions.slice(first, first + packetsMax))
        writer.add(direction, flags, sequence, acknowledged);
      writer.process();
    }
  };
  const syns = Array.from({ length: count }, (_, n) => clientOf(n, services));
  send(syns, SYN, 1, 0);
  const conversations = [...engine.connections()].map(({ original, reply }) => ({
    client: directionOf(original),
    server: directionOf(reply),
  }));
  if (conversations.length !== count) throw new Error(`only ${conversations.length} of ${count} connections are open`);
  const clients = conversations.map(({ client }) => client);
  const servers = conversations.map(({ server }) => server);
  send(servers, SYN_ACK, 1, 2);
  for (let i = 0; i < ACKS; i++) {
    send(clients, ACK, 2, 2);
    send(servers, ACK, 2, 2);
  }
  return conversations;
}

function directionOf(tuple: Tuple): Direction {
  const { src, dst, sport = 0, dport = 0 } = tuple;
  return { src: addressNumber(src), dst: addressNumber(dst), srcPort: sport, dstPort: dport };
}

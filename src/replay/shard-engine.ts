/** An engine that has a share of the captures' packets: what assembly/shard/index.ts exports besides, and its beginning. */

import * as Layout from "../../assembly/layout/engine.ts";
import * as ShardLayout from "../../assembly/layout/shard.ts";
import type { Engine } from "../engine/instance.ts";
import type { EngineExports } from "../engine/load.ts";
import { addressOf } from "../network/address.ts";
import { PROTOCOL_NUMBERS } from "../ruleset/protocols.ts";
import type { ObservedBatch, Shard, ShardServer } from "./types.ts";

export interface ShardExports extends EngineExports {
  /** Makes the engine the `index`-th of `count`, to be told of so many servers; 0: no memory is left. */
  readonly share: (count: number, index: number, servers: number) => number;
  /** Notes where servers listen: so many of layout/shard.ts, at an address. */
  readonly addServers: (at: number, count: number) => void;
  /** Keeps the shard's own packets of the descriptors, at the front; returns how many they are. */
  readonly select: (first: number, count: number) => number;
  /** A descriptor's number among all packets; of the first one behind a selection: of the packet that comes after it. */
  readonly ordinalOf: (index: number) => number;
  /** Look at connections for such as are not the shard's own: at those in the queue of ended ones, and in the table. */
  readonly checkEnded: () => void;
  readonly checkOpen: () => void;
  /** No more connections were open at any time. */
  readonly mostOpen: () => number;
  /** OBSTACLE_* of layout/shard.ts. */
  readonly obstacles: () => number;
  /** Writes where the output of each of the descriptors ends; returns the address behind that. */
  readonly indexOutput: (first: number, count: number, to: number) => number;
  /** Merges the output of shards up to a packet; returns the address behind it. */
  readonly interleave: (parts: number, count: number, limit: number, to: number) => number;
}

const IP4_BYTES = 4;

/** What a shard's engine exports. */
export function shardExports({ exports }: { readonly exports: EngineExports }): ShardExports {
  if (!("share" in exports)) throw new Error("this engine cannot have a share of the packets");
  return exports as ShardExports;
}

/** To be called before the engine has a program. The chunk is used for it. */
export function makeShard(engine: Engine, { count, index, servers }: Shard): void {
  const exports = shardExports(engine);
  if (exports.share(count, index, servers.length) === 0) throw new Error("a shard does not fit into its memory");
  const chunk = engine.field(Layout.CHUNK);
  const atOnce = Math.floor(engine.field(Layout.CHUNK_BYTES) / ShardLayout.SERVER_SIZE);
  for (let first = 0; first < servers.length; first += atOnce) {
    const some = servers.slice(first, first + atOnce);
    for (const [place, server] of some.entries()) writeServer(engine, chunk + place * ShardLayout.SERVER_SIZE, server);
    exports.addServers(chunk, some.length);
  }
}

/** The shard's own packets of a batch: their numbers are not known. */
export function ownPackets(engine: Engine, { first, count, numberOf }: ObservedBatch): ObservedBatch {
  return { first, count: shardExports(engine).select(first, count) >>> 0, numberOf };
}

function writeServer(engine: Engine, at: number, { protocol, address, port, isNode }: ShardServer): void {
  const { memory } = engine;
  const bytes = addressOf(address);
  engine.bytes(at + ShardLayout.SERVER_ADDRESS, bytes.length).set(bytes);
  memory.setUint16(at + ShardLayout.SERVER_PORT, port);
  memory.setUint8(at + ShardLayout.SERVER_PROTOCOL, PROTOCOL_NUMBERS[protocol] ?? 0);
  memory.setUint8(at + ShardLayout.SERVER_FAMILY, bytes.length === IP4_BYTES ? 4 : 6);
  memory.setUint8(at + ShardLayout.SERVER_RANK, isNode ? ShardLayout.RANK_NODE : ShardLayout.RANK_SERVER);
}

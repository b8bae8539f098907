/** Where servers listen: which end of a connection is the client's decides its class (assembly/shard/classes.ts). */

import type { ServiceAddresses } from "../report/services.ts";
import type { ReplayProgram } from "./replay.ts";
import type { ShardServer } from "./types.ts";

/** Where Services and their endpoints listen. What listens at the node's addresses competes with ports that it masquerades to. */
export function serversOf({ services, network }: ReplayProgram): ShardServer[] {
  const own = new Set(network.interfaces.flatMap(({ addresses }) => addresses.map(({ address }) => address)));
  return listening(services).map((server) => ({ ...server, isNode: own.has(server.address) }));
}

function listening({ fronts, entries }: ServiceAddresses): Omit<ShardServer, "isNode">[] {
  const behind = entries.flatMap(({ protocol, endpoints }) =>
    endpoints.map(({ address, port }) => ({ protocol, address, port })),
  );
  return [...fronts.map(({ protocol, address, port }) => ({ protocol, address, port })), ...behind];
}

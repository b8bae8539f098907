/** Node ports (pkg/registry/core/service/portallocator): a number that anybody has is chosen for nobody else, whatever its protocol. */

import { seededHash } from "../seeded.ts";
import { bandOf, nextFree } from "./band.ts";

/** The API server's --service-node-port-range. */
export const NODE_PORT_FIRST = 30000;
export const NODE_PORT_LAST = 32767;
/** KEP-3668: 30000 to 30085 are given last. */
const BAND = bandOf(NODE_PORT_LAST - NODE_PORT_FIRST + 1, { low: 16, step: 32, high: 128 });

export class NodePortAllocator {
  readonly #taken = new Set<number>();
  readonly #seed: number;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** Takes a port that a Service names: validation has refused what two of them name. */
  reserve(port: number): void {
    this.#taken.add(port);
  }

  /** A free port; `owner` is what it is for. undefined: the range is full. */
  allocate(owner: string): number | undefined {
    const random = seededHash(this.#seed, owner);
    const offset = nextFree(BAND, random, (free) => !this.#taken.has(NODE_PORT_FIRST + free));
    if (offset === undefined) return undefined;
    this.#taken.add(NODE_PORT_FIRST + offset);
    return NODE_PORT_FIRST + offset;
  }
}

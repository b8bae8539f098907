/** A cluster whose Services come, go and change as dice say: each state has the objects of the one before but for a few. */

import type { Cluster, ClusterService, Slice } from "../../src/cluster/types.ts";
import { clusterOf, clusterService, slice } from "./proxy.ts";
import type { Random } from "./random.ts";

/** How many more Services there may be at times. */
const MORE = 5;

export class RandomServices {
  readonly #random: Random;
  readonly #count: number;
  readonly #services = new Map<number, readonly [ClusterService, Slice]>();

  constructor(random: Random, count: number) {
    this.#random = random;
    this.#count = count;
    for (let n = 0; n < count; n++) this.#services.set(n, this.#service(n));
  }

  get cluster(): Cluster {
    const parts = [...this.#services.values()];
    return clusterOf(
      parts.map(([service]) => service),
      parts.map(([, endpoints]) => endpoints),
    );
  }

  /** A Service goes, comes, or has other ports, policies and endpoints. */
  change(): void {
    const n = this.#random.below(this.#count + MORE);
    if (this.#random.once(5)) this.#services.delete(n);
    else this.#services.set(n, this.#service(n));
  }

  /** Service n: of any kind that makes rules of its own. */
  #service(n: number): readonly [ClusterService, Slice] {
    const random = this.#random;
    const name = `service-${n}`;
    const isExternal = random.once(2);
    const service = clusterService({
      name,
      clusterIps: [clusterIpOf(n)],
      ports: [
        {
          name: "http",
          protocol: "TCP",
          port: 80,
          targetPort: 8080,
          ...(isExternal ? { nodePort: nodePortOf(n) } : {}),
        },
      ],
      type: isExternal ? "NodePort" : "ClusterIP",
      externalTrafficPolicy: random.once(2) ? "Local" : "Cluster",
      ...(random.once(3) ? { affinityTimeoutSeconds: 10_800 } : {}),
    });
    const count = random.below(4);
    const addresses = Array.from({ length: count }, (_, i) => `10.244.${1 + random.below(2)}.${10 + i}`);
    return [service, slice(addresses, { name: `${name}-1`, service: name })];
  }
}

export function clusterIpOf(n: number): string {
  return `10.96.1.${n + 1}`;
}

export function nodePortOf(n: number): number {
  return 30000 + n;
}

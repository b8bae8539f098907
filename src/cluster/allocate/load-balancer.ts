/** Addresses of load balancers from pools, as MetalLB gives them: the first one that is free. */

import { familyOf, formatAddress } from "../../network/address.ts";
import type { IpFamily } from "../types.ts";
import { type AddressRange, addressAt, inRange } from "./address-range.ts";

export class LoadBalancerPool {
  readonly #ranges: readonly AddressRange[];
  readonly #taken = new Set<string>();
  /** Where the search of each range goes on: nothing below is free. */
  readonly #next = new Map<AddressRange, number>();

  constructor(ranges: readonly AddressRange[]) {
    this.#ranges = ranges;
  }

  isEmpty(): boolean {
    return this.#ranges.length === 0;
  }

  reserve(address: string): void {
    this.#taken.add(address);
  }

  /** Takes an address that a Service asks for; returns what MetalLB has against it. */
  request(address: string): string | undefined {
    if (!this.#ranges.some((range) => inRange(range, address))) return `"${address}" is not allowed in config`;
    if (this.#taken.has(address)) return `can't change sharing key, address also in use: ${address}`;
    this.#taken.add(address);
    return undefined;
  }

  allocate(family: IpFamily): string | undefined {
    for (const range of this.#ranges) {
      if (familyOf(formatAddress(range.first)) !== family) continue;
      for (let offset = this.#next.get(range) ?? 0; offset < range.size; offset++) {
        const address = addressAt(range, offset);
        this.#next.set(range, offset + 1);
        if (this.#taken.has(address)) continue;
        this.#taken.add(address);
        return address;
      }
    }
    return undefined;
  }
}

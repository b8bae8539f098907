/** Cluster IPs from the service CIDRs (pkg/registry/core/service/ipallocator). */

import { familyOf } from "../../network/address.ts";
import { prefixOf } from "../../network/prefix.ts";
import { seededHash } from "../seeded.ts";
import type { IpFamily } from "../types.ts";
import { type AddressRange, addressAt, hostRange, inRange } from "./address-range.ts";
import { type Band, bandOf, nextFree } from "./band.ts";
import type { ServiceCidr } from "./service-cidrs.ts";

/** KEP-3070. */
const BANDS = { low: 16, step: 16, high: 256 };

const MISMATCHED = "the provided network does not match the current range";
const ALLOCATED = "provided IP is already allocated";

/** What the API server says, and what there is to know. */
export interface Refusal {
  readonly reason: string;
  readonly remedy: string;
}

interface Source extends ServiceCidr {
  readonly family: IpFamily;
  readonly range: AddressRange;
  readonly band: Band;
}

export class ClusterIpAllocator {
  readonly #sources: readonly Source[];
  readonly #seed: number;
  readonly #taken = new Set<string>();
  /** Addresses that are given to nobody who does not name them, and whose they are, if an object says so. */
  readonly #withheld = new Map<string, string | undefined>();
  /** Families of which nothing is left: nobody searches twice. */
  readonly #full = new Set<IpFamily>();
  readonly #strict: boolean;

  /**
   * `strict`: the CIDRs are known, not supposed, so that an address outside them cannot be right.
   * The first address of all is the Service's "kubernetes", whether the manifests have it or not.
   */
  constructor(cidrs: readonly ServiceCidr[], seed: number, strict: boolean) {
    this.#sources = cidrs.map(sourceOf);
    this.#seed = seed;
    this.#strict = strict;
    const [primary] = this.#sources;
    if (primary !== undefined) this.withhold(addressAt(primary.range, 0));
  }

  /** The cluster's families, its primary one first. */
  families(): readonly IpFamily[] {
    return [...new Set(this.#sources.map(({ family }) => family))];
  }

  /**
   * Takes an address that a Service names; returns what the API server has against it. Validation has refused what two of
   * them name. A CIDR that is not ready counts: the Service may have had the address before.
   */
  reserve(address: string, service: string): Refusal | undefined {
    if (this.#strict && !this.#sources.some(({ range }) => inRange(range, address))) {
      return {
        reason: MISMATCHED,
        remedy: `cluster IPs come from ${this.#sources.map(({ cidr }) => cidr).join(", ")}`,
      };
    }
    const owner = this.#withheld.get(address);
    if (owner !== undefined && owner !== service) {
      return { reason: ALLOCATED, remedy: `the IPAddress ${address} belongs to ${owner}` };
    }
    this.#taken.add(address);
    return undefined;
  }

  /** Gives it to nobody but its owner: `namespace/name` of a Service, or something else's name. */
  withhold(address: string, owner?: string): void {
    this.#withheld.set(address, owner);
  }

  /** A free address; the same Service gets the same one as long as nobody else has it. undefined: the range is full. */
  allocate(family: IpFamily, service: string): string | undefined {
    if (this.#full.has(family)) return undefined;
    const random = seededHash(this.#seed, `${family} ${service}`);
    for (const { range, band } of this.#sources.filter((source) => source.family === family && source.isReady)) {
      const offset = nextFree(band, random, (free) => this.#isFree(addressAt(range, free)));
      if (offset === undefined) continue;
      const address = addressAt(range, offset);
      this.#taken.add(address);
      return address;
    }
    this.#full.add(family);
    return undefined;
  }

  #isFree(address: string): boolean {
    return !this.#taken.has(address) && !this.#withheld.has(address);
  }
}

function sourceOf({ cidr, isReady }: ServiceCidr): Source {
  const range = hostRange(cidr);
  const { bytes, length } = prefixOf(cidr);
  const total = 2 ** (bytes.length * 8 - length);
  return { cidr, isReady, family: familyOf(cidr), range, band: { ...bandOf(total, BANDS), size: range.size } };
}

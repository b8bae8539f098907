/** Cluster IPs from the service CIDRs (pkg/registry/core/service/ipallocator). */

import { familyOf } from "../../network/address.ts";
import { prefixOf } from "../../network/prefix.ts";
import { seededHash } from "../seeded.ts";
import type { IpFamily } from "../types.ts";
import { type AddressRange, addressAt, hostRange, inRange } from "./address-range.ts";
import { type Band, bandOf, nextFree } from "./band.ts";

/** KEP-3070. */
const BANDS = { low: 16, step: 16, high: 256 };

interface Source {
  readonly cidr: string;
  readonly family: IpFamily;
  readonly range: AddressRange;
  readonly band: Band;
}

export class ClusterIpAllocator {
  readonly #sources: readonly Source[];
  readonly #seed: number;
  readonly #taken = new Set<string>();
  /** Addresses that are given to nobody who does not name them. */
  readonly #withheld = new Set<string>();
  /** Families of which nothing is left: nobody searches twice. */
  readonly #full = new Set<IpFamily>();
  readonly #strict: boolean;

  /**
   * `strict`: the CIDRs are known, not supposed, so that an address outside them cannot be right.
   * The first address of all is the Service's "kubernetes", whether the manifests have it or not.
   */
  constructor(cidrs: readonly string[], seed: number, strict: boolean) {
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
   * them name.
   */
  reserve(address: string): string | undefined {
    const sources = this.#sources.filter(({ family }) => family === familyOf(address));
    if (this.#strict && !sources.some(({ range }) => inRange(range, address))) {
      const ranges = sources.map(({ cidr }) => cidr).join(", ");
      return `the provided IP (${address}) is not in the valid range. The range of valid IPs is ${ranges}`;
    }
    this.#taken.add(address);
    return undefined;
  }

  /** An IPAddress object has it, whosever it is. */
  withhold(address: string): void {
    this.#withheld.add(address);
  }

  /** A free address; the same Service gets the same one as long as nobody else has it. undefined: the range is full. */
  allocate(family: IpFamily, service: string): string | undefined {
    if (this.#full.has(family)) return undefined;
    const random = seededHash(this.#seed, `${family} ${service}`);
    for (const { range, band } of this.#sources.filter((source) => source.family === family)) {
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

function sourceOf(cidr: string): Source {
  const range = hostRange(cidr);
  const { bytes, length } = prefixOf(cidr);
  const total = 2 ** (bytes.length * 8 - length);
  return { cidr, family: familyOf(cidr), range, band: { ...bandOf(total, BANDS), size: range.size } };
}

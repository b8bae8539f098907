/** Which of a node's addresses the kernel takes as a source: inet_select_addr() and ipv6_dev_get_saddr(). */

import { compareBytes, parseAddress } from "../network/address.ts";
import { commonPrefixLength, type Prefix, prefixContains } from "../network/prefix.ts";
import type { NetworkInterface } from "../network/types.ts";

/** rtnetlink's scopes: the smaller, the further an address or route reaches. */
export const SCOPES = { global: 0, site: 200, link: 253, host: 254 } as const;

const IP4_BYTES = 4;
/** fe80::/10 */
const LINK_LOCAL: Prefix = { bytes: Uint8Array.of(0xfe, 0x80, ...new Array<number>(14).fill(0)), length: 10 };

export interface SourceAddress {
  readonly bytes: Uint8Array;
  readonly prefixLength: number;
  readonly scope: number;
  readonly secondary: boolean;
}

export type SourceAddresses = readonly (readonly SourceAddress[])[];

/** The addresses of one family, by interface. */
export function addressesOf(interfaces: readonly NetworkInterface[], bytes: number): SourceAddresses {
  return interfaces.map(({ addresses }) =>
    addresses.flatMap(({ address, prefixLength, scope, secondary }) => {
      const parsed = parseAddress(address);
      return parsed?.length === bytes ? [{ bytes: parsed, prefixLength, scope: SCOPES[scope], secondary }] : [];
    }),
  );
}

/**
 * The source on interface `out` towards `hop`, for a route or use of a scope. The interface's first address with the
 * hop in its network, else its first; an interface without one takes the first suitable one of the node.
 */
export function selectSource(
  all: SourceAddresses,
  out: number,
  hop: Uint8Array,
  scope: number,
): Uint8Array | undefined {
  if (hop.length !== IP4_BYTES) return selectSource6(all, out, hop);
  const own = (all[out] ?? []).filter((address) => !address.secondary && address.scope <= scope);
  const near = own.find(({ bytes, prefixLength }) => commonPrefixLength(bytes, hop) >= prefixLength) ?? own[0];
  if (near !== undefined) return near.bytes;
  return all.flat().find((address) => !address.secondary && address.scope !== SCOPES.link && address.scope <= scope)
    ?.bytes;
}

/** RFC 6724 as far as a table of routes can know: the destination itself, its scope, the interface, the longest prefix. */
function selectSource6(all: SourceAddresses, out: number, hop: Uint8Array): Uint8Array | undefined {
  const isLinkLocal = prefixContains(LINK_LOCAL, hop);
  const scope = isLinkLocal ? SCOPES.link : SCOPES.global;
  const suitable = (addresses: readonly SourceAddress[]) => addresses.filter((address) => address.scope === scope);
  const own = suitable(all[out] ?? []);
  const candidates = own.length > 0 || isLinkLocal ? own : suitable(all.flat());
  let best: SourceAddress | undefined;
  for (const candidate of candidates) {
    if (compareBytes(candidate.bytes, hop) === 0) return candidate.bytes;
    if (best === undefined || rank(candidate, hop) > rank(best, hop)) best = candidate;
  }
  return best?.bytes;
}

/** Bits in common count no further than the source's own prefix (ipv6_addr_diff in ipv6_get_saddr_eval). */
function rank({ bytes, prefixLength }: SourceAddress, hop: Uint8Array): number {
  return Math.min(commonPrefixLength(bytes, hop), prefixLength);
}

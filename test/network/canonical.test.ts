/** Addresses against ip-num, an implementation that knows nothing of ours. */

import fc from "fast-check";
import { IPv6 } from "ip-num";
import { describe, expect, it } from "vitest";
import { canonicalAddress } from "../../src/network/address.ts";
import { canonicalCidr } from "../../src/network/prefix.ts";

const GROUPS = fc.array(fc.oneof(fc.constant(0), fc.nat(0xffff)), { minLength: 8, maxLength: 8 });

const CANONICAL: readonly (readonly [string, string | undefined])[] = [
  ["10.0.0.1", "10.0.0.1"],
  ["255.255.255.255", "255.255.255.255"],
  ["0.0.0.0", "0.0.0.0"],
  ["10.0.0.01", undefined],
  ["10.0.0", undefined],
  ["10.0.0.0.1", undefined],
  ["10.0.0.", undefined],
  ["10.0.0.256", undefined],
  ["10.0.0.1 ", undefined],
  ["", undefined],
  ["FD00:0:0:0:0:0:0:1", "fd00::1"],
  ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
  ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
  ["::", "::"],
  ["::1", "::1"],
  ["1::", "1::"],
  ["64:ff9b::192.0.2.33", "64:ff9b::c000:221"],
  ["::ffff:10.0.0.1", undefined],
  ["fd00::1%eth0", undefined],
  ["fd00::1::2", undefined],
  ["fd00:12345::1", undefined],
  ["1:2:3:4:5:6:7", undefined],
  ["1:2:3:4:5:6:7:8:9", undefined],
  ["1:2:3:4::5:6:7:8", undefined],
  [":1:2:3:4:5:6:7", undefined],
  ["10.0.0.1::", undefined],
];

const CIDRS: readonly (readonly [string, string | undefined])[] = [
  ["10.1.2.3/8", "10.0.0.0/8"],
  ["10.1.2.3/32", "10.1.2.3/32"],
  ["10.1.2.255/25", "10.1.2.128/25"],
  ["0.0.0.0/0", "0.0.0.0/0"],
  ["255.255.255.255/0", "0.0.0.0/0"],
  ["10.0.0.0/33", undefined],
  ["10.0.0.0/08", undefined],
  ["10.0.0.0/", undefined],
  ["10.0.0.0", undefined],
  ["FD00:1:2:3::9/48", "fd00:1:2::/48"],
  ["fd00::ffff/121", "fd00::ff80/121"],
  ["::/0", "::/0"],
  ["fd00::/129", undefined],
];

describe("canonicalAddress", () => {
  it.each(CANONICAL)("%s → %s", (text, canonical) => {
    expect(canonicalAddress(text)).toBe(canonical);
  });

  it("keeps the address and is a fixed point", () => {
    const same = (groups: number[]): void => {
      const text = groups.map((group) => group.toString(16)).join(":");
      const canonical = canonicalAddress(text);
      if (canonical === undefined) expect(groups.slice(0, 6)).toEqual([0, 0, 0, 0, 0, 0xffff]);
      else {
        expect(IPv6.fromString(canonical).getValue()).toBe(IPv6.fromString(text).getValue());
        expect(canonicalAddress(canonical)).toBe(canonical);
      }
    };
    fc.assert(fc.property(GROUPS, same));
  });
});

describe("canonicalCidr", () => {
  it.each(CIDRS)("%s → %s", (text, canonical) => {
    expect(canonicalCidr(text)).toBe(canonical);
  });
});

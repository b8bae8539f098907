import { isIPv4, isIPv6 } from "node:net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareBytes, formatAddress, parseAddress } from "../../src/network/address.ts";
import { commonPrefixLength, parsePrefix, prefixContains } from "../../src/network/prefix.ts";

const canonical: readonly (readonly [string, string])[] = [
  ["10.0.0.1", "10.0.0.1"],
  ["255.255.255.255", "255.255.255.255"],
  ["::", "::"],
  ["::1", "::1"],
  ["1::", "1::"],
  ["2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
  ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
  ["fd00:10:96::a", "fd00:10:96::a"],
  ["::ffff:192.0.2.1", "::ffff:c000:201"],
  ["1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"],
];

const candidates = [
  "",
  "1.2.3",
  "1.2.3.4.5",
  "01.2.3.4",
  "256.1.1.1",
  "1..2.3",
  "1.2.3.",
  ":",
  ":1",
  "1:",
  ":::",
  "1::2::3",
  "1:2:3:4:5:6:7:8:9",
  "1:2:3:4:5:6:7:8::",
  "12345::",
  "g::",
  "1.2.3.4::",
  "::1.2.3",
  "fe80::1%eth0",
  "1:2:3:4:5:6:7",
  "::1:",
  "1:2:3:4:5:6:7:1.2.3.4",
  "1:2:3:4:5:6:1.2.3.4",
];

describe("addresses", () => {
  it.each(canonical)("%s is written %s", (text, expected) => {
    expect(formatAddress(parseAddress(text)!)).toBe(expected);
  });

  it.each(candidates)('"%s" is an address exactly if Node says so', (text) => {
    expect(parseAddress(text) !== undefined).toBe(isIPv4(text) || (isIPv6(text) && !text.includes("%")));
  });

  it("what is printed is read back", () => {
    const bytes = fc.oneof(
      fc.uint8Array({ minLength: 4, maxLength: 4 }),
      fc.uint8Array({ minLength: 16, maxLength: 16, max: 2 }),
    );
    fc.assert(fc.property(bytes, (address) => compareBytes(parseAddress(formatAddress(address))!, address) === 0));
  });

  it("a prefix holds the addresses of its network and family", () => {
    const prefix = parsePrefix("10.244.1.77/24")!;
    expect(formatAddress(prefix.bytes)).toBe("10.244.1.0");
    expect(prefixContains(prefix, parseAddress("10.244.1.255")!)).toBe(true);
    expect(prefixContains(prefix, parseAddress("10.244.2.0")!)).toBe(false);
    expect(prefixContains(prefix, parseAddress("::a0f4:101")!)).toBe(false);
    expect(prefixContains(parsePrefix("::/0")!, parseAddress("2001:db8::1")!)).toBe(true);
    for (const text of ["10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "::/129", "/8", "10.0.0.0/1.5"]) {
      expect(parsePrefix(text)).toBeUndefined();
    }
  });

  it("counts the leading bits that two addresses share", () => {
    expect(commonPrefixLength(parseAddress("10.0.0.1")!, parseAddress("10.0.0.1")!)).toBe(32);
    expect(commonPrefixLength(parseAddress("10.0.0.1")!, parseAddress("10.128.0.1")!)).toBe(8);
    expect(commonPrefixLength(parseAddress("fd00::1")!, parseAddress("fd00::")!)).toBe(127);
  });
});

/** ServiceCIDRs and IPAddresses that the API server refuses, and its words. */

import { describe, expect, it } from "vitest";
import { errorsOf, IP_ADDRESS, type Row, SERVICE_CIDR } from "./patched.ts";
import { ADDRESS_WORDS, CIDR_WORDS, SUBDOMAIN_WORDS } from "./words.ts";

const SERVICE_CIDRS: readonly Row[] = [
  ["a valid ServiceCIDR", "{}"],
  ["one of each family", "{spec: {cidrs: ['fd00::/112', 10.96.0.0/16]}}"],
  ["it has a range", "{spec: {cidrs: []}}", "spec.cidrs: Required value: at least one CIDR required"],
  ["it has a specification", "{spec: null}", "spec.cidrs: Required value: at least one CIDR required"],
  [
    "two ranges are all",
    "{spec: {cidrs: [10.1.0.0/16, 10.2.0.0/16, 'fd00::/112']}}",
    'spec.cidrs: Invalid value: {"CIDRs":["10.1.0.0/16","10.2.0.0/16","fd00::/112"]}: may only hold up to 2 values',
  ],
  [
    "two ranges are of two families",
    "{spec: {cidrs: [10.1.0.0/16, 10.2.0.0/16]}}",
    'spec.cidrs: Invalid value: ["10.1.0.0/16","10.2.0.0/16"]: may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64',
  ],
  ["a range is a CIDR", "{spec: {cidrs: [10.1.0.0]}}", `spec.cidrs[0]: Invalid value: "10.1.0.0": ${CIDR_WORDS}`],
  [
    "a range ends with its length",
    "{spec: {cidrs: [10.1.0.1/16]}}",
    'spec.cidrs[0]: Invalid value: "10.1.0.1/16": must not have bits set beyond the prefix length',
  ],
  [
    "a range has no leading zeros",
    "{spec: {cidrs: [010.1.0.0/16]}}",
    'spec.cidrs[0]: Invalid value: "010.1.0.0/16": must not have leading 0s in IP or prefix length',
  ],
  [
    "nor has its length",
    "{spec: {cidrs: ['fd00::/064']}}",
    'spec.cidrs[0]: Invalid value: "fd00::/064": must not have leading 0s in IP or prefix length',
  ],
  [
    "a range is not IPv4 in IPv6",
    "{spec: {cidrs: ['::ffff:10.1.0.0/112']}}",
    'spec.cidrs[0]: Invalid value: "::ffff:10.1.0.0/112": must not have an IPv4-mapped IPv6 address',
  ],
  [
    "a range is written in one way",
    "{spec: {cidrs: ['FD00:0::/112']}}",
    'spec.cidrs[0]: Invalid value: "FD00:0::/112": must be in canonical form ("fd00::/112")',
  ],
  ["its name is a domain", "{metadata: {name: A}}", `metadata.name: Invalid value: "A": ${SUBDOMAIN_WORDS}`],
];

const IP_ADDRESSES: readonly Row[] = [
  ["a valid IPAddress", "{}"],
  ["an IPv6 address is a name", "{metadata: {name: 'fd00::1'}}"],
  ["a parent of another group", "{spec: {parentRef: {group: gateway.networking.k8s.io, resource: gateways}}}"],
  ["its name is an address", "{metadata: {name: web}}", `metadata.name: Invalid value: "web": ${ADDRESS_WORDS}`],
  [
    "its name is written in one way",
    "{metadata: {name: 'FD00:0::1'}}",
    'metadata.name: Invalid value: "FD00:0::1": must be in canonical form ("fd00::1")',
  ],
  [
    "its name has no leading zeros",
    "{metadata: {name: 10.96.0.01}}",
    'metadata.name: Invalid value: "10.96.0.01": must not have leading 0s',
  ],
  [
    "its name is not IPv4 in IPv6",
    "{metadata: {name: '::ffff:10.96.0.1'}}",
    'metadata.name: Invalid value: "::ffff:10.96.0.1": must not be an IPv4-mapped IPv6 address',
  ],
  ["it has a parent", "{spec: {parentRef: null}}", "spec.parentRef: Required value"],
  ["somebody has it", "{spec: null}", "spec.parentRef: Required value"],
  [
    "a parent is of a resource and has a name",
    "{spec: {parentRef: {resource: null, name: ''}}}",
    "spec.parentRef.resource: Required value",
    "spec.parentRef.name: Required value",
  ],
  [
    "a parent's group is a domain",
    "{spec: {parentRef: {group: A}}}",
    `spec.parentRef.group: Invalid value: "A": ${SUBDOMAIN_WORDS}`,
  ],
  [
    "a parent is part of a URL",
    "{spec: {parentRef: {resource: a/b, name: .., namespace: a%b}}}",
    "spec.parentRef.resource: Invalid value: \"a/b\": may not contain '/'",
    "spec.parentRef.namespace: Invalid value: \"a%b\": may not contain '%'",
    "spec.parentRef.name: Invalid value: \"..\": may not be '..'",
  ],
];

describe("a ServiceCIDR", () => {
  it.each(SERVICE_CIDRS)("%s", (_, patch, ...expected) => expect(errorsOf(SERVICE_CIDR, patch)).toEqual(expected));
});

describe("an IPAddress", () => {
  it.each(IP_ADDRESSES)("%s", (_, patch, ...expected) => expect(errorsOf(IP_ADDRESS, patch)).toEqual(expected));
});

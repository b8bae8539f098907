/** Addresses of Services that the API server refuses, and its words. */

import { describe, expect, it } from "vitest";
import { errorsOf, type Row, SERVICE } from "./patched.ts";
import { ADDRESS_WORDS, LINK_LOCAL_WORDS, LOOPBACK_WORDS, MULTICAST_WORDS } from "./words.ts";

const DUAL_STACK_WORDS = "must be 'RequireDualStack' or 'PreferDualStack' when multiple";

const ADDRESSES: readonly Row[] = [
  [
    "a cluster IP is an address",
    "{spec: {clusterIP: 10.96.0}}",
    `spec.clusterIPs[0]: Invalid value: "10.96.0": ${ADDRESS_WORDS}`,
  ],
  [
    "a cluster IP has no leading zeros",
    "{spec: {clusterIP: 10.96.0.01}}",
    'spec.clusterIPs[0]: Invalid value: "10.96.0.01": must not have leading 0s',
  ],
  [
    "nor has an external IP, and it is not IPv4 in IPv6",
    "{spec: {externalIPs: [192.0.2.01, '::ffff:192.0.2.1', '::ffff:192.0.2.01']}}",
    'spec.externalIPs[0]: Invalid value: "192.0.2.01": must not have leading 0s',
    'spec.externalIPs[1]: Invalid value: "::ffff:192.0.2.1": must not be an IPv4-mapped IPv6 address',
    'spec.externalIPs[2]: Invalid value: "::ffff:192.0.2.01": must not have leading 0s',
    'spec.externalIPs[2]: Invalid value: "::ffff:192.0.2.01": must not be an IPv4-mapped IPv6 address',
  ],
  ["none is not None", "{spec: {clusterIP: none}}", `spec.clusterIPs[0]: Invalid value: "none": ${ADDRESS_WORDS}`],
  [
    "cluster IPs start with the cluster IP",
    "{spec: {clusterIPs: [10.96.0.2]}}",
    'spec.clusterIPs: Invalid value: ["10.96.0.2"]: first value must match `clusterIP`',
  ],
  [
    "cluster IPs need the cluster IP",
    "{spec: {clusterIP: '', clusterIPs: [10.96.0.2]}}",
    'spec.clusterIPs: Invalid value: ["10.96.0.2"]: must be empty when `clusterIP` is not specified',
  ],
  [
    "None stands alone",
    "{spec: {clusterIP: None, clusterIPs: [None, 10.96.0.1]}}",
    'spec.clusterIPs: Invalid value: ["None","10.96.0.1"]: \'None\' must be the first and only value',
  ],
  [
    "None stands first",
    "{spec: {clusterIPs: [10.96.0.1, None]}}",
    `spec.clusterIPs[1]: Invalid value: "None": ${ADDRESS_WORDS}`,
  ],
  [
    "two cluster IPs are of two families",
    "{spec: {clusterIPs: [10.96.0.1, 10.96.0.2], ipFamilyPolicy: PreferDualStack}}",
    'spec.clusterIPs: Invalid value: ["10.96.0.1","10.96.0.2"]: may specify no more than one IP for each IP family',
  ],
  [
    "two cluster IPs are all",
    "{spec: {clusterIPs: [10.96.0.1, 'fd00::1', 10.96.0.3], ipFamilyPolicy: PreferDualStack}}",
    'spec.clusterIPs: Invalid value: ["10.96.0.1","fd00::1","10.96.0.3"]: may only hold up to 2 values',
  ],
  ["two cluster IPs", "{spec: {clusterIPs: [10.96.0.1, 'fd00::1'], ipFamilyPolicy: PreferDualStack}}"],
  [
    "two cluster IPs need a policy",
    "{spec: {clusterIPs: [10.96.0.1, 'fd00::1']}}",
    `spec.ipFamilyPolicy: Invalid value: "SingleStack": ${DUAL_STACK_WORDS} cluster IPs are specified`,
  ],
  [
    "two families need a policy",
    "{spec: {ipFamilies: [IPv4, IPv6], ipFamilyPolicy: SingleStack}}",
    `spec.ipFamilyPolicy: Invalid value: "SingleStack": ${DUAL_STACK_WORDS} IP families are specified`,
  ],
  [
    "an IPv4 family has an IPv4 address",
    "{spec: {clusterIP: 'fd00::1', ipFamilies: [IPv4]}}",
    'spec.clusterIPs[0]: Invalid value: "fd00::1": expected an IPv4 value as indicated by `ipFamilies[0]`',
  ],
  [
    "an IPv6 family has an IPv6 address",
    "{spec: {ipFamilies: [IPv6]}}",
    'spec.clusterIPs[0]: Invalid value: "10.96.0.1": expected an IPv6 value as indicated by `ipFamilies[0]`',
  ],
  [
    "families are in the order of the addresses",
    "{spec: {clusterIPs: [10.96.0.1, 'fd00::1'], ipFamilies: [IPv6, IPv4], ipFamilyPolicy: RequireDualStack}}",
    'spec.clusterIPs[0]: Invalid value: "10.96.0.1": expected an IPv6 value as indicated by `ipFamilies[0]`',
    'spec.clusterIPs[1]: Invalid value: "fd00::1": expected an IPv4 value as indicated by `ipFamilies[1]`',
  ],
  [
    "a family is there once",
    "{spec: {ipFamilies: [IPv4, IPv4], ipFamilyPolicy: PreferDualStack}}",
    'spec.ipFamilies[1]: Duplicate value: "IPv4"',
  ],
  [
    "family ipv4",
    "{spec: {ipFamilies: [ipv4]}}",
    'spec.ipFamilies[0]: Unsupported value: "ipv4": supported values: "IPv4", "IPv6"',
  ],
  [
    "policy DualStack",
    "{spec: {ipFamilyPolicy: DualStack}}",
    'spec.ipFamilyPolicy: Unsupported value: "DualStack": supported values: "PreferDualStack", "RequireDualStack", "SingleStack"',
  ],
  [
    "a headless Service without selector has every family",
    "{spec: {clusterIP: None, selector: null, ipFamilies: [IPv4, IPv6]}}",
  ],
  [
    "an external IP is an address",
    "{spec: {externalIPs: [x]}}",
    `spec.externalIPs[0]: Invalid value: "x": ${ADDRESS_WORDS}`,
  ],
  [
    "an external IP is specified",
    "{spec: {externalIPs: [0.0.0.0]}}",
    'spec.externalIPs[0]: Invalid value: "0.0.0.0": may not be unspecified (0.0.0.0)',
  ],
  [
    "an external IPv6 address is specified",
    "{spec: {externalIPs: ['::']}}",
    'spec.externalIPs[0]: Invalid value: "::": may not be unspecified (::)',
  ],
  [
    "an external IP is not loopback",
    "{spec: {externalIPs: [127.1.2.3]}}",
    `spec.externalIPs[0]: Invalid value: "127.1.2.3": ${LOOPBACK_WORDS}`,
  ],
  [
    "an external IPv6 address is not loopback",
    "{spec: {externalIPs: ['::1']}}",
    `spec.externalIPs[0]: Invalid value: "::1": ${LOOPBACK_WORDS}`,
  ],
  [
    "an external IP is not link-local",
    "{spec: {externalIPs: [169.254.169.254]}}",
    `spec.externalIPs[0]: Invalid value: "169.254.169.254": ${LINK_LOCAL_WORDS}`,
  ],
  [
    "an external IPv6 address is not link-local",
    "{spec: {externalIPs: ['febf::1']}}",
    `spec.externalIPs[0]: Invalid value: "febf::1": ${LINK_LOCAL_WORDS}`,
  ],
  [
    "an external IP is not link-local multicast",
    "{spec: {externalIPs: [224.0.0.251]}}",
    `spec.externalIPs[0]: Invalid value: "224.0.0.251": ${MULTICAST_WORDS}`,
  ],
  [
    "an external IPv6 address is not link-local multicast",
    "{spec: {externalIPs: ['ff02::1']}}",
    `spec.externalIPs[0]: Invalid value: "ff02::1": ${MULTICAST_WORDS}`,
  ],
  ["other multicast is let through", "{spec: {externalIPs: [224.0.1.1, 'ff05::1']}}"],
  ["fe8:: is a global address", "{spec: {externalIPs: ['fe8::1', 'ff2::1']}}"],
];

describe("a Service's addresses", () => {
  it.each(ADDRESSES)("%s", (_, patch, ...expected) => expect(errorsOf(SERVICE, patch)).toEqual(expected));
});

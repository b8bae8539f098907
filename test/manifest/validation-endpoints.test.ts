/** EndpointSlices and Endpoints that the API server refuses, and its words. */

import { describe, expect, it } from "vitest";
import { ENDPOINTS, errorsOf, type Row, SLICE } from "./patched.ts";
import {
  ADDRESS_WORDS,
  LABEL_WORDS,
  LINK_LOCAL_WORDS,
  LOOPBACK_WORDS,
  MULTICAST_WORDS,
  PORT_WORDS,
  QUALIFIED_WORDS,
  SUBDOMAIN_WORDS,
  VALUE_WORDS,
} from "./words.ts";

const ZONES = (count: number): string => Array.from({ length: count }, (_, index) => `{name: z${index}}`).join(", ");

const ITEMS = (count: number, item: string): string => new Array<string>(count).fill(item).join(", ");

const SLICES: readonly Row[] = [
  ["a valid slice", "{}"],
  ["a slice has a type", "{addressType: null}", "addressType: Required value"],
  [
    "type ipv4",
    "{addressType: ipv4}",
    'addressType: Unsupported value: "ipv4": supported values: "FQDN", "IPv4", "IPv6"',
  ],
  [
    "an endpoint has an address",
    "{endpoints: [{addresses: []}]}",
    "endpoints[0].addresses: Required value: must contain at least 1 address",
  ],
  [
    "an endpoint has at most 100 addresses",
    `{endpoints: [{addresses: [${ITEMS(101, "10.0.0.1")}]}]}`,
    "endpoints[0].addresses: Too many: 101: must have at most 100 items",
  ],
  [
    "a slice has at most 1000 endpoints",
    `{endpoints: [${ITEMS(1001, "{addresses: [10.0.0.1]}")}]}`,
    "endpoints: Too many: 1001: must have at most 1000 items",
  ],
  [
    "an address is of the slice's type",
    "{endpoints: [{addresses: ['fd00::1']}]}",
    'endpoints[0].addresses[0]: Invalid value: "fd00::1": must be a valid IPv4 address',
  ],
  [
    "and the other way round",
    "{addressType: IPv6}",
    'endpoints[0].addresses[0]: Invalid value: "10.244.1.5": must be a valid IPv6 address',
  ],
  [
    "an address is one",
    "{endpoints: [{addresses: [x]}]}",
    'endpoints[0].addresses[0]: Invalid value: "x": must be a valid IPv4 address',
    'endpoints[0].addresses[0]: Invalid value: "x": must be a valid IP address',
  ],
  [
    "an endpoint is not unspecified",
    "{endpoints: [{addresses: [0.0.0.0]}]}",
    'endpoints[0].addresses[0]: Invalid value: "0.0.0.0": may not be unspecified (0.0.0.0)',
  ],
  [
    "an endpoint is not loopback",
    "{endpoints: [{addresses: [127.0.0.1]}]}",
    `endpoints[0].addresses[0]: Invalid value: "127.0.0.1": ${LOOPBACK_WORDS}`,
  ],
  [
    "an endpoint is not link-local",
    "{endpoints: [{addresses: [169.254.0.1]}]}",
    `endpoints[0].addresses[0]: Invalid value: "169.254.0.1": ${LINK_LOCAL_WORDS}`,
  ],
  [
    "an endpoint is not link-local multicast",
    "{endpoints: [{addresses: [224.0.0.1]}]}",
    `endpoints[0].addresses[0]: Invalid value: "224.0.0.1": ${MULTICAST_WORDS}`,
  ],
  [
    "a name has two labels",
    "{addressType: FQDN, endpoints: [{addresses: [a]}]}",
    'endpoints[0].addresses[0]: Invalid value: "a": should be a domain with at least two segments separated by dots',
  ],
  [
    "a name is a domain",
    "{addressType: FQDN, endpoints: [{addresses: [A.b]}]}",
    `endpoints[0].addresses[0]: Invalid value: "A.b": ${SUBDOMAIN_WORDS}`,
  ],
  [
    "a node's name is a domain",
    "{endpoints: [{addresses: [10.0.0.1], nodeName: A_b}]}",
    `endpoints[0].nodeName: Invalid value: "A_b": ${SUBDOMAIN_WORDS}`,
  ],
  [
    "a host name is a label",
    "{endpoints: [{addresses: [10.0.0.1], hostname: a.b}]}",
    'endpoints[0].hostname: Invalid value: "a.b": must not contain dots',
  ],
  [
    "at most 8 zones",
    `{endpoints: [{addresses: [10.0.0.1], hints: {forZones: [${ZONES(9)}]}}]}`,
    "endpoints[0].hints.forZones: Too many: 9: must have at most 8 items",
  ],
  [
    "a zone is there once",
    "{endpoints: [{addresses: [10.0.0.1], hints: {forZones: [{name: a}, {name: a}]}}]}",
    'endpoints[0].hints.forZones[1].name: Duplicate value: "a"',
  ],
  [
    "a zone is a label's value",
    "{endpoints: [{addresses: [10.0.0.1], hints: {forZones: [{name: a b}]}}]}",
    `endpoints[0].hints.forZones[0].name: Invalid value: "a b": ${VALUE_WORDS}`,
  ],
  [
    "at most 8 nodes",
    `{endpoints: [{addresses: [10.0.0.1], hints: {forNodes: [${ZONES(9)}]}}]}`,
    "endpoints[0].hints.forNodes: Too many: 9: must have at most 8 items",
  ],
  [
    "a node is there once",
    "{endpoints: [{addresses: [10.0.0.1], hints: {forNodes: [{name: a}, {name: a}]}}]}",
    'endpoints[0].hints.forNodes[1].name: Duplicate value: "a"',
  ],
  [
    "a zone has a name",
    "{endpoints: [{addresses: [10.0.0.1], hints: {forZones: [{}]}}]}",
    "endpoints[0].hints.forZones[0].name: Required value",
  ],
  ["a port's name is a label", "{ports: [{name: A, port: 1}]}", `ports[0].name: Invalid value: "A": ${LABEL_WORDS}`],
  [
    "a port's name is its own",
    "{ports: [{name: a, port: 1}, {name: a, port: 2}]}",
    'ports[1].name: Duplicate value: "a"',
  ],
  ["no name is a name too", "{ports: [{port: 1}, {port: 2}]}", 'ports[1].name: Duplicate value: ""'],
  ["port 0", "{ports: [{port: 0}]}", `ports[0].port: Invalid value: 0: ${PORT_WORDS}`],
  [
    "protocol sctp",
    "{ports: [{port: 1, protocol: sctp}]}",
    'ports[0].protocol: Unsupported value: "sctp": supported values: "SCTP", "TCP", "UDP"',
  ],
  [
    "an application protocol is a qualified name",
    "{ports: [{port: 1, appProtocol: a b}]}",
    `ports[0].appProtocol: Invalid value: "a b": name part ${QUALIFIED_WORDS}`,
  ],
];

const ENDPOINTS_ROWS: readonly Row[] = [
  ["valid Endpoints", "{}"],
  [
    "a subset has addresses",
    "{subsets: [{ports: [{port: 1}]}]}",
    "subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`",
  ],
  [
    "an address is one",
    "{subsets: [{addresses: [{ip: x}]}]}",
    `subsets[0].addresses[0].ip: Invalid value: "x": ${ADDRESS_WORDS}`,
  ],
  ["an address is required", "{subsets: [{addresses: [{hostname: a}]}]}", "subsets[0].addresses[0].ip: Required value"],
  [
    "an address is not special",
    "{subsets: [{notReadyAddresses: [{ip: 127.0.0.1}]}]}",
    `subsets[0].notReadyAddresses[0].ip: Invalid value: "127.0.0.1": ${LOOPBACK_WORDS}`,
  ],
  [
    "a host name is a label",
    "{subsets: [{addresses: [{ip: 10.0.0.1, hostname: a.b}]}]}",
    'subsets[0].addresses[0].hostname: Invalid value: "a.b": must not contain dots',
  ],
  [
    "a node's name is a domain",
    "{subsets: [{addresses: [{ip: 10.0.0.1, nodeName: A}]}]}",
    `subsets[0].addresses[0].nodeName: Invalid value: "A": ${SUBDOMAIN_WORDS}`,
  ],
  [
    "several ports are named",
    "{subsets: [{addresses: [{ip: 10.0.0.1}], ports: [{port: 1, name: a}, {port: 2}]}]}",
    "subsets[0].ports[1].name: Required value",
  ],
  [
    "port 70000",
    "{subsets: [{addresses: [{ip: 10.0.0.1}], ports: [{port: 70000}]}]}",
    `subsets[0].ports[0].port: Invalid value: 70000: ${PORT_WORDS}`,
  ],
];

describe("an EndpointSlice", () => {
  it.each(SLICES)("%s", (_, patch, ...expected) => expect(errorsOf(SLICE, patch)).toEqual(expected));
});

describe("an Endpoints object", () => {
  it.each(ENDPOINTS_ROWS)("%s", (_, patch, ...expected) => expect(errorsOf(ENDPOINTS, patch)).toEqual(expected));
});

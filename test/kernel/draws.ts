/** What a node draws by chance, how often each outcome must come, and the packets that ask for it. */

import type { Cluster } from "../../src/cluster/types.ts";
import { generateIptables } from "../../src/proxy/iptables/ruleset.ts";
import { generateNftables } from "../../src/proxy/nftables/ruleset.ts";
import type { Nat, Ruleset } from "../../src/ruleset/types.ts";
import type { Distribution } from "../support/chi-square.ts";
import type { Decoded } from "../support/decode.ts";
import { ip } from "../support/packet.ts";
import { icmp4, icmp6, udp } from "../support/transport.ts";
import { arriving, leaving, type Network, zoned } from "./rules.ts";
import { CLUSTER, type Family, PROXY_CONFIGURATION, PROXY_NODE, TWINS } from "./services.ts";
import { CLIENT, POD } from "./world.ts";

/** A node: a packet that comes from a pod's link, and what it is when it leaves. */
export type Through = (packet: Uint8Array) => Decoded | undefined;

export interface Draw {
  readonly name: string;
  readonly ruleset: Ruleset;
  readonly tool?: "iptables";
  /** Makes the n-th draw and says what came of it. Hosts and ports are fresh with each, so that draws are independent. */
  readonly draw: (through: Through, family: Family, n: number) => string;
  readonly expected: Distribution;
  /** No chance is in it: two nodes must say the same. */
  readonly isFixed?: boolean;
}

const OFFSETS = 0x1_0000;
const ENDPOINTS = 5;
const SERVICE_PORT = 7000;

/** Where nf_nat_l4proto_unique_tuple() ends: 16 random bits are the first offset, then port after port until one is free. */
function searched(first: number, last: number, bucketPorts: number, taken?: number): Distribution {
  const shares = new Map<string, number>();
  for (let offset = 0; offset < OFFSETS; offset++) {
    const at = first + (offset % (last - first + 1));
    const port = at !== taken ? at : at === last ? first : at + 1;
    const bucket = bucketOf(port, first, bucketPorts);
    shares.set(bucket, (shares.get(bucket) ?? 0) + 1 / OFFSETS);
  }
  return shares;
}

function bucketOf(port: number, first: number, ports: number): string {
  return String(first + Math.floor((port - first) / ports) * ports);
}

function evenly(outcomes: readonly string[]): Distribution {
  return new Map(outcomes.map((outcome) => [outcome, 1 / outcomes.length]));
}

/** The n-th of 65536 hosts behind the pods' link. */
function host(family: Family, n: number): string {
  return family === "ip4" ? `172.20.${n >> 8}.${n & 255}` : `fd00:20::${n.toString(16)}`;
}

function datagram(family: Family, n: number, srcPort: number, dstPort: number, dst = CLIENT[family]): Uint8Array {
  return ip({ src: host(family, n), dst }, udp({ src: srcPort, dst: dstPort }));
}

// Endpoints.

function endpointAddress(family: Family, n: number): string {
  return family === "ip4" ? `192.0.2.${n}` : `2001:db8:1:0:0:0:0:${n}`;
}

/** The Service of two endpoints with more of them, elsewhere. */
const CROWDED: Cluster = {
  ...CLUSTER,
  endpointSlices: CLUSTER.endpointSlices.map((slice) => {
    const [first] = slice.endpoints;
    if (slice.service !== "twins" || first === undefined) return slice;
    const family = slice.family === "IPv4" ? "ip4" : "ip6";
    const addresses = Array.from({ length: ENDPOINTS }, (_, n) => endpointAddress(family, n + 1));
    return { ...slice, endpoints: addresses.map((address) => ({ ...first, addresses: [address] })) };
  }),
};

const ENDPOINT_DRAW = {
  draw: (through: Through, family: Family, n: number): string => {
    const seen = through(datagram(family, n, 1024 + n, TWINS.port, TWINS[family]));
    return lastDigit(seen?.dst);
  },
  expected: evenly(["1", "2", "3", "4", "5"]),
};

function lastDigit(address: string | undefined): string {
  return address?.match(/[0-9]+$/)?.[0] ?? "nothing";
}

// Source ports.

const MASQUERADE: Nat = { kind: "masquerade", flags: [] };
const RANGE: NonNullable<Nat["port"]> = { kind: "range", from: number(40000), to: number(40006) };

function number(value: number) {
  return { kind: "number", value } as const;
}

/** A rule that translates every source, and the port that a host's own port became. */
function sourcePort(name: string, snat: Nat, ownPort: number, window: readonly [number, number, number]): Draw {
  const [first, last, bucketPorts] = window;
  return {
    name,
    ruleset: leaving(() => snat),
    draw: (through, family, n) => portBucket(through(datagram(family, n, ownPort, 1 + n)), first, bucketPorts),
    expected: searched(first, last, bucketPorts),
  };
}

/** Two hosts with the same port to the same destination: the port of the second. */
function clash(ownPort: number, window: readonly [number, number, number], port?: Nat["port"]): Draw {
  const [first, last, bucketPorts] = window;
  return {
    name: `another port than ${ownPort}, which somebody has${port === undefined ? "" : ", of four"}`,
    ruleset: leaving(() => (port === undefined ? MASQUERADE : { ...MASQUERADE, port })),
    draw: (through, family, n) => {
      through(datagram(family, 2 * n, ownPort, 1 + n));
      return portBucket(through(datagram(family, 2 * n + 1, ownPort, 1 + n)), first, bucketPorts);
    },
    expected: searched(first, last, bucketPorts, ownPort),
  };
}

function portBucket(seen: Decoded | undefined, first: number, bucketPorts: number): string {
  return seen === undefined ? "nothing" : bucketOf(seen.srcPort, first, bucketPorts);
}

const IDENTIFIER = 0x1234;
const IDENTIFIERS_PER_BUCKET = 0x1000;

const ECHO_CLASH: Draw = {
  name: "another identifier of an echo than one that somebody has",
  ruleset: leaving(() => MASQUERADE),
  draw: (through, family, n) => {
    const dst = family === "ip4" ? `198.51.${n >> 8}.${n & 255}` : `2001:db8:51::${n.toString(16)}`;
    const echo = (src: string) =>
      ip({ src, dst }, family === "ip4" ? icmp4(8, 0, IDENTIFIER << 16) : icmp6(128, 0, IDENTIFIER << 16));
    through(echo(host(family, 2 * n)));
    const { payload } = through(echo(host(family, 2 * n + 1))) ?? {};
    return payload === undefined ? "nothing" : bucketOf((payload[4]! << 8) | payload[5]!, 0, IDENTIFIERS_PER_BUCKET);
  },
  expected: searched(0, 0xffff, IDENTIFIERS_PER_BUCKET, IDENTIFIER),
};

// Destinations.

function address(family: Network, n: number) {
  return { kind: "address", address: family === "ip" ? `192.0.2.${n}` : `2001:db8:1::${n}` } as const;
}

/** A literal with the addresses from 1 to `last`. */
function addresses(family: Network, last: number): NonNullable<Nat["target"]> {
  const range = { kind: "range", from: address(family, 1), to: address(family, last) } as const;
  return { kind: "literal", parts: [last === 1 ? address(family, 1) : range] };
}

function toPorts(name: string, flags: Nat["flags"], expected: Distribution, isFixed = false): Draw {
  return {
    name,
    ruleset: arriving((family) => ({ kind: "dnat", target: addresses(family, 1), port: RANGE, flags })),
    draw: (through, family, n) => String(through(datagram(family, n, 1024, SERVICE_PORT))?.dstPort ?? "nothing"),
    expected,
    isFixed,
  };
}

/** Every host to one of 300; which of eight addresses the translated end has. */
function ofAddresses(name: string, ruleset: Ruleset, end: "src" | "dst"): Draw {
  return {
    name,
    ruleset,
    draw: (through, family, n) => {
      const dst = host(family, (n * 7) % 300);
      return lastDigit(through(datagram(family, n, 1024 + n, SERVICE_PORT, dst))?.[end]);
    },
    expected: evenly(["1", "2", "3", "4", "5", "6", "7", "8"]),
    isFixed: true,
  };
}

function toAddresses(flags: Nat["flags"]): Ruleset {
  return arriving((family) => ({ kind: "dnat", target: addresses(family, 8), flags }));
}

const FROM_ADDRESSES = leaving((family) => ({ kind: "snat", target: addresses(family, 8), flags: [] }));
const ZONE: Ruleset = zoned([{ link: POD.link, zone: 0x1234 }]);

export const DRAWS: readonly Draw[] = [
  {
    name: "an endpoint in kube-proxy's nftables mode",
    ruleset: generateNftables(CROWDED, PROXY_NODE, PROXY_CONFIGURATION),
    ...ENDPOINT_DRAW,
  },
  {
    name: "an endpoint in kube-proxy's iptables mode",
    ruleset: generateIptables(CROWDED, PROXY_NODE, { ...PROXY_CONFIGURATION, mode: "iptables" }),
    tool: "iptables",
    ...ENDPOINT_DRAW,
  },
  // 16 bits do not divide by 64512: the first 1024 ports come twice as often, so all 32 buckets are equally full.
  sourcePort("a source port, random", { ...MASQUERADE, flags: ["random"] }, 40000, [1024, 65535, 2048]),
  sourcePort("a source port, fully random", { ...MASQUERADE, flags: ["fully-random"] }, 40000, [1024, 65535, 2048]),
  sourcePort("a privileged source port, random", { ...MASQUERADE, flags: ["random"] }, 700, [600, 1023, 32]),
  sourcePort("a source port of seven", { ...MASQUERADE, port: RANGE }, 50000, [40000, 40006, 1]),
  sourcePort("one of seven, random", { ...MASQUERADE, port: RANGE, flags: ["random"] }, 40003, [40000, 40006, 1]),
  clash(300, [1, 511, 32]),
  clash(700, [600, 1023, 32]),
  clash(40000, [1024, 65535, 2048]),
  // The search goes on behind the port that is taken: the next one gets its share, too.
  clash(40001, [40000, 40003, 1], { kind: "range", from: number(40000), to: number(40003) }),
  ECHO_CLASH,
  toPorts("a destination port of seven is the first", [], evenly(["40000"]), true),
  toPorts("a destination port of seven, random", ["random"], searched(40000, 40006, 1)),
  ofAddresses("a destination of eight follows from both hosts", toAddresses([]), "dst"),
  ofAddresses("a destination of eight, persistent, follows from the client", toAddresses(["persistent"]), "dst"),
  ofAddresses(
    "a destination of eight in a zone follows from the zone, too",
    { tables: [...ZONE.tables, ...toAddresses([]).tables] },
    "dst",
  ),
  ofAddresses("a source of eight follows from both hosts", FROM_ADDRESSES, "src"),
];

/** What the node says about packets that it does not pass on, or that are for itself. */

import { describe, expect, test } from "vitest";
import { kubeProxy } from "../kernel/rules.ts";
import { EMPTY, WEB } from "../kernel/services.ts";
import { CLIENT, POD, POD_NARROW } from "../kernel/world.ts";
import { zeros } from "../support/bytes.ts";
import { BUILDS, TestNode } from "../support/engine.ts";
import { type Ip4Fields, ip } from "../support/packet.ts";
import { NARROW_MTU, PLAIN_NODE, UPLINK_ADDRESS } from "../support/plain-node.ts";
import { icmp4, icmp6, raw, tcp, udp } from "../support/transport.ts";

const NODE = UPLINK_ADDRESS;
const FROM = CLIENT.ip4;
const NODE6 = "fd00:10::11";
const FROM6 = CLIENT.ip6;
const CONTROL = 0xc0;

interface Row {
  readonly fact: string;
  readonly packet: Uint8Array;
  readonly verdict: string;
  readonly reason: string;
  /** Packets that leave, IPv4 ids aside. */
  readonly sent: readonly Uint8Array[];
}

const SYN = tcp({ src: 4000, dst: 80, flags: "S", seq: 7 });
const DATAGRAM = udp({ src: 4000, dst: 80 }, Uint8Array.of(1, 2, 3));
const BIG = tcp({ src: 4000, dst: 80, flags: "A" }, zeros(1400));

/** An ICMP error of the node about a packet, from an address. */
function error(type: number, code: number, src: string, quote: Uint8Array, rest = 0, tos = CONTROL): Uint8Array {
  return ip({ src, dst: FROM, tos }, icmp4(type, code, rest, quote.subarray(0, 548)));
}

function from(dst: string, fields: Partial<Ip4Fields> = {}) {
  return { src: FROM, dst, ...fields };
}

const ROWS: readonly Row[] = [
  {
    fact: "a TTL that ends here is reported with the packet as it came",
    packet: ip(from(POD.ip4, { ttl: 1 }), DATAGRAM),
    verdict: "drop",
    reason: "ttl",
    sent: [error(11, 0, NODE, ip(from(POD.ip4, { ttl: 1 }), DATAGRAM))],
  },
  {
    fact: "a TTL that ends here on the way to an endpoint is reported by the ClusterIP, about the ClusterIP",
    packet: ip(from(WEB.ip4, { ttl: 1 }), DATAGRAM),
    verdict: "drop",
    reason: "ttl",
    sent: [error(11, 0, WEB.ip4, ip(from(WEB.ip4, { ttl: 1 }), DATAGRAM))],
  },
  {
    fact: "a packet that is too big and must not be cut is reported with the MTU",
    packet: ip(from(POD_NARROW.ip4, { dontFragment: true }), BIG),
    verdict: "drop",
    reason: "too-big",
    sent: [error(3, 4, NODE, ip(from(POD_NARROW.ip4, { dontFragment: true }), BIG), NARROW_MTU)],
  },
  {
    fact: "an unreachable route gives host unreachable",
    packet: ip(from("198.18.0.1"), DATAGRAM),
    verdict: "drop",
    reason: "unreachable",
    sent: [error(3, 1, NODE, ip(from("198.18.0.1"), DATAGRAM))],
  },
  {
    fact: "a prohibited route gives communication administratively prohibited",
    packet: ip(from("198.18.1.1"), DATAGRAM),
    verdict: "drop",
    reason: "prohibit",
    sent: [error(3, 13, NODE, ip(from("198.18.1.1"), DATAGRAM))],
  },
  {
    fact: "a blackhole says nothing",
    packet: ip(from("198.18.2.1"), DATAGRAM),
    verdict: "drop",
    reason: "blackhole",
    sent: [],
  },
  {
    fact: "a Service without endpoints rejects with the TTL already counted down",
    packet: ip(from(EMPTY.ip4), SYN),
    verdict: "reject",
    reason: "rule-reject",
    sent: [error(3, 3, NODE, ip(from(EMPTY.ip4, { ttl: 63 }), SYN))],
  },
  {
    fact: "the answer's TOS is internetwork control with the packet's own low bits",
    packet: ip(from(EMPTY.ip4, { tos: 0xb8 }), SYN),
    verdict: "reject",
    reason: "rule-reject",
    sent: [error(3, 3, NODE, ip(from(EMPTY.ip4, { ttl: 63, tos: 0xb8 }), SYN), 0, 0xd8)],
  },
  {
    fact: "a damaged packet is not rejected but passes",
    packet: ip(from(EMPTY.ip4, { damage: 1 }), SYN),
    verdict: "forward",
    reason: "none",
    sent: [ip(from(EMPTY.ip4, { ttl: 63, damage: 1 }), SYN)],
  },
  {
    fact: "a closed port resets",
    packet: ip(from(NODE, { ttl: 1 }), SYN),
    verdict: "local",
    reason: "closed-port",
    sent: [
      ip({ src: NODE, dst: FROM, dontFragment: true }, tcp({ src: 80, dst: 4000, flags: "RA", ack: 8, window: 0 })),
    ],
  },
  {
    fact: "a reset is not reset",
    packet: ip(from(NODE), tcp({ src: 4000, dst: 80, flags: "R" })),
    verdict: "local",
    reason: "local-silent",
    sent: [],
  },
  {
    fact: "a closed UDP port is unreachable",
    packet: ip(from(NODE), DATAGRAM),
    verdict: "local",
    reason: "closed-port",
    sent: [error(3, 3, NODE, ip(from(NODE), DATAGRAM))],
  },
  {
    fact: "an unknown protocol is unreachable",
    packet: ip(from(NODE), raw(99, zeros(8))),
    verdict: "local",
    reason: "protocol-unreachable",
    sent: [error(3, 2, NODE, ip(from(NODE), raw(99, zeros(8))))],
  },
  {
    fact: "an echo request with any code is answered with that code",
    packet: ip(from(NODE, { tos: 8 }), icmp4(8, 7, 0x10002, zeros(9))),
    verdict: "local",
    reason: "echo",
    sent: [ip({ src: NODE, dst: FROM, tos: 8 }, icmp4(0, 7, 0x10002, zeros(9)))],
  },
  {
    fact: "an error is not answered with an error",
    packet: ip(from("198.18.0.1"), icmp4(3, 3, 0, ip({ src: "198.18.0.1", dst: FROM }, DATAGRAM))),
    verdict: "drop",
    reason: "unreachable",
    sent: [],
  },
  {
    fact: "an answer is at most 576 bytes long",
    packet: ip(from(NODE), udp({ src: 4000, dst: 80 }, zeros(1000))),
    verdict: "local",
    reason: "closed-port",
    sent: [error(3, 3, NODE, ip(from(NODE), udp({ src: 4000, dst: 80 }, zeros(1000))))],
  },
  {
    fact: "the node's own address is no source",
    packet: ip({ src: NODE, dst: POD.ip4 }, DATAGRAM),
    verdict: "drop",
    reason: "martian-source",
    sent: [],
  },
  {
    fact: "groups are not forwarded",
    packet: ip(from("224.0.0.1"), DATAGRAM),
    verdict: "drop",
    reason: "broadcast",
    sent: [],
  },
  {
    fact: "an IPv6 hop limit that ends here is reported",
    packet: ip({ src: FROM6, dst: POD.ip6, hopLimit: 1 }, DATAGRAM),
    verdict: "drop",
    reason: "ttl",
    sent: [ip({ src: NODE6, dst: FROM6 }, icmp6(3, 0, 0, ip({ src: FROM6, dst: POD.ip6, hopLimit: 1 }, DATAGRAM)))],
  },
  {
    fact: "an IPv6 packet that is too big is reported with the MTU",
    packet: ip({ src: FROM6, dst: POD_NARROW.ip6 }, BIG),
    verdict: "drop",
    reason: "too-big",
    sent: [
      ip(
        { src: NODE6, dst: FROM6 },
        icmp6(2, 0, NARROW_MTU, ip({ src: FROM6, dst: POD_NARROW.ip6 }, BIG).subarray(0, 1232)),
      ),
    ],
  },
  {
    fact: "an unknown IPv6 next header is a parameter problem at its place",
    packet: ip({ src: FROM6, dst: NODE6 }, raw(99, zeros(8))),
    verdict: "local",
    reason: "protocol-unreachable",
    sent: [ip({ src: NODE6, dst: FROM6 }, icmp6(4, 1, 6, ip({ src: FROM6, dst: NODE6 }, raw(99, zeros(8)))))],
  },
];

describe.each(BUILDS)("%s engine", (build) => {
  test.each(ROWS)("$fact", async ({ packet, verdict, reason, sent }) => {
    const node = await TestNode.create({ build, ruleset: kubeProxy(), network: PLAIN_NODE });
    const passed = node.receive("eth0", packet);
    expect(passed).toMatchObject({ verdict, reason });
    expect(passed.sent.map((one) => withoutId(one.packet))).toEqual(sent.map(withoutId));
  });
});

/** The packet with IPv4's id and the checksum over it cleared: the kernel draws the ids of what it makes by lot. */
function withoutId(packet: Uint8Array): Uint8Array {
  const copy = packet.slice();
  if (copy[0]! >> 4 === 4) {
    copy.fill(0, 4, 6);
    copy.fill(0, 10, 12);
  }
  return copy;
}

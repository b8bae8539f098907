/** Why packets end whatever Services there are: the node's routes, and what conntrack and forwarding ask of packets. */

import { ip } from "../support/packet.ts";
import { tcp } from "../support/transport.ts";
import type { Row } from "./why.ts";

/** Routes of a node, as `ip -j route show table all` prints them: packets to these destinations end there. */
export const ROUTES = JSON.stringify([
  { dst: "10.244.1.0/24", dev: "cni0", protocol: "kernel", scope: "link", prefsrc: "10.244.1.1", flags: [] },
  { type: "unreachable", dst: "198.18.1.0/24", dev: "lo", flags: [] },
  { type: "prohibit", dst: "198.18.2.0/24", dev: "lo", flags: [] },
  { type: "blackhole", dst: "198.18.3.0/24", dev: "lo", flags: [] },
]);

export const ROUTED: readonly Row[] = [
  ["unreachable", "198.18.1.1:80", /^the node's route says that it is unreachable$/],
  ["prohibit", "198.18.2.1:80", /^the node's route prohibits it$/],
  ["blackhole", "198.18.3.1:80", /^the node's route for it is a blackhole$/],
  ["no-route", "198.18.4.1:80", /^the node has no route to where the packet goes$/],
].map(([cause, to, message]) => ({ name: `a route: ${cause}`, cause, to, message }) as Row);

/** A captured packet, and, where its trace is asked for, why its way ended. */
interface CapturedRow extends Partial<Pick<Row, "cause" | "message">> {
  readonly name: string;
  readonly packet: Uint8Array;
}

const SENT = { src: "10.244.1.5", dst: "10.244.2.10" } as const;
const BEGUN = { src: 40000, dst: 8080 } as const;

/** All that the client's interface shows, in this order. */
export const CAPTURED: readonly CapturedRow[] = [
  {
    name: "a segment with a wrong checksum",
    packet: ip({ ...SENT, damage: 1 }, tcp({ ...BEGUN, flags: "S", seq: 1 })),
    cause: "invalid",
    message: /^conntrack calls the packet invalid: its transport checksum is wrong; so it is not translated$/,
  },
  { name: "a SYN", packet: ip(SENT, tcp({ ...BEGUN, flags: "S", seq: 1, window: 100 })) },
  {
    name: "its answer",
    packet: ip({ src: SENT.dst, dst: SENT.src }, tcp({ src: 8080, dst: 40000, flags: "SA", seq: 9, ack: 2 })),
  },
  {
    name: "a segment far beyond the window",
    packet: ip(SENT, tcp({ ...BEGUN, flags: "A", seq: 5_000_000, ack: 10 })),
    cause: "invalid",
    message: /^conntrack calls the packet invalid: .*window/,
  },
  {
    name: "a segment that may be forwarded no further",
    packet: ip({ ...SENT, ttl: 1 }, tcp({ ...BEGUN, src: 40001, flags: "S", seq: 1 })),
    cause: "ttl",
    message: /^its TTL or hop limit ends here$/,
  },
];

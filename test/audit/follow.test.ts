/** What an audit takes from the capture where rules and manifests do not tell, and what it does not let pass. */

import { expect, test } from "vitest";
import { type Audit, isClean } from "../../src/audit/types.ts";
import { replay } from "../../src/index.ts";
import { evenPieces, fragments } from "../support/fragments.ts";
import { frame, ip4 } from "../support/packet.ts";
import { type CapturedFrame, writePcapng } from "../support/pcapng.ts";
import { icmp4, tcp, udp } from "../support/transport.ts";
import { REPLAY_WAYS } from "../support/variant.ts";

const MANIFESTS = `
apiVersion: v1
kind: Node
metadata: {name: node1}
spec: {podCIDR: 10.244.1.0/24}
status: {addresses: [{type: InternalIP, address: 192.168.0.1}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {type: NodePort, clusterIP: 10.96.0.10, ports: [{port: 80, targetPort: 8080, nodePort: 30080}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: web-1, labels: {kubernetes.io/service-name: web}}
addressType: IPv4
ports: [{name: "", port: 8080, protocol: TCP}]
endpoints:
- {addresses: [10.244.2.20], conditions: {ready: true}}
- {addresses: [10.244.2.21], conditions: {ready: true}}
- {addresses: [10.244.2.22], conditions: {ready: true}}
- {addresses: [10.244.2.23], conditions: {ready: true}}
---
apiVersion: v1
kind: Service
metadata: {name: here}
spec: {clusterIP: 10.96.0.11, internalTrafficPolicy: Local, ports: [{port: 80, targetPort: 8080}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: here-1, labels: {kubernetes.io/service-name: here}}
addressType: IPv4
ports: [{name: "", port: 8080, protocol: TCP}]
endpoints:
- {addresses: [10.244.2.24], nodeName: node2, conditions: {ready: true}}
`;

const NODE = "192.168.0.1";
const CLIENT = "192.168.0.99";
const POD = "10.244.1.30";
const FAR = "10.244.2.50";
const LINKS = ["lo", "eth0", "cni0"];
const START = 1_768_471_200_000_000_000n;

interface Seen {
  readonly link: string;
  readonly packet: Uint8Array;
}

const into = (link: string, packet: Uint8Array): Seen & { outbound: false } => ({ link, packet, outbound: false });
const out = (link: string, packet: Uint8Array): Seen & { outbound: true } => ({ link, packet, outbound: true });

/** Audits frames, a microsecond apart; `sent` is what --from-host shows, each behind the frame of the same index. */
async function audit(
  seen: readonly (Seen & { readonly outbound: boolean })[],
  sent: readonly (Uint8Array | undefined)[] = [],
) {
  const captured = seen.map(({ link, packet, outbound }, index): CapturedFrame => {
    return { link, outbound, time: START + BigInt(index) * 1000n, frame: ethernet(packet) };
  });
  const host = sent.flatMap((packet, index): CapturedFrame[] => {
    if (packet === undefined) return [];
    return [{ link: "eth0", outbound: false, time: START + BigInt(index) * 1000n + 500n, frame: ethernet(packet) }];
  });
  const captures = [{ name: "capture", data: writePcapng(LINKS, captured) }];
  const fromHost = { name: "host", data: writePcapng(LINKS, host), fromHost: true };
  const all = sent.length > 0 ? [...captures, fromHost] : captures;
  const { audit: result } = await replay({ manifests: MANIFESTS, captures: all, audit: true, ...REPLAY_WAYS });
  return result as Audit;
}

function ethernet(packet: Uint8Array): Uint8Array {
  return frame("02:00:00:00:00:01", "02:00:00:00:00:02", packet);
}

/** A SYN of the client to the nodePort, and as it leaves towards an endpoint, by a port. */
const SYN = ip4({ src: CLIENT, dst: NODE, ttl: 64, id: 7 }, tcp({ src: 5000, dst: 30080, flags: "S", seq: 9 }));
const translated = (dst: string, port: number) =>
  ip4({ src: NODE, dst, ttl: 63, id: 7 }, tcp({ src: port, dst: 8080, flags: "S", seq: 9 }));

test.each([
  "10.244.2.20",
  "10.244.2.21",
  "10.244.2.22",
  "10.244.2.23",
])("the endpoint %s and the port that the capture shows are followed", async (endpoint) => {
  const result = await audit([into("eth0", SYN), out("eth0", translated(endpoint, 23456))]);
  expect(result).toMatchObject({ outbound: 1, matched: 1, choices: { followed: 2, notAllowed: [] } });
});

test("a packet that is dropped leaves the frame to the next one that looks alike", async () => {
  const dropped = ip4({ src: CLIENT, dst: "10.96.0.11", id: 7 }, tcp({ src: 5000, dst: 80, flags: "S", seq: 9 }));
  const result = await audit([into("eth0", dropped), into("eth0", SYN), out("eth0", translated("10.244.2.21", 23456))]);
  expect(result).toMatchObject({ outbound: 1, matched: 1, missing: [], choices: { followed: 2, notAllowed: [] } });
});

test("an endpoint that the Service does not have is told, and the audit is not clean", async () => {
  const result = await audit([into("eth0", SYN), out("eth0", translated("10.244.2.99", 23456))]);
  expect(result.choices.notAllowed).toMatchObject([{ n: 1 }]);
  expect(isClean(result)).toBe(false);
});

test("a port that masquerading does not choose is told", async () => {
  const result = await audit([into("eth0", SYN), out("eth0", translated("10.244.2.21", 80))]);
  expect(result.choices.notAllowed).toMatchObject([{ n: 1 }]);
});

test("a link whose MTU has shrunk: the node's error names it", async () => {
  const big = ip4({ src: POD, dst: FAR, dontFragment: true }, udp({ src: 1, dst: 2 }, new Uint8Array(1400)));
  const error = ip4({ src: "10.244.1.1", dst: POD, ttl: 64, tos: 0xc0 }, icmp4(3, 4, 1300, big.subarray(0, 548)));
  const result = await audit([into("cni0", big), out("cni0", error)]);
  expect(result).toMatchObject({ outbound: 1, matched: 1, missing: [], choices: { followed: 1 } });
});

test("a link whose MTU has shrunk: a hundred packets at once", async () => {
  const frames = Array.from({ length: 100 }, (_, id) => {
    const big = ip4({ src: POD, dst: FAR, id, dontFragment: true }, udp({ src: 1, dst: 2 }, new Uint8Array(1400)));
    const error = ip4({ src: "10.244.1.1", dst: POD, ttl: 64, tos: 0xc0 }, icmp4(3, 4, 1300, big.subarray(0, 548)));
    return [into("cni0", big), out("cni0", error)];
  });
  expect(await audit(frames.flat())).toMatchObject({ matched: 100, missing: [], choices: { followed: 100 } });
});

test("a link whose MTU has shrunk: a packet leaves in fragments although it came whole", async () => {
  const whole = (ttl: number) => ip4({ src: POD, dst: FAR, ttl, id: 5 }, udp({ src: 1, dst: 2 }, new Uint8Array(1400)));
  const pieces = fragments(whole(63), evenPieces(1408, 1280), 5);
  const result = await audit([into("cni0", whole(64)), ...pieces.map((piece) => out("eth0", piece))]);
  expect(result).toMatchObject({ outbound: 2, matched: 2, missing: [], extra: [], choices: { followed: 1 } });
});

test("a datagram in fragments that the node itself sends is its own, and the answer finds it", async () => {
  const sent = ip4({ src: NODE, dst: FAR, id: 5 }, udp({ src: 40000, dst: 53 }, new Uint8Array(3000)));
  const pieces = fragments(sent, evenPieces(3008, 1480), 5);
  const answer = ip4({ src: FAR, dst: NODE, id: 6 }, udp({ src: 53, dst: 40000 }, new Uint8Array(10)));
  const result = await audit([...pieces.map((piece) => out("eth0", piece)), into("eth0", answer)]);
  expect(result).toMatchObject({ outbound: 0, own: 3, missing: [], extra: [] });
});

test("the node's own ping is its own, and so is a datagram like one that it has forwarded before", async () => {
  const ping = ip4({ src: NODE, dst: FAR, id: 5 }, icmp4(8, 0, 0x12340001, new Uint8Array(56)));
  const pong = ip4({ src: FAR, dst: NODE, id: 6 }, icmp4(0, 0, 0x12340001, new Uint8Array(56)));
  const datagram = (src: string, ttl: number) => ip4({ src, dst: FAR, ttl }, udp({ src: 40000, dst: 9 }));
  const result = await audit([
    into("cni0", datagram(POD, 64)),
    out("eth0", datagram(POD, 63)),
    out("eth0", datagram(NODE, 64)),
    out("eth0", ping),
    into("eth0", pong),
  ]);
  expect(result).toMatchObject({ outbound: 1, matched: 1, own: 2, missing: [], extra: [] });
});

test("a port from which the node was seen to answer is open", async () => {
  const syn = ip4({ src: CLIENT, dst: NODE }, tcp({ src: 5000, dst: 22, flags: "S", seq: 9 }));
  const accept = ip4({ src: NODE, dst: CLIENT }, tcp({ src: 22, dst: 5000, flags: "SA", seq: 1, ack: 10 }));
  const result = await audit([into("eth0", syn), out("eth0", accept)], [accept]);
  expect(result).toMatchObject({ outbound: 1, matched: 1, missing: [], extra: [] });
});

/** The node's redirect to the client about a packet as it is before POSTROUTING. */
const redirect = (about: Uint8Array) => ip4({ src: NODE, dst: CLIENT, ttl: 64, tos: 0xc0 }, icmp4(5, 1, 0, about));

test("the node's redirect about a packet that it translates does not leave", async () => {
  const inside = ip4(
    { src: CLIENT, dst: "10.244.2.21", ttl: 63, id: 7 },
    tcp({ src: 5000, dst: 8080, flags: "S", seq: 9 }),
  );
  const result = await audit([into("eth0", SYN), out("eth0", translated("10.244.2.21", 23456))], [redirect(inside)]);
  expect(result).toMatchObject({ outbound: 1, matched: 1, missing: [], extra: [] });
});

test("neither does one about a later packet of the connection", async () => {
  const segment = (src: string, dst: string, ports: [number, number], ttl: number, flags: string, id: number) => {
    const numbers = flags === "SA" ? { seq: 1, ack: 10 } : { seq: 10, ack: flags === "A" ? 2 : 0 };
    return ip4({ src, dst, ttl, id }, tcp({ src: ports[0], dst: ports[1], flags, ...numbers }));
  };
  const endpoint = "10.244.2.21";
  const later = [8, 9, 10].flatMap((id) => [
    into("eth0", segment(CLIENT, NODE, [5000, 30080], 64, "A", id)),
    out("eth0", segment(NODE, endpoint, [23456, 8080], 63, "A", id)),
  ]);
  const result = await audit(
    [
      into("eth0", SYN),
      out("eth0", translated(endpoint, 23456)),
      into("eth0", segment(endpoint, NODE, [8080, 23456], 64, "SA", 0)),
      out("eth0", segment(NODE, CLIENT, [30080, 5000], 63, "SA", 0)),
      ...later,
    ],
    [...Array.from({ length: 8 }, () => undefined), redirect(segment(CLIENT, endpoint, [5000, 8080], 63, "A", 10))],
  );
  expect(result).toMatchObject({ outbound: 5, matched: 5, missing: [], extra: [] });
});

test("without translation its redirect about the first packet does not leave, about later ones it does", async () => {
  const datagram = (id: number, ttl: number) => ip4({ src: CLIENT, dst: FAR, ttl, id }, udp({ src: 1, dst: 2 }));
  const result = await audit(
    [
      into("eth0", datagram(1, 64)),
      out("eth0", datagram(1, 63)),
      into("eth0", datagram(2, 64)),
      out("eth0", redirect(datagram(2, 63))),
      out("eth0", datagram(2, 63)),
    ],
    [redirect(datagram(1, 63)), undefined, redirect(datagram(2, 63))],
  );
  expect(result).toMatchObject({ outbound: 3, matched: 3, missing: [], extra: [] });
});

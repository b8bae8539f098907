/** What becomes of packets that the node's own processes send, and of what they get back. */

import { describe, expect, test } from "vitest";
import { kubeProxy } from "../kernel/rules.ts";
import { EMPTY, WEB } from "../kernel/services.ts";
import { CLIENT, POD } from "../kernel/world.ts";
import { concat, zeros } from "../support/bytes.ts";
import { internetChecksum } from "../support/checksum.ts";
import { BUILDS, TestNode } from "../support/engine.ts";
import { ip } from "../support/packet.ts";
import { PLAIN_NODE, POD_LINK_ADDRESS, UPLINK_ADDRESS } from "../support/plain-node.ts";
import { tcp, udp } from "../support/transport.ts";

const NODE = UPLINK_ADDRESS;
const IP_BYTES = 20;
const HEADERS_BYTES = 40;

describe.each(BUILDS)("%s engine", (build) => {
  const node = () => TestNode.create({ build, ruleset: kubeProxy(), network: PLAIN_NODE });
  const syn = (src: string, dst: string, port: number, srcPort = 40000) =>
    ip({ src, dst }, tcp({ src: srcPort, dst: port, flags: "S", seq: 7 }));

  test("a process that connects to a ClusterIP reaches an endpoint from the address of the pods' link", async () => {
    const passed = (await node()).send(syn(NODE, WEB.ip4, WEB.port));
    expect(passed).toMatchObject({ verdict: "forward", ct: "new", sent: [{ link: "pod0" }] });
    expect(addresses(passed.sent[0]!.packet)).toEqual([POD_LINK_ADDRESS, POD.ip4]);
    expect(portsOf(passed.sent[0]!.packet)[1]).toBe(WEB.targetPort);
    expect(passed.sent[0]!.packet[8]).toBe(64);
  });

  test("the answer goes to the process's own socket, from the ClusterIP", async () => {
    const under = await node();
    const [srcPort] = portsOf(under.send(syn(NODE, WEB.ip4, WEB.port)).sent[0]!.packet);
    const answer = ip(
      { src: POD.ip4, dst: POD_LINK_ADDRESS },
      tcp({ src: WEB.targetPort, dst: srcPort!, flags: "SA", seq: 1, ack: 8 }),
    );
    const passed = under.receive("pod0", answer);
    expect(passed).toMatchObject({ verdict: "local", reason: "own-socket", ct: "established", sent: [] });
    expect(addresses(passed.packet)).toEqual([WEB.ip4, NODE]);
    expect(portsOf(passed.packet)).toEqual([WEB.port, 40000]);
  });

  test("a Service without endpoints rejects the process, and nothing leaves the node", async () => {
    const passed = (await node()).send(syn(NODE, EMPTY.ip4, EMPTY.port));
    expect(passed).toMatchObject({ verdict: "reject", reason: "rule-reject", sent: [] });
  });

  test("a process that connects to a closed port of its own node is refused over loopback", async () => {
    const passed = (await node()).send(syn(NODE, NODE, 23));
    expect(passed).toMatchObject({ verdict: "local", reason: "closed-port", sent: [] });
  });

  test("a listening socket takes a connection, from the wire and over loopback", async () => {
    const under = await node();
    expect(under.send(syn(NODE, NODE, 10250))).toMatchObject({ verdict: "local", reason: "none", sent: [] });
    expect(under.receive("eth0", syn(CLIENT.ip4, NODE, 10250))).toMatchObject({ verdict: "local", reason: "none" });
  });

  test.each([
    ["TCP", tcp({ src: 40000, dst: 443, flags: "S" }), 16],
    ["UDP", udp({ src: 40000, dst: 53 }, zeros(5)), 6],
  ])("a %s checksum that was left to the card is completed", async (_, payload, offset) => {
    const whole = ip({ src: NODE, dst: CLIENT.ip4 }, payload);
    const open = whole.slice();
    const length = open.length - IP_BYTES;
    const pseudo = internetChecksum(concat(open.subarray(12, 20), [0, payload.protocol, length >> 8, length & 255]));
    open.set([(~pseudo >> 8) & 255, ~pseudo & 255], IP_BYTES + offset);
    const { sent } = (await node()).send(open);
    expect(sent).toEqual([{ link: "eth0", packet: whole }]);
  });

  test("a wrong checksum that was not left open stays as it is", async () => {
    const wrong = ip({ src: NODE, dst: CLIENT.ip4, damage: 0x0101 }, tcp({ src: 40000, dst: 443, flags: "S" }));
    expect((await node()).send(wrong).sent).toEqual([{ link: "eth0", packet: wrong }]);
  });

  test("TCP that is longer than the link allows is cut into segments", async () => {
    const data = Uint8Array.from({ length: 3000 }, (_, i) => i & 255);
    const fields = { src: 40000, dst: 443, ack: 9, window: 500 };
    const big = ip(
      { src: NODE, dst: CLIENT.ip4, id: 0xffff, dontFragment: true },
      tcp({ ...fields, seq: 1000, flags: "PA" }, data),
    );
    const segments = [0, 1, 2].map((n) =>
      ip(
        { src: NODE, dst: CLIENT.ip4, id: (0xffff + n) & 0xffff, dontFragment: true },
        tcp({ ...fields, seq: 1000 + n * 1460, flags: n === 2 ? "PA" : "A" }, data.subarray(n * 1460, (n + 1) * 1460)),
      ),
    );
    expect((await node()).send(big).sent).toEqual(segments.map((packet) => ({ link: "eth0", packet })));
  });

  test("UDP that is longer than the link allows is fragmented", async () => {
    const { sent } = (await node()).send(ip({ src: NODE, dst: CLIENT.ip4 }, udp({ src: 5000, dst: 53 }, zeros(2000))));
    expect(sent.map(({ packet }) => packet.length)).toEqual([1500, 548]);
  });

  test("the node's own reset is skipped when the capture of the host shows it again", async () => {
    const under = await node();
    const { sent } = under.receive("eth0", syn(CLIENT.ip4, NODE, 23));
    expect(sent).toHaveLength(1);
    const again = sent[0]!.packet;
    expect(under.send(again)).toMatchObject({ verdict: "skipped", reason: "duplicate-answer", sent: [] });
    expect(under.send(again)).not.toMatchObject({ verdict: "skipped" });
  });

  test.each([
    ["198.18.0.1", "unreachable"],
    ["198.18.1.1", "prohibit"],
    ["198.18.2.1", "blackhole"],
  ])("what cannot be routed to %s goes nowhere: %s", async (dst, reason) => {
    expect((await node()).send(syn(NODE, dst, 80))).toMatchObject({ verdict: "drop", reason, sent: [] });
  });
});

function addresses(packet: Uint8Array): string[] {
  return [packet.subarray(12, 16).join("."), packet.subarray(16, 20).join(".")];
}

function portsOf(packet: Uint8Array): number[] {
  expect(packet.length).toBeGreaterThanOrEqual(HEADERS_BYTES);
  const view = new DataView(packet.buffer, packet.byteOffset + IP_BYTES);
  return [view.getUint16(0), view.getUint16(2)];
}

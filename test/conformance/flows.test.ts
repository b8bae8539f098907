/**
 * kube-proxy's packet flow tables, with packets: what its own tests trace through the text of rules happens here to real
 * packets in the engine, so often that every endpoint that chance may choose is chosen.
 */

import { describe, expect, it } from "vitest";
import { generateRules } from "../../src/proxy/generate.ts";
import { readHeader } from "../../src/replay/header.ts";
import { type Passed, TestNode } from "../support/engine.ts";
import { ip, type Payload } from "../support/packet.ts";
import { sctp, tcp, udp } from "../support/transport.ts";
import { caseFiles, caseInput, caseNetwork, POD_LINK, type ProxyCase, readCase, UPLINK } from "./case.ts";

interface FlowCase extends ProxyCase {
  readonly flows: readonly Flow[];
}

interface Flow {
  readonly id: string;
  readonly name: string;
  readonly sourceIP: string;
  readonly protocol: "TCP" | "UDP" | "SCTP";
  readonly destIP: string;
  readonly destPort: number;
  readonly outcome: {
    readonly endpoints?: readonly string[];
    readonly verdict?: "REJECT" | "DROP" | "ACCEPT" | "NONE";
  };
  readonly masquerade: boolean;
}

/** Connections per row: with three endpoints, one is left out by chance less than once in a million. */
const ATTEMPTS = 40;
const FIRST_PORT = 20000;
/** The node's first addresses: a masqueraded packet has one where the link it leaves by has none of its own. */
const MASQUERADE_ADDRESS4 = "192.168.0.2";
const MASQUERADE_ADDRESS6 = "2001:db8::1";
const SCTP_INIT = { type: 1, value: new Uint8Array([0, 0, 0, 1, 0, 0, 16, 0, 0, 1, 0, 1, 0, 0, 0, 1]) };

/** Mode direct promises what mode nftables does. */
for (const [mode, like] of [["nftables"], ["iptables"], ["direct", "nftables"]] as const) {
  describe.each(caseFiles("flows", `${like ?? mode}-`))(`in mode ${mode}, %s`, (file) => {
    const flowCase = readCase<FlowCase>(`flows/${file}`);
    const network = caseNetwork(flowCase.proxy);
    const { cluster, node: proxyNode, configuration } = caseInput(flowCase);
    const ruleset = generateRules(cluster, proxyNode, { ...configuration, mode });
    const rows = flowCase.flows.flatMap((flow) => [
      { flow, form: "as written", indexFrom: undefined },
      { flow, form: "optimised", indexFrom: 2 },
    ]);
    it.each(rows)("$flow.id $flow.name, $form", async ({ flow, indexFrom }) => {
      const node = await TestNode.create({ build: "release", ruleset, network, indexFrom });
      const isOwn = [...flowCase.proxy.nodeIPs, "127.0.0.1", flow.destIP].includes(flow.sourceIP);
      const attempts = Array.from({ length: ATTEMPTS }, (_, n) => attempt(node, flow, FIRST_PORT + n, isOwn));
      expectOutcome(flow, attempts, isOwn);
    });
  });
}

/** A new connection: the packet as it was sent, and what became of it. */
interface Attempt {
  readonly sourcePort: number;
  readonly passed: Passed;
}

function attempt(node: TestNode, flow: Flow, sourcePort: number, isOwn: boolean): Attempt {
  const packet = ip({ src: flow.sourceIP, dst: flow.destIP }, payload(flow, sourcePort));
  const passed = isOwn ? node.send(packet) : node.receive(linkOf(flow.sourceIP), packet);
  return { sourcePort, passed };
}

function linkOf(source: string): string {
  return source.startsWith("10.") || source.startsWith("fd00:10:") ? POD_LINK : UPLINK;
}

function payload({ protocol, destPort }: Flow, sourcePort: number): Payload {
  switch (protocol) {
    case "TCP":
      return tcp({ src: sourcePort, dst: destPort, flags: "S", seq: 1 });
    case "UDP":
      return udp({ src: sourcePort, dst: destPort });
    case "SCTP":
      return sctp({ src: sourcePort, dst: destPort, tag: 0 }, SCTP_INIT);
  }
}

function expectOutcome(flow: Flow, attempts: readonly Attempt[], isOwn: boolean): void {
  const { endpoints, verdict } = flow.outcome;
  if (endpoints !== undefined) expectEndpoints(flow, attempts, endpoints);
  for (const { passed } of verdict === undefined ? [] : attempts) {
    if (verdict === "REJECT") expectReject(flow, passed, isOwn);
    else if (verdict === "DROP") expect(passed).toMatchObject({ verdict: "drop", reason: "rule-drop", sent: [] });
    else if (verdict === "ACCEPT") expect(passed.verdict).toBe("local");
    else expectUntranslated(flow, passed);
  }
}

/** All of the endpoints and no others; a masqueraded packet leaves from the node's address and another port. */
function expectEndpoints(flow: Flow, attempts: readonly Attempt[], endpoints: readonly string[]): void {
  const leaving = attempts.map(({ passed, sourcePort }) => {
    expect(passed).toMatchObject({ verdict: "forward", ct: "new" });
    expect(passed.sent).toHaveLength(1);
    const header = readHeader(passed.sent[0]!.packet)!;
    const { src = "", dst = "", sport, dport } = header;
    return { endpoint: title(dst, dport), src, isMasqueraded: src !== flow.sourceIP || sport !== sourcePort };
  });
  expect(new Set(leaving.map(({ endpoint }) => endpoint))).toEqual(new Set(endpoints));
  const masqueraded = leaving.filter(({ isMasqueraded }) => isMasqueraded);
  expect(masqueraded.length > 0).toBe(flow.masquerade);
  for (const { src } of masqueraded) expect(src).toBe(src.includes(":") ? MASQUERADE_ADDRESS6 : MASQUERADE_ADDRESS4);
}

/** ICMP port unreachable to whom it concerns; a process of the node hears of it without a packet on a link. */
function expectReject(flow: Flow, passed: Passed, isOwn: boolean): void {
  expect(passed).toMatchObject({ verdict: "reject", reason: "rule-reject" });
  expect(passed.sent).toHaveLength(isOwn ? 0 : 1);
  for (const { packet } of passed.sent) {
    const isIp6 = packet[0]! >> 4 === 6;
    expect(readHeader(packet)).toMatchObject({ proto: isIp6 ? "icmpv6" : "icmp", dst: flow.sourceIP });
    expect([...packet.subarray(isIp6 ? 40 : 20).subarray(0, 2)]).toEqual(isIp6 ? [1, 4] : [3, 3]);
  }
}

/** To the node, or onward as it came. */
function expectUntranslated(flow: Flow, passed: Passed): void {
  expect(["local", "forward"]).toContain(passed.verdict);
  expect(readHeader(passed.packet)).toMatchObject({ src: flow.sourceIP, dst: flow.destIP, dport: flow.destPort });
}

function title(address: string, port: number | undefined): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

/**
 * Makes the example captures: what a capture of both directions on the node's interfaces would show while pods talk to
 * Services. The node in between is sluice itself, so the endpoints are those that the rules choose.
 */

import { writeFile } from "node:fs/promises";
import type { Node } from "../src/library/node.ts";
import { loadCluster, Node as Nodes } from "../src/node.ts";
import { readHeader } from "../src/replay/header.ts";
import { text } from "../test/support/bytes.ts";
import { frame, ip4, type Payload } from "../test/support/packet.ts";
import { type CapturedFrame, writePcapng } from "../test/support/pcapng.ts";
import { tcp, udp } from "../test/support/transport.ts";

/** 2026-01-15T10:00:00Z, and the time between two packets. */
const START = 1_768_471_200_000_000_000n;
const STEP = 250_000n;
const POD_MAC = "02:00:00:00:00:01";
const NODE_MAC = "02:00:00:00:00:02";

interface Address {
  readonly address: string;
  readonly port: number;
}

/** A node, and the frames that its interfaces have seen. */
class Recording {
  readonly frames: CapturedFrame[] = [];
  readonly #node: Node;
  #time = START;
  #id = 1;

  constructor(node: Node) {
    this.#node = node;
  }

  get interfaces(): readonly string[] {
    return this.#node.interfaces;
  }

  /** Sends a packet into the node; returns the header of what came out at the other side, if something did. */
  send(link: string, src: string, dst: string, payload: Payload) {
    const packet = ip4({ src, dst, id: this.#id++, dontFragment: true }, payload);
    this.#time += STEP;
    this.frames.push({ link, time: this.#time, outbound: false, frame: frame(POD_MAC, NODE_MAC, packet) });
    const { sent } = this.#node.process(packet, { interface: link, time: this.#time });
    for (const each of sent) {
      const captured = frame(NODE_MAC, POD_MAC, each.packet);
      this.frames.push({ link: each.interface, time: this.#time + STEP / 10n, outbound: true, frame: captured });
    }
    const [out] = sent;
    return out === undefined ? undefined : { link: out.interface, ...readHeader(out.packet) };
  }
}

/** A request over TCP, answered by whichever endpoint the node chose: handshake, data both ways, both sides close. */
function exchangeTcp(recording: Recording, link: string, client: Address, service: Address, words: string): void {
  const ports = { src: client.port, dst: service.port };
  const ask = (flags: string, seq: number, ack: number, data = "") =>
    recording.send(link, client.address, service.address, tcp({ ...ports, flags, seq, ack }, text(data)));
  const seen = ask("S", 1000, 0);
  if (seen?.src === undefined || seen.dport === undefined) return;
  const { link: far, src, dst, sport, dport } = seen;
  const answer = (flags: string, seq: number, ack: number, data = "") =>
    recording.send(far, dst ?? "", src, tcp({ src: dport, dst: sport ?? 0, flags, seq, ack }, text(data)));
  const request = 1001 + words.length;
  const reply = `${words}, said ${dst}`;
  answer("SA", 5000, 1001);
  ask("A", 1001, 5001);
  ask("PA", 1001, 5001, words);
  answer("PA", 5001, request, reply);
  ask("A", request, 5001 + reply.length);
  ask("FA", request, 5001 + reply.length);
  answer("FA", 5001 + reply.length, request + 1);
  ask("A", request + 1, 5002 + reply.length);
}

/** A datagram to a port that no Service has: the node answers as its rules say. */
function askUdp(recording: Recording, link: string, client: Address, service: Address): void {
  recording.send(
    link,
    client.address,
    service.address,
    udp({ src: client.port, dst: service.port }, text("anybody there?")),
  );
}

async function make(folder: string, converse: (recording: Recording) => void, nodeName?: string): Promise<void> {
  const manifests = await loadCluster(folder);
  const recording = new Recording(
    await Nodes.create({ manifests, ...(nodeName === undefined ? {} : { node: nodeName }) }),
  );
  converse(recording);
  await writeFile(`${folder}/capture.pcapng`, writePcapng(recording.interfaces, recording.frames));
}

await make(
  "examples/kimho",
  (recording) => {
    const service = "10.96.24.6";
    const pod = "10.244.1.30";
    for (let port = 40001; port <= 40006; port++) {
      exchangeTcp(recording, "cni0", { address: pod, port }, { address: service, port: 80 }, "GET /");
    }
    exchangeTcp(recording, "cni0", { address: pod, port: 40007 }, { address: service, port: 406 }, "hello");
    askUdp(recording, "cni0", { address: pod, port: 40008 }, { address: service, port: 53 });
  },
  "node1",
);

await make("examples/service-test", (recording) => {
  const [link = "any"] = recording.interfaces;
  for (let port = 40001; port <= 40004; port++) {
    const client = { address: "10.0.1.3", port };
    exchangeTcp(recording, link, client, { address: "10.3.241.152", port: 80 }, "GET /");
  }
});

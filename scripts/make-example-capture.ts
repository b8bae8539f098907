/**
 * Makes the example captures: what a capture of both directions on the node's interfaces would show while pods talk to
 * Services. The node in between is sluice itself, so the endpoints are those that the rules choose.
 */

import { writeFile } from "node:fs/promises";
import { deriveNetwork } from "../src/network/derive.ts";
import { chooseNode } from "../src/network/node.ts";
import { loadCluster, Node } from "../src/node.ts";
import { TrafficCapture } from "../src/traffic/capture.ts";
import type { Ends } from "../src/traffic/packet.ts";
import { interfaceTowards } from "../src/traffic/route.ts";
import { Stage } from "../src/traffic/stage.ts";
import { ACK, FIN, PSH, SYN, tcpSegment, udpDatagram } from "../src/traffic/transport.ts";

/** 2026-01-15T10:00:00Z, and the time between two packets. */
const START = 1_768_471_200_000_000_000n;
const STEP = 250_000n;

/** A request over TCP, answered by whichever endpoint the node chose: handshake, data both ways, both sides close. */
function exchangeTcp(stage: Stage, link: string, client: Ends, words: string): void {
  const ask = (flags: number, seq: number, ack: number, data = "") =>
    stage.say(link, client, tcpSegment({ flags, seq, ack }, text(data)));
  const server = ask(SYN, 1000, 0);
  if (server === undefined) return;
  const answer = (flags: number, seq: number, ack: number, data = "") =>
    stage.say(server.link, server.ends, tcpSegment({ flags, seq, ack }, text(data)));
  const request = 1001 + words.length;
  const reply = `${words}, said ${server.ends.src}`;
  answer(SYN | ACK, 5000, 1001);
  ask(ACK, 1001, 5001);
  ask(PSH | ACK, 1001, 5001, words);
  answer(PSH | ACK, 5001, request, reply);
  ask(ACK, request, 5001 + reply.length);
  ask(FIN | ACK, request, 5001 + reply.length);
  answer(FIN | ACK, 5001 + reply.length, request + 1);
  ask(ACK, request + 1, 5002 + reply.length);
}

async function make(
  folder: string,
  client: string,
  converse: (stage: Stage, link: string) => void,
  nodeName?: string,
): Promise<void> {
  const manifests = await loadCluster(folder);
  const network = deriveNetwork(manifests, chooseNode(manifests, nodeName).node.name);
  const node = await Node.create({ manifests, network, ...(nodeName === undefined ? {} : { node: nodeName }) });
  const stage = new Stage(node, { start: START + STEP, stepNanoseconds: STEP, hasHost: false });
  converse(stage, interfaceTowards(network, client) ?? "");
  const capture = new TrafficCapture(network);
  const blocks = stage.packets.map((packet) => capture.block(packet));
  await writeFile(`${folder}/capture.pcapng`, Buffer.concat([capture.header(), ...blocks]));
}

function text(words: string): Uint8Array {
  return new TextEncoder().encode(words);
}

await make(
  "examples/kimho",
  "10.244.1.30",
  (stage, link) => {
    const ends = (sport: number, dport: number) => ({ src: "10.244.1.30", dst: "10.96.24.6", sport, dport });
    for (let port = 40001; port <= 40006; port++) exchangeTcp(stage, link, ends(port, 80), "GET /");
    exchangeTcp(stage, link, ends(40007, 406), "hello");
    // A port that the Service does not have: the node answers as its rules say.
    stage.say(link, ends(40008, 53), udpDatagram(text("anybody there?")));
  },
  "node1",
);

await make("examples/service-test", "10.0.1.3", (stage, link) => {
  for (let port = 40001; port <= 40004; port++) {
    const ends = { src: "10.0.1.3", dst: "10.3.241.152", sport: port, dport: 80 };
    exchangeTcp(stage, link, ends, "GET /");
  }
});

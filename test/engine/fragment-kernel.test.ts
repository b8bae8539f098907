/** Random trains of fragments through the kernel and through fragment/: after every fragment the same packets leave. */

import { afterAll, beforeAll, expect, it } from "vitest";
import { CLIENT, LINKS, NODE_MACS, POD, ROUTES } from "../kernel/world.ts";
import { hex } from "../support/decode.ts";
import { fragments, type Piece } from "../support/fragments.ts";
import { describeKernel } from "../support/kernel.ts";
import { KernelNode } from "../support/kernel-node.ts";
import { frame, ip } from "../support/packet.ts";
import { Random, SEED } from "../support/random.ts";
import { tcp, udp } from "../support/transport.ts";
import { FragmentEngine, fixChecksum, withoutId } from "./fragment-engine.ts";

const TRAINS = 300;
const ETHERNET_BYTES = 14;
const FRAGMENT_BYTES_MAX = 1400;
const DONT_FRAGMENT = 0x40;
/** Longer than any fragment waits. */
const PAUSE_MILLISECONDS = 61_000;
/** A rule that asks for conntrack is what makes the kernel collect. */
const RULES = `table inet t {
  chain forward {
    type filter hook forward priority 0
    ct state established accept
  }
}
`;

describeKernel(`fragments in random order, repeated, overlapping, lost (seed ${SEED})`, () => {
  const random = new Random(SEED);
  let node: KernelNode;
  let engine: FragmentEngine;
  beforeAll(async () => {
    node = new KernelNode({ links: LINKS, routes: ROUTES, rules: RULES });
    engine = await FragmentEngine.create();
  });
  afterAll(() => node.close());

  it(`${TRAINS} trains leave the engine as they leave the kernel`, () => {
    for (let number = 0; number < TRAINS; number++) {
      for (const [index, fragment] of randomTrain(random, number).entries()) {
        const injected = node.inject("eth0", frame(CLIENT.mac, NODE_MACS.eth0, fragment));
        const expected = injected
          .filter(({ link }) => link === "pod0")
          .map((sent) => sent.frame.subarray(ETHERNET_BYTES));
        const { sent } = engine.pass(withHopLess(fragment));
        const place = `train ${number}, fragment ${index}`;
        expect([place, ...sent.map(comparable)]).toEqual([place, ...expected.map(comparable)]);
      }
      engine.clock += PAUSE_MILLISECONDS;
    }
  });
});

/** Fragments of one datagram, with now and then something wrong about them. */
function randomTrain(random: Random, id: number): Uint8Array[] {
  const packet = randomPacket(random);
  const total = packet.length - (packet[0]! >> 4 === 4 ? 20 : 40);
  const pieces = randomPieces(random, total);
  if (random.once(4)) pieces.push(random.pick(pieces));
  if (random.once(4)) pieces.push(strayPiece(random, total));
  if (random.once(4)) pieces.splice(random.below(pieces.length), 1);
  if (random.once(2)) pieces.sort(() => random.below(3) - 1);
  const train = fragments(packet, pieces, id);
  const marked = random.once(3) ? train.map((fragment) => (random.once(3) ? fragment : withFlag(fragment))) : train;
  return random.once(4) ? marked.map((fragment) => withEcn(fragment, random.below(4))) : marked;
}

function randomPacket(random: Random): Uint8Array {
  const family = random.pick(["ip4", "ip6"] as const);
  const data = random.bytes(random.once(2) ? random.below(200) : random.below(4000));
  const ports = { src: 1024 + random.below(60_000), dst: 53 };
  const payload = random.once(3) ? tcp({ ...ports, flags: "S" }, data) : udp(ports, data);
  return ip({ src: CLIENT[family], dst: POD[family] }, payload);
}

function randomPieces(random: Random, total: number): Piece[] {
  const pieces: Piece[] = [];
  const units = random.pick([4, 40, FRAGMENT_BYTES_MAX / 8]);
  for (let offset = 0; offset < total; ) {
    const bytes = Math.min(total - offset, 8 * (1 + random.below(units)));
    pieces.push({ offset, bytes });
    offset += bytes;
  }
  return pieces;
}

/** Any stretch, also one that ends between two units of eight. */
function strayPiece(random: Random, total: number): Piece {
  const offset = 8 * random.below(Math.ceil(total / 8));
  return { offset, bytes: Math.min(FRAGMENT_BYTES_MAX, total - offset, 1 + random.below(400)) };
}

function withFlag(fragment: Uint8Array): Uint8Array {
  if (fragment[0]! >> 4 === 4) fragment[6]! |= DONT_FRAGMENT;
  return fixChecksum(fragment);
}

function withEcn(fragment: Uint8Array, bits: number): Uint8Array {
  fragment[1]! |= fragment[0]! >> 4 === 4 ? bits : bits << 4;
  return fixChecksum(fragment);
}

/** As a router hands it on: the engine part under test does not count hops. */
function withHopLess(fragment: Uint8Array): Uint8Array {
  const passed = fragment.slice();
  passed[fragment[0]! >> 4 === 4 ? 8 : 7]!--;
  return fixChecksum(passed);
}

function comparable(packet: Uint8Array): string {
  return hex(withoutId(packet));
}

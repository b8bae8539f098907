/** Fragments whose rest does not come: how long they wait, and what their senders are told then. */

import { afterAll, beforeAll, expect, it } from "vitest";
import type { NodeNetwork } from "../../src/network/types.ts";
import type { Ruleset } from "../../src/ruleset/types.ts";
import { zeros } from "../support/bytes.ts";
import { decode } from "../support/decode.ts";
import { EngineNode } from "../support/engine-node.ts";
import { evenPieces, fragments } from "../support/fragments.ts";
import { describeKernel } from "../support/kernel.ts";
import type { KernelNode, Sent } from "../support/kernel-node.ts";
import { ip } from "../support/packet.ts";
import { icmp4, icmp6, udp } from "../support/transport.ts";
import { expectAgreement } from "./agreement.ts";
import { Conversation } from "./conversation.ts";
import { kubeProxy } from "./rules.ts";
import { FAMILIES, type Family, WEB } from "./services.ts";
import { kernelOf, networkOf } from "./setting.ts";
import { CLIENT, NODE, POD } from "./world.ts";

const ICMP = 1;
const ICMP6 = 58;
const SECOND = {
  "net.ipv4.ipfrag_time": 1,
  "net.ipv6.ip6frag_time": 1,
  "net.netfilter.nf_conntrack_frag6_timeout": 1,
};
/** The kernel's counter of datagrams that waited in vain. */
const COUNTERS = {
  ip4: { file: "/proc/net/snmp", count: (text: string) => Number(ip4Field(text, "ReasmTimeout")) },
  ip6: { file: "/proc/net/snmp6", count: (text: string) => Number(/^Ip6ReasmTimeout\s+(\d+)/m.exec(text)?.[1]) },
} as const;
/** Far longer than it takes: who waits so long waits for something that does not happen. */
const POLLS_MAX = 600;
const POLL_MILLISECONDS = 50;

const RULESETS: Readonly<Record<string, Ruleset>> = {
  "kube-proxy's rules": kubeProxy(),
  "no rules": { tables: [] },
};

for (const [name, ruleset] of Object.entries(RULESETS)) {
  describeKernel(`fragments that wait in vain, with ${name}`, () => {
    let kernel: KernelNode;
    let network: NodeNetwork;
    beforeAll(() => {
      kernel = kernelOf({ ruleset, sysctls: SECOND });
      network = networkOf(kernel);
    });
    afterAll(() => kernel?.close());

    for (const family of FAMILIES) {
      it(`are forgotten, and reported where that is due (${family})`, async () => {
        const talk = new Conversation(kernel);
        await play(kernel, talk, family, name === "no rules");
        const engine = await EngineNode.create({ ruleset, network });
        expectAgreement(engine, talk.turns);
        expect(talk.turns.some(({ sent }) => sent.some(isReport))).toBe(true);
      });
    }
  });
}

/** To the node, to a pod and to a Service: all but the last fragment, all but the first, and a complaint. */
async function play(kernel: KernelNode, talk: Conversation, family: Family, passesOn: boolean): Promise<void> {
  let id = 0;
  for (const target of [NODE, POD, WEB]) {
    const own = { src: CLIENT[family], dst: target[family] };
    const datagram = udp({ src: 7000, dst: 80 }, zeros(100));
    const error = family === "ip4" ? icmp4(3, 1, 0, zeros(60)) : icmp6(1, 3, 0, zeros(60));
    for (const [payload, missing] of [
      [datagram, "last"],
      [datagram, "first"],
      [error, "last"],
    ] as const) {
      const packet = ip(own, payload);
      const headerBytes = family === "ip4" ? 20 : 40;
      const train = fragments(packet, evenPieces(packet.length - headerBytes, 48), ++id);
      const expired = expiredOf(kernel, family);
      const rest = missing === "last" ? train.pop()! : train.shift()!;
      for (const fragment of train) talk.send(CLIENT, fragment);
      // Without any rules, nobody collects what is not for the node.
      if (!(passesOn && target !== NODE)) await until(() => expiredOf(kernel, family) > expired);
      talk.send(CLIENT, rest);
      for (const fragment of train) talk.send(CLIENT, fragment);
    }
  }
}

/** Fragment reassembly time exceeded. */
function isReport({ frame }: Sent): boolean {
  const seen = decode(frame);
  const [type, code] = seen?.payload ?? [];
  return seen?.protocol === (seen?.family === 4 ? ICMP : ICMP6) && type === (seen?.family === 4 ? 11 : 3) && code === 1;
}

function expiredOf(kernel: KernelNode, family: Family): number {
  const { file, count } = COUNTERS[family];
  const counted = count(kernel.run("cat", [file]));
  expect(counted, `${file} of ${kernel.namespace}`).toBeGreaterThanOrEqual(0);
  return counted;
}

/** A field of the lines that begin with "Ip:": names, then numbers. */
function ip4Field(text: string, name: string): string | undefined {
  const [names = [], numbers = []] = text
    .split("\n")
    .filter((line) => line.startsWith("Ip:"))
    .map((line) => line.split(" "));
  return numbers[names.indexOf(name)];
}

async function until(isSo: () => boolean): Promise<void> {
  for (let polls = 0; !isSo(); polls++) {
    if (polls > POLLS_MAX) throw new Error("the kernel keeps the fragments");
    await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS));
  }
}

/** How often the node tells hosts of errors: each of them, and all together. */

import { expect, it } from "vitest";
import * as Layout from "../../assembly/layout/engine.ts";
import { zeros } from "../support/bytes.ts";
import { EngineNode } from "../support/engine-node.ts";
import { describeKernel } from "../support/kernel.ts";
import { ip } from "../support/packet.ts";
import { udp } from "../support/transport.ts";
import { agree } from "./agreement.ts";
import { Conversation, realClock } from "./conversation.ts";
import { kubeProxy } from "./rules.ts";
import type { Family } from "./services.ts";
import { kernelOf, networkOf } from "./setting.ts";
import { CLIENT, type Host, NODE, POD, POD_BESIDE } from "./world.ts";

/** The kernel's own, which the other tests turn off. */
const DEFAULTS = {
  "net.ipv4.icmp_ratelimit": 1000,
  "net.ipv4.icmp_ratemask": 6168,
  "net.ipv4.icmp_msgs_per_sec": 1000,
  "net.ipv4.icmp_msgs_burst": 50,
  "net.ipv6.icmp.ratelimit": 100,
};
const NOWHERE = { ip4: "198.51.100.1", ip6: "2001:db8:1::1" } as const;
const routes = [`unreachable ${NOWHERE.ip4}/32`, `unreachable ${NOWHERE.ip6}/128`];
const DATAGRAM = udp({ src: 7000, dst: 53 }, zeros(24));

/** Datagrams to a closed port of the node, or where no route leads. */
function knock(talk: Conversation, host: Host, family: Family, times: number, dst: string = NODE[family]): void {
  for (let n = 0; n < times; n++) talk.send(host, ip({ src: host[family], dst }, DATAGRAM));
}

function wait(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

agree("errors to a host", { ruleset: kubeProxy(), routes, sysctls: { ...DEFAULTS, "net.ipv6.icmp.ratelimit": 1000 } }, [
  {
    name: "are six at once, then one each time that the interval has passed; another host has its own",
    play: (talk, family) => {
      knock(talk, CLIENT, family, 9);
      knock(talk, POD, family, 3);
      wait(1200);
      knock(talk, CLIENT, family, 3);
      knock(talk, POD, family, 9);
    },
  },
  {
    name: "and those about missing routes are paid from one purse, the latter twice in IPv4",
    play: (talk, family) => {
      knock(talk, POD_BESIDE, family, 5, NOWHERE[family]);
      knock(talk, POD_BESIDE, family, 3);
      wait(2200);
      knock(talk, POD_BESIDE, family, 3, NOWHERE[family]);
      knock(talk, POD_BESIDE, family, 3);
    },
  },
]);

agree(
  "errors with an interval of their own",
  { ruleset: kubeProxy(), routes, sysctls: { ...DEFAULTS, "net.ipv4.icmp_ratelimit": 2500 } },
  [
    {
      name: "save up for six",
      only: "ip4",
      play: (talk, family) => {
        knock(talk, POD, family, 3);
        knock(talk, POD, family, 3, NOWHERE[family]);
        knock(talk, POD, family, 3);
      },
    },
  ],
);

agree(
  "errors without an interval",
  { ruleset: kubeProxy(), routes, sysctls: { ...DEFAULTS, "net.ipv4.icmp_ratelimit": 0 } },
  [
    {
      name: "are sent each time, and leave nothing for missing routes",
      only: "ip4",
      play: (talk, family) => {
        knock(talk, POD, family, 9);
        wait(50);
        knock(talk, POD, family, 1);
        knock(talk, POD, family, 3, NOWHERE[family]);
      },
    },
  ],
);

agree(
  "errors of types that are not limited",
  { ruleset: kubeProxy(), routes, sysctls: { ...DEFAULTS, "net.ipv4.icmp_ratemask": 0 } },
  [
    {
      name: "are sent each time, and cost nothing",
      only: "ip4",
      play: (talk, family) => {
        knock(talk, POD, family, 9);
        knock(talk, POD, family, 7, NOWHERE[family]);
      },
    },
  ],
);

describeKernel("errors to all hosts", () => {
  it("are fifty at once, of both families together, give or take what the kernel draws", async () => {
    const setting = {
      ruleset: kubeProxy(),
      sysctls: {
        ...DEFAULTS,
        "net.ipv4.icmp_ratelimit": 0,
        "net.ipv6.icmp.ratelimit": 0,
        "net.ipv4.icmp_msgs_per_sec": 50,
      },
    };
    const kernel = kernelOf(setting);
    try {
      const talk = new Conversation(kernel, realClock());
      for (let n = 0; n < 60; n++) {
        knock(talk, CLIENT, "ip4", 1);
        knock(talk, CLIENT, "ip6", 1);
      }
      const engine = await EngineNode.create({ ruleset: setting.ruleset, network: networkOf(kernel) });
      const said = talk.turns.map(({ link, frame, sent }) => [
        sent.length,
        engine.inject(link, frame, talk.turns[0]!.time, []).sent.length,
      ]);
      const theirs = said.reduce((sum, [kernels = 0]) => sum + kernels, 0);
      const own = said.reduce((sum, [, engines = 0]) => sum + engines, 0);
      // Each takes none, one or two of fifty: a deviation of 5.8; and some come in while they are sent.
      expect(theirs).toBeGreaterThan(20);
      expect(theirs).toBeLessThan(90);
      expect(own).toBe(50);
      expect(engine.engine.counter(Layout.ERRORS_BEYOND_ALL)).toBe(talk.turns.length - own);
    } finally {
      kernel.close();
    }
  });
});

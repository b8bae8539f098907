/** Routes that lead nowhere: what their senders are told, and how often. */

import { zeros } from "../support/bytes.ts";
import { ip } from "../support/packet.ts";
import { udp } from "../support/transport.ts";
import { agree } from "./agreement.ts";
import type { Conversation } from "./conversation.ts";
import { kubeProxy } from "./rules.ts";
import type { Family } from "./services.ts";
import { CLIENT, POD, POD_BESIDE } from "./world.ts";

const NOWHERE = {
  unreachable: { ip4: "198.51.100.1", ip6: "2001:db8:1::1" },
  prohibit: { ip4: "198.51.100.2", ip6: "2001:db8:1::2" },
  blackhole: { ip4: "198.51.100.3", ip6: "2001:db8:1::3" },
} as const;

const routes = Object.entries(NOWHERE).flatMap(([type, { ip4, ip6 }]) => [`${type} ${ip4}/32`, `${type} ${ip6}/128`]);
const DATAGRAM = udp({ src: 7000, dst: 53 }, zeros(24));

function send(talk: Conversation, host: typeof POD, family: Family, type: keyof typeof NOWHERE): void {
  talk.send(host, ip({ src: host[family], dst: NOWHERE[type][family] }, DATAGRAM));
}

/** For the kernel's clock, and with it the engine's, to go on. */
function wait(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

agree("routes that lead nowhere", { ruleset: kubeProxy(), routes }, [
  {
    name: "each says what it is, or nothing",
    play: (talk, family) => {
      for (const type of ["unreachable", "prohibit", "blackhole"] as const) send(talk, CLIENT, family, type);
    },
  },
  {
    name: "an IPv4 source is told five times at once, then once a second; others are told all the same",
    play: (talk, family) => {
      for (let times = 0; times < 7; times++) send(talk, POD, family, times % 2 === 0 ? "unreachable" : "prohibit");
      for (let times = 0; times < 4; times++) send(talk, POD, family, "blackhole");
      send(talk, POD_BESIDE, family, "unreachable");
      wait(1100);
      for (let times = 0; times < 2; times++) send(talk, POD, family, "unreachable");
    },
  },
]);

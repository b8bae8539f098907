/** Many senders, receivers and ports: what sets and translations tell apart. */

import { zeros } from "../support/bytes.ts";
import { tcp, udp } from "../support/transport.ts";
import type { Conversation } from "./conversation.ts";
import { FAMILIES } from "./services.ts";
import { CLIENT, POD, POD_BESIDE, POD_NARROW, ROUTER } from "./world.ts";

/** Every client to every pod. */
export function crowd(talk: Conversation): void {
  for (const family of FAMILIES) {
    for (const from of [CLIENT, ROUTER, POD_NARROW]) {
      for (const to of [POD, POD_BESIDE]) {
        for (const port of [22, 80, 443, 8080, 9000]) {
          const ends = { src: from[family], dst: to[family], srcPort: 1000 + port, dstPort: port };
          talk.say(from, ends, udp({ src: ends.srcPort, dst: port }, zeros(12)));
          talk.say(from, ends, tcp({ src: ends.srcPort, dst: port, flags: "S" }));
        }
      }
    }
  }
}

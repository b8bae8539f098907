/** IPv4 options where rules and routes look at the packet before it goes on, if it ever does. */

import { execFileSync } from "node:child_process";
import { readNftJson } from "../../src/ruleset/nft-json.ts";
import { zeros } from "../support/bytes.ts";
import { ip4 } from "../support/packet.ts";
import { tcp, udp } from "../support/transport.ts";
import { agree } from "./agreement.ts";
import type { Conversation } from "./conversation.ts";
import { CLIENT, POD } from "./world.ts";

const RULES = `
table ip filter {
  chain forward {
    type filter hook forward priority 0; policy accept;
    udp dport 9 reject with icmp admin-prohibited
    tcp dport 9 reject with tcp reset
    udp dport 10 ip checksum set 0x1234
  }
}`;

const RECORD_ROUTE = [7, 7, 4, 0, 0, 0, 0, 0];
const ROUTE_AND_BAD_LABEL = [7, 7, 4, 0, 0, 0, 0, 134, 6, 0, 0, 0, 1, 0, 0, 0];
const ROUTE_AND_BAD = [7, 7, 4, 0, 0, 0, 0, 148, 3, 0, 0, 0];
const TIMES_AND_ADDRESSES = [68, 12, 13, 1, 0, 0, 0, 0, 0, 0, 0, 0];
const ALERT = [148, 4, 0, 0];
const END_AND_REST = [0, 7, 9, 9];
const LISTS = [RECORD_ROUTE, ROUTE_AND_BAD_LABEL, ROUTE_AND_BAD, TIMES_AND_ADDRESSES, ALERT, END_AND_REST];
const BLACKHOLE = "198.51.100.3";
const UNREACHABLE = "198.51.100.1";

function send(talk: Conversation, dst: string, port: number): void {
  for (const list of LISTS) {
    const header = { src: CLIENT.ip4, dst, options: Uint8Array.from(list) };
    talk.send(CLIENT, ip4(header, udp({ src: 1, dst: port }, zeros(8))));
    talk.send(CLIENT, ip4(header, tcp({ src: 1, dst: port, flags: "S" })));
  }
}

const json = execFileSync("unshare", ["--net", "sh", "-c", "nft -f - && nft -j list ruleset"], {
  input: RULES,
  encoding: "utf8",
});
const { ruleset } = readNftJson(json, "nft");

agree(
  "IPv4 options",
  { ruleset, text: RULES, routes: [`blackhole ${BLACKHOLE}/32`, `unreachable ${UNREACHABLE}/32`] },
  [
    {
      name: "are complained about where no route leads on",
      only: "ip4",
      play: (talk) => {
        send(talk, UNREACHABLE, 7);
        send(talk, BLACKHOLE, 7);
      },
    },
    {
      name: "that were filled in make rejections silent, as the header's checksum is not right yet",
      only: "ip4",
      play: (talk) => send(talk, POD.ip4, 9),
    },
    {
      name: "leave a checksum alone where they have changed nothing",
      only: "ip4",
      play: (talk) => send(talk, POD.ip4, 10),
    },
  ],
);

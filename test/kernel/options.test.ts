/** IPv4 options where rules and routes look at the packet before it goes on, if it ever does. */

import { readNftJson } from "../../src/ruleset/nft-json.ts";
import { zeros } from "../support/bytes.ts";
import { ip4 } from "../support/packet.ts";
import { tcp, udp } from "../support/transport.ts";
import { agree } from "./agreement.ts";
import type { Conversation } from "./conversation.ts";
import { CLIENT, NODE, POD } from "./world.ts";

const place = { family: "ip", table: "filter", chain: "forward" };
const port = (protocol: string, right: number) => ({
  match: { op: "==", left: { payload: { protocol, field: "dport" } }, right },
});
const setChecksum = { mangle: { key: { payload: { protocol: "ip", field: "checksum" } }, value: 0x1234 } };
const RULES = [
  { table: { family: "ip", name: "filter" } },
  {
    chain: {
      family: "ip",
      table: "filter",
      name: "forward",
      type: "filter",
      hook: "forward",
      prio: 0,
      policy: "accept",
    },
  },
  { rule: { ...place, expr: [port("udp", 9), { reject: { type: "icmp", expr: "admin-prohibited" } }] } },
  { rule: { ...place, expr: [port("tcp", 9), { reject: { type: "tcp reset" } }] } },
  { rule: { ...place, expr: [port("udp", 10), setChecksum] } },
];

const RECORD_ROUTE = [7, 7, 4, 0, 0, 0, 0, 0];
const ROUTE_AND_BAD_LABEL = [7, 7, 4, 0, 0, 0, 0, 134, 6, 0, 0, 0, 1, 0, 0, 0];
const ROUTE_AND_BAD = [7, 7, 4, 0, 0, 0, 0, 148, 3, 0, 0, 0];
const TIMES_AND_ADDRESSES = [68, 12, 13, 1, 0, 0, 0, 0, 0, 0, 0, 0];
const ALERT = [148, 4, 0, 0];
const END_AND_REST = [0, 7, 9, 9];
const LISTS = [RECORD_ROUTE, ROUTE_AND_BAD_LABEL, ROUTE_AND_BAD, TIMES_AND_ADDRESSES, ALERT, END_AND_REST];
/** ip_error_burst of net/ipv4/route.c, in errors: what comes behind them depends on the clock. */
const ERRORS_AT_ONCE = 5;
const BLACKHOLE = "198.51.100.3";
const UNREACHABLE = "198.51.100.1";

function send(talk: Conversation, dst: string, port: number): void {
  for (const list of LISTS) {
    sendDatagram(talk, dst, port, list);
    const header = { src: CLIENT.ip4, dst, options: Uint8Array.from(list) };
    talk.send(CLIENT, ip4(header, tcp({ src: 1, dst: port, flags: "S" })));
  }
}

function sendDatagram(talk: Conversation, dst: string, port: number, list: readonly number[]): void {
  talk.send(
    CLIENT,
    ip4({ src: CLIENT.ip4, dst, options: Uint8Array.from(list) }, udp({ src: 1, dst: port }, zeros(8))),
  );
}

const TRACKING = {
  rule: { ...place, expr: [{ match: { op: "==", left: { ct: { key: "state" } }, right: "established" } }] },
};

const { ruleset } = readNftJson(JSON.stringify({ nftables: RULES }), "rules");
const { ruleset: tracking } = readNftJson(JSON.stringify({ nftables: [...RULES, TRACKING] }), "rules");

agree("IPv4 options", { ruleset, routes: [`blackhole ${BLACKHOLE}/32`, `unreachable ${UNREACHABLE}/32`] }, [
  {
    name: "are complained about where no route leads on",
    only: "ip4",
    play: (talk) => {
      for (const list of LISTS.slice(0, ERRORS_AT_ONCE)) sendDatagram(talk, UNREACHABLE, 7, list);
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
]);

agree("IPv4 options of tracked packets", { ruleset: tracking }, [
  {
    name: "were summed up before they were filled in, but a reset asks once more",
    only: "ip4",
    play: (talk) => send(talk, POD.ip4, 9),
  },
]);

/** How far a source route has come, and behind it an option of no length: the error goes back along the route. */
const ROUTE_BACK: readonly (readonly number[])[] = [4, 7, 8, 9, 11, 12, 13, 16, 200].flatMap((pointer) =>
  [131, 137].map((type) => [type, 11, pointer, 203, 0, 113, 9, 10, 244, 1, 12, 99]),
);
/** The first hop is the sender itself, one hop or two of them. */
const ROUTE_FROM_SENDER: readonly (readonly number[])[] = [
  [131, 7, 8, 203, 0, 113, 5, 99],
  [137, 11, 12, 203, 0, 113, 5, 10, 244, 1, 12, 99],
  [7, 7, 4, 0, 0, 0, 0, 131, 7, 8, 203, 0, 113, 9, 1, 99],
];

agree("IPv4 source routes", { ruleset }, [
  {
    name: "are taken back by the error about what stands behind them",
    only: "ip4",
    play: (talk) => {
      for (const list of [...ROUTE_BACK, ...ROUTE_FROM_SENDER]) {
        for (const dst of [NODE.ip4, POD.ip4]) sendDatagram(talk, dst, 7, list);
      }
    },
  },
]);

agree("IPv4 options without a route", { ruleset, gateway: false }, [
  {
    name: "are carried back in the error",
    only: "ip4",
    play: (talk) => {
      const own = { src: POD.ip4, dst: CLIENT.ip4, options: Uint8Array.from(RECORD_ROUTE) };
      talk.send(POD, ip4(own, udp({ src: 1, dst: 7 }, zeros(8))));
    },
  },
]);

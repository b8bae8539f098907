/** SCTP through kube-proxy's rules: associations, checksums, verification tags. */

import { concat, uint16, uint32, zeros } from "../support/bytes.ts";
import { type Chunk, sctp } from "../support/transport.ts";
import { agree, type Scenario } from "./agreement.ts";
import { answerTo, type Conversation, type Ends } from "./conversation.ts";
import { kubeProxy } from "./rules.ts";
import { EMPTY, type Family, WEB } from "./services.ts";
import { CLIENT, type Host, NODE, POD, POD_NARROW } from "./world.ts";

const CLIENT_TAG = 0x11112222;
const SERVER_TAG = 0x33334444;

const init = (type: number, tag: number): Chunk => ({
  type,
  value: concat(uint32(tag), uint32(100_000), uint16(5), uint16(5), uint32(1)),
});
const CHUNKS = {
  data: { type: 0, flags: 3, value: concat(uint32(1), uint16(0), uint16(0), uint32(0), zeros(8)) },
  init: init(1, CLIENT_TAG),
  initAck: init(2, SERVER_TAG),
  sack: { type: 3, value: zeros(12) },
  heartbeat: { type: 4, value: concat(uint16(1), uint16(8), zeros(4)) },
  heartbeatAck: { type: 5, value: concat(uint16(1), uint16(8), zeros(4)) },
  abort: { type: 6 },
  shutdown: { type: 7, value: uint32(1) },
  shutdownAck: { type: 8 },
  error: { type: 9, value: concat(uint16(1), uint16(4)) },
  cookieEcho: { type: 10, value: zeros(16) },
  cookieAck: { type: 11 },
  shutdownComplete: { type: 14 },
} as const satisfies Record<string, Chunk>;

type ChunkName = keyof typeof CHUNKS;
/** ">" from the client, "<" from the server; a tag other than the receiver's own. */
type Line = readonly [">" | "<", ChunkName | readonly ChunkName[], tag?: number];

const SETUP: readonly Line[] = [
  [">", "init", 0],
  ["<", "initAck"],
  [">", "cookieEcho"],
  ["<", "cookieAck"],
];

/** Plays an association; the server answers whoever it saw last. */
function associate(talk: Conversation, hosts: { client: Host; server: Host }, own: Ends, lines: readonly Line[]): void {
  let answer: Ends = { src: own.dst, dst: own.src, srcPort: own.dstPort, dstPort: own.srcPort };
  for (const [arrow, names, tag] of lines) {
    const chunks = [names].flat().map((name) => CHUNKS[name]);
    const ends = arrow === ">" ? own : answer;
    const receiverTag = arrow === ">" ? SERVER_TAG : CLIENT_TAG;
    const packet = sctp({ src: ends.srcPort, dst: ends.dstPort, tag: tag ?? receiverTag }, ...chunks);
    const sent = talk.say(arrow === ">" ? hosts.client : hosts.server, ends, packet);
    if (arrow === ">") answer = answerTo(sent.find((one) => one.link === hosts.server.link)) ?? answer;
  }
}

function ends(client: Host, target: { ip4: string; ip6: string }, family: Family, dstPort: number): Ends {
  return { src: client[family], dst: target[family], srcPort: 9100, dstPort };
}

function web(name: string, lines: readonly Line[], client = POD_NARROW): Scenario {
  return {
    name,
    play: (talk, family) => associate(talk, { client, server: POD }, ends(client, WEB, family, WEB.port), lines),
  };
}

agree("SCTP", { ruleset: kubeProxy() }, [
  web("an association is set up, used and shut down", [
    ...SETUP,
    [">", "data"],
    ["<", "sack"],
    [">", "shutdown"],
    ["<", "shutdownAck"],
    [">", "shutdownComplete"],
    [">", "data"],
  ]),
  web("the server shuts down", [...SETUP, ["<", "shutdown"], [">", "shutdownAck"], ["<", "shutdownComplete"]]),
  web("a client from outside is masqueraded", [...SETUP, [">", "data"], ["<", ["sack", "data"]]], CLIENT),
  web("an abort ends it", [...SETUP, ["<", "abort"], [">", "data"], [">", "init", 0]]),
  web("a wrong verification tag is invalid", [...SETUP, [">", "data", 99], ["<", "data", 99], [">", "data"]]),
  web("heartbeats open an association", [
    [">", "heartbeat"],
    ["<", "heartbeatAck"],
    [">", "data"],
    ["<", "sack"],
  ]),
  web("chunks packed together", [
    [">", "init", 0],
    ["<", "initAck"],
    [">", ["cookieEcho", "data"]],
    ["<", ["cookieAck", "sack"]],
  ]),
  web("a second init inside", [...SETUP, [">", "init", 0], ["<", "initAck"], [">", "data"]]),
  ...Object.keys(CHUNKS).map((name) =>
    web(`${name} as the first chunk`, [
      [">", name as ChunkName],
      [">", name as ChunkName, 0],
      ["<", name as ChunkName],
    ]),
  ),
  ...Object.keys(CHUNKS).map((name) =>
    web(`${name} inside an association`, [...SETUP, [">", name as ChunkName], ["<", name as ChunkName], [">", "data"]]),
  ),
  {
    name: "a wrong checksum, cut headers, cut chunks, wrong targets",
    play: (talk, family) => {
      const own = ends(POD_NARROW, WEB, family, WEB.port);
      const packet = sctp({ src: own.srcPort, dst: own.dstPort, tag: 0 }, CHUNKS.init);
      talk.say(POD_NARROW, own, packet, { damage: 0x10 });
      for (let bytes = 0; bytes < packet.bytes.length; bytes += 3)
        talk.say(POD_NARROW, own, { ...packet, bytes: packet.bytes.slice(0, bytes) });
      for (const [target, port] of [
        [EMPTY, EMPTY.port],
        [WEB, 81],
        [NODE, WEB.nodePort],
        [NODE, 22],
      ] as const) {
        const other = ends(CLIENT, target, family, port);
        talk.say(CLIENT, other, sctp({ src: other.srcPort, dst: port, tag: 0 }, CHUNKS.init));
      }
    },
  },
]);

/** SCTP associations, with chunks and verification tags that are not always right. */

import { concat, uint16, uint32, zeros } from "../../../support/bytes.ts";
import { decode } from "../../../support/decode.ts";
import { type Chunk, sctp } from "../../../support/transport.ts";
import { answerTo, type Ends } from "../../conversation.ts";
import type { Host } from "../../world.ts";
import { type Actor, hostAt, type Stage } from "./stage.ts";

const SCTP = 132;
const INIT = 1;
const INIT_ACK = 2;
const CHUNK_TYPES = [0, 0, 3, 3, 4, 5, 6, 7, 8, 9, 10, 11, 14, 192] as const;

type Role = "client" | "server";
/** Who says what; the tag is the one that the other side has asked for. */
type Line = readonly [Role, number];

const SETUP: readonly Line[] = [
  ["client", INIT],
  ["server", INIT_ACK],
  ["client", 10],
  ["server", 11],
];
const ENDS: readonly (readonly Line[])[] = [
  [
    ["client", 7],
    ["server", 8],
    ["client", 14],
  ],
  [
    ["server", 7],
    ["client", 8],
    ["server", 14],
  ],
  [
    ["client", 7],
    ["server", 7],
    ["client", 8],
    ["server", 8],
  ],
  [["client", 6]],
  [["server", 6]],
];

export function* association(stage: Stage): Actor {
  const { random } = stage;
  const host = stage.client();
  const ends = stage.ends(host);
  const hosts: Record<Role, Host> = { client: host, server: host };
  const own: Record<Role, Ends> = {
    client: ends,
    server: { src: ends.dst, dst: ends.src, srcPort: ends.dstPort, dstPort: ends.srcPort },
  };
  const tags: Record<Role, number> = { client: random.below(4), server: 4 + random.below(4) };
  const middle = Array.from({ length: random.below(12) }, (): Line => {
    return [
      random.once(2) ? "client" : "server",
      random.once(8) ? random.pick([INIT, INIT_ACK]) : random.pick(CHUNK_TYPES),
    ];
  });
  for (const [role, type] of [...(random.once(8) ? [] : SETUP), ...middle, ...random.pick(ENDS)]) {
    if (random.once(12)) continue;
    const expected = type === INIT ? 0 : tags[role === "client" ? "server" : "client"];
    const tag = random.once(12) ? random.below(10) : expected;
    const chunks = [chunk(type, tags[role])];
    if (random.once(8)) chunks.push(chunk(random.pick(CHUNK_TYPES), tags[role]));
    const { srcPort: src, dstPort: dst } = own[role];
    const sent = stage.say(hosts[role], own[role], sctp({ src, dst, tag }, ...chunks));
    for (const one of role === "client" ? sent : []) {
      const answer = answerTo(one);
      if (answer === undefined || decode(one.frame)?.protocol !== SCTP || one.link === host.link) continue;
      own.server = answer;
      hosts.server = hostAt(one.link, answer.src);
    }
    yield;
  }
}

function chunk(type: number, tag: number): Chunk {
  const isInit = type === INIT || type === INIT_ACK;
  const value = isInit
    ? concat(uint32(tag), uint32(100_000), uint16(5), uint16(5), uint32(1))
    : zeros(type === 0 ? 20 : 8);
  return { type, flags: type === 6 || type === 14 ? tag & 1 : 3, value };
}

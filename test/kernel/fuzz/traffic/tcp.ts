/** TCP as it goes and as it goes wrong: handshakes, data, loss, resets in and out of the window, ends, and reopening. */

import type { Random } from "../../../support/random.ts";
import type { Ends } from "../../conversation.ts";
import type { Host } from "../../world.ts";
import type { Actor, Stage } from "./stage.ts";
import { sack, synOptions, timestamps } from "./tcp-options.ts";
import { type Pair, type Role, reversed, type Side, segment } from "./tcp-sides.ts";

const DATA_BYTES = [1, 10, 100, 536, 1000, 1460] as const;
const WINDOWS = [0, 1, 512, 8192, 29200, 64240, 65535] as const;
/** Distances from the right number: inside, at the edges, and far outside of windows. */
const OFFSETS = [-70000, -66001, -1461, -100, -1, 1, 100, 1460, 64240, 65536, 1_000_000, 0x7fffffff] as const;
const ODD_FLAGS = ["", "F", "SF", "SR", "FR", "U", "FPU", "SEW", "SFA", "RF", "PU", "EA", "WA", "AU"] as const;

type Move = (stage: Stage, pair: Pair, role: Role) => void;

/** One pair of hosts, and a few connections between them, one after the other. */
export function* tcpConversation(stage: Stage): Actor {
  const { random } = stage;
  const host = stage.client();
  const ends = stage.ends(host);
  const pair: Pair = { client: side(random, host, ends), server: side(random, host, reversed(ends)) };
  for (let lives = 1 + random.below(4); lives > 0; lives--) {
    yield* open(stage, pair);
    for (let moves = random.below(30); moves > 0; moves--) {
      random.pick(random.once(4) ? MISCHIEF : PROGRESS)(stage, pair, random.once(2) ? "client" : "server");
      yield;
    }
    if (!random.once(4)) yield* close(stage, pair);
    if (random.once(3)) pair.client.ends = { ...ends, srcPort: ends.srcPort ^ 1 };
    renumber(random, pair);
  }
}

function side(random: Random, host: Host, ends: Ends): Side {
  const next = random.once(3) ? 0xfffff000 + random.below(4096) : random.below(0x7fffffff) * 2;
  const scale = random.once(2) ? random.below(15) : undefined;
  return { host, ends, next, acknowledged: next, window: random.pick(WINDOWS.slice(2)), scale };
}

/** The next connection's numbers: a little later, much later, or earlier than the last one's. */
function renumber(random: Random, pair: Pair): void {
  for (const one of [pair.client, pair.server]) {
    one.next = (one.next + random.pick([1, 17, 100_000, 0x40000000, -1, -17, -100_000])) >>> 0;
    one.acknowledged = one.next;
  }
}

function* open(stage: Stage, pair: Pair): Actor {
  const { random } = stage;
  const options = synOptions(random);
  const way = random.below(10);
  // In the middle of a connection that nobody saw begin.
  if (way === 0) return;
  const syn = { flags: "S", options, ...(random.once(20) && { data: 10 }) };
  segment(stage, pair, "client", syn);
  yield;
  if (way === 1) {
    // Both open at once.
    segment(stage, pair, "server", { flags: "S", options: synOptions(random) });
    yield;
    segment(stage, pair, "client", { flags: "SA", seqOff: -1 });
    yield;
    segment(stage, pair, "server", { flags: "SA", seqOff: -1 });
    return;
  }
  if (random.once(8)) segment(stage, pair, "client", { ...syn, seqOff: random.once(2) ? -1 : 1000, isAside: true });
  if (random.once(10)) segment(stage, pair, "server", { flags: "SA", ackOff: random.pick(OFFSETS), isAside: true });
  segment(stage, pair, "server", { flags: "SA", options: synOptions(random) });
  yield;
  if (!random.once(10)) segment(stage, pair, "client", { flags: "A" });
}

function* close(stage: Stage, pair: Pair): Actor {
  const { random } = stage;
  const first: Role = random.once(2) ? "client" : "server";
  const other: Role = first === "client" ? "server" : "client";
  const script = random.pick<readonly (readonly [Role, string])[]>([
    [
      [first, "FA"],
      [other, "A"],
      [other, "FA"],
      [first, "A"],
    ],
    [
      [first, "FA"],
      [other, "FA"],
      [first, "A"],
    ],
    [
      [first, "FA"],
      [other, "FA"],
      [other, "A"],
      [first, "A"],
    ],
    [
      [first, "FA"],
      [other, "A"],
      [other, "PA"],
      [first, "A"],
      [other, "FA"],
      [first, "A"],
    ],
    [
      [first, "FA"],
      [other, "R"],
    ],
    [[first, "R"]],
    [[first, "RA"]],
    [
      [first, "FA"],
      [other, "A"],
      [first, "RA"],
    ],
  ]);
  for (const [role, flags] of script) {
    if (random.once(15)) continue;
    segment(stage, pair, role, { flags, data: flags === "PA" ? 10 : 0 });
    yield;
  }
}

const PROGRESS: readonly Move[] = [
  (stage, pair, role) => segment(stage, pair, role, { flags: "PA", data: stage.random.pick(DATA_BYTES) }),
  (stage, pair, role) => segment(stage, pair, role, { flags: "A", data: stage.random.pick(DATA_BYTES) }),
  (stage, pair, role) => segment(stage, pair, role, { flags: "A" }),
  (stage, pair, role) => {
    pair[role].window = stage.random.pick(WINDOWS);
    segment(stage, pair, role, { flags: "A" });
  },
  (stage, pair, role) => segment(stage, pair, role, { flags: "A", options: timestamps(stage.random) }),
];

const MISCHIEF: readonly Move[] = [
  // Lost: the number moves on, nothing is sent.
  (stage, pair, role) => {
    pair[role].next = (pair[role].next + stage.random.pick(DATA_BYTES)) >>> 0;
  },
  // Sent again, once or often.
  (stage, pair, role) => {
    const data = stage.random.pick(DATA_BYTES);
    segment(stage, pair, role, { flags: "PA", data });
    const times = 1 + stage.random.below(5);
    for (let n = 0; n < times; n++) segment(stage, pair, role, { flags: "PA", data, seqOff: -data });
  },
  // The second half first.
  (stage, pair, role) => {
    segment(stage, pair, role, { flags: "PA", data: 100, seqOff: 100 });
    segment(stage, pair, role, { flags: "PA", data: 200 });
  },
  (stage, pair, role) =>
    segment(stage, pair, role, {
      flags: "PA",
      data: stage.random.pick(DATA_BYTES),
      seqOff: stage.random.pick(OFFSETS),
    }),
  (stage, pair, role) => segment(stage, pair, role, { flags: "A", ackOff: stage.random.pick(OFFSETS) }),
  (stage, pair, role) =>
    segment(stage, pair, role, {
      flags: "A",
      options: sack(pair[role === "client" ? "server" : "client"].next, stage.random),
    }),
  (stage, pair, role) => segment(stage, pair, role, { flags: "R", seqOff: stage.random.pick(OFFSETS) }),
  (stage, pair, role) => segment(stage, pair, role, { flags: "RA", seqOff: stage.random.pick([0, 0, ...OFFSETS]) }),
  (stage, pair, role) => segment(stage, pair, role, { flags: stage.random.pick(ODD_FLAGS), isAside: true }),
  (stage, pair, role) =>
    segment(stage, pair, role, {
      flags: "S",
      seqOff: stage.random.pick([0, ...OFFSETS]),
      options: synOptions(stage.random),
      isAside: true,
    }),
  (stage, pair, role) =>
    segment(stage, pair, role, {
      flags: "SA",
      seqOff: stage.random.pick(OFFSETS),
      ackOff: stage.random.pick([0, 0, 1]),
      isAside: true,
    }),
  // A challenge: an ACK that answers a SYN.
  (stage, pair, role) => {
    segment(stage, pair, role, { flags: "S", seqOff: stage.random.pick(OFFSETS), isAside: true });
    segment(stage, pair, role === "client" ? "server" : "client", { flags: "A" });
    segment(stage, pair, role, { flags: "R", seqOff: 0 });
  },
  (stage, pair, role) =>
    segment(stage, pair, role, { flags: "A", options: stage.random.bytes(4 * (1 + stage.random.below(10))) }),
];

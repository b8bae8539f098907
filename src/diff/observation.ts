/** One run of a capture, packet by packet: whose each packet is, and how it fares, as far as two runs can be compared. */

import type { PacketRecord } from "../replay/packets.ts";
import { answerKind } from "./answer-kind.ts";

export type Side = "before" | "after";

/** A connection as its first packet names it. */
export interface Tracked {
  readonly key: string;
  readonly first: PacketRecord;
  /** Its first packet's place in the runs. */
  readonly position: number;
  /** The verdict and the translation that each run gave its first packet. */
  readonly draws: { before?: string; after?: string };
  readonly verdicts: { before?: string; after?: string };
  /** One of the runs takes its packets for replies within another: it is none by itself. */
  isReply: boolean;
  later: { packets: number; n: number; before: string; after: string } | undefined;
}

export class Observation {
  readonly connections: Tracked[] = [];
  /** How the packets fared in the first run, and whose they were, by their place. */
  readonly #fates: string[] = [];
  readonly #owners: (Tracked | undefined)[] = [];
  readonly #current = { before: new Map<string, Tracked>(), after: new Map<string, Tracked>() };
  #position = 0;

  get packets(): number {
    return this.#fates.length;
  }

  /** The first run, with the rules as they are. */
  before(record: PacketRecord): void {
    this.#owners.push(this.#ownerOf(record, "before", this.#fates.length));
    this.#fates.push(fateOf(record));
  }

  /** The second one: the same packets in the same order. */
  after(record: PacketRecord): void {
    const position = this.#position++;
    const former = this.#owners[position];
    const owner = this.#ownerOf(record, "after", position, former) ?? former;
    if (former !== undefined && owner !== undefined && former !== owner) disown(former, owner, forwardKey(record));
    const before = this.#fates[position] ?? "";
    const fate = fateOf(record);
    if (owner === undefined || fate === before || isDrawnApart(owner) || owner.position === position) return;
    if (owner.later === undefined) owner.later = { packets: 1, n: record.n, before, after: fate };
    else owner.later.packets++;
  }

  #ownerOf(record: PacketRecord, side: Side, position: number, former?: Tracked): Tracked | undefined {
    const { src, verdict, ct, proto } = record;
    if (src === undefined || verdict === "skipped") return undefined;
    const current = this.#current[side];
    const now = { ...record, ...record.nat };
    const key = forwardKey(record);
    const known = current.get(key);
    if (ct !== "new") return known ?? current.get(keyOf(proto, now.dst, now.dport, now.src, now.sport));
    // Where the other run knows it for a reply, it opens nothing.
    if (former !== undefined && former.key !== key) return former;
    const draw = `${now.src} ${now.sport} ${now.dst} ${now.dport} ${verdict}`;
    if (known?.draws[side] === draw) return known;
    const tracked =
      former !== undefined && former.draws[side] === undefined ? former : this.#open(key, record, position);
    tracked.draws[side] = draw;
    tracked.verdicts[side] = verdict;
    current.set(key, tracked);
    return tracked;
  }

  #open(key: string, first: PacketRecord, position: number): Tracked {
    const tracked: Tracked = { key, first, position, draws: {}, verdicts: {}, isReply: false, later: undefined };
    this.connections.push(tracked);
    return tracked;
  }
}

/** The two runs have sent its first packet to different places: what follows is not of one conversation any more. */
export function isDrawnApart({ draws }: Tracked): boolean {
  return draws.before !== draws.after;
}

/** Of two connections that a packet is said to be of, the one that it only opens is none. */
function disown(former: Tracked, owner: Tracked, key: string): void {
  if (former.key === key && owner.key !== key) former.isReply = true;
  if (owner.key === key && former.key !== key) owner.isReply = true;
}

function forwardKey({ proto, src, sport, dst, dport }: PacketRecord): string {
  return keyOf(proto, src, sport, dst, dport);
}

function keyOf(...parts: readonly (string | number | undefined)[]): string {
  return parts.join(" ");
}

/** Verdict, reason, way out, addresses and answers; ports that are drawn at random are left out. */
function fateOf({ verdict, reason, out = "", nat, answers }: PacketRecord): string {
  const way = verdict === "forward" ? `by ${out}` : "";
  const dst = nat?.dst === undefined ? "" : `to ${nat.dst}`;
  const src = nat?.src === undefined ? "" : `from ${nat.src}`;
  const kinds = answers.map((answer) => answerKind(bytesOf(answer)));
  const parts = [verdict, reason === "none" ? "" : reason, src, dst, way, ...kinds];
  return parts.filter((part) => part !== "").join(" ");
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from({ length: hex.length / 2 }, (_, index) =>
    Number.parseInt(hex.slice(2 * index, 2 * index + 2), 16),
  );
}

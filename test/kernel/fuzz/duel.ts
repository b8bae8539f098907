/** A kernel and an engine side by side: every frame goes into both, and whatever leaves one must leave the other. */

import { CT_NEW } from "../../../assembly/layout/state.ts";
import { VERDICT_FORWARD } from "../../../assembly/layout/verdict.ts";
import { EngineNode, type Outcome } from "../../support/engine-node.ts";
import { kernelEntries } from "../../support/kernel-conntrack.ts";
import { NetlinkSocket } from "../../support/kernel-netlink.ts";
import type { KernelNode, Sent } from "../../support/kernel-node.ts";
import { isChatter } from "../../support/kernel-probe.ts";
import type { Turn } from "../conversation.ts";
import { describeOutcome, isAddressed, report } from "../turn-report.ts";
import { Affinity } from "./affinity.ts";
import { connectionDifferences } from "./connections.ts";
import { counterDifferences } from "./counters.ts";
import type { Arena } from "./settings.ts";

/** Where kernel and engine were found to differ. */
export type Place = "output" | "connections" | "counters";

/** The first difference of a duel; its text shows both sides. */
export class Difference extends Error {
  override readonly name = "Difference";
  readonly place: Place;

  constructor(place: Place, text: string) {
    super(text);
    this.place = place;
  }
}

/** The connection tables are compared after so many frames. */
const TABLES_EVERY = 300;

export class Duel {
  readonly #arena: Arena;
  readonly #kernel: KernelNode;
  readonly #engine: EngineNode;
  readonly #table: NetlinkSocket;
  readonly #affinity: Affinity;
  #time = 0n;
  #frames = 0;
  /** First packets of connections that did not leave: what was drawn for them nothing shows. */
  #hidden = 0;
  #unfinished: Turn | undefined;

  private constructor(arena: Arena, kernel: KernelNode, engine: EngineNode) {
    this.#arena = arena;
    this.#kernel = kernel;
    this.#engine = engine;
    this.#affinity = new Affinity(arena.affine);
    this.#table = new NetlinkSocket(kernel.namespace);
  }

  /** A kernel and an engine that have seen nothing yet. */
  static async begin(arena: Arena): Promise<Duel> {
    const kernel = arena.kernel();
    const { ruleset } = arena;
    const network = arena.network(kernel);
    return new Duel(arena, kernel, await EngineNode.create({ ruleset, network }));
  }

  /** The turn in which a difference was found, which no conversation has written down. */
  get unfinished(): readonly Turn[] {
    return this.#unfinished === undefined ? [] : [this.#unfinished];
  }

  /** One frame into both, unless it cannot be compared; returns what left the kernel. */
  inject(link: string, frame: Uint8Array, time: bigint): readonly Sent[] {
    this.#time = time;
    if (this.#affinity.isUnsure(frame)) return [];
    const sent = this.#kernel.inject(link, frame);
    const turn = { link, frame, time, sent };
    this.#unfinished = turn;
    const outcome = this.#engine.inject(link, frame, time, sent);
    compareOutput(turn, outcome);
    if (outcome.ct === CT_NEW && outcome.verdict !== VERDICT_FORWARD) {
      this.#hidden++;
      this.#affinity.noteHidden(frame);
    }
    if (++this.#frames % TABLES_EVERY === 0) this.compareConnections();
    this.#unfinished = undefined;
    return sent;
  }

  /** Compares the connection tables. */
  compareConnections(): void {
    const lines = connectionDifferences(this.#table, this.#engine.engine, this.#time);
    if (lines.length > 0) throw new Difference("connections", lines.join("\n"));
  }

  /**
   * Makes the kernel take out of its table what has expired, as it does when the table is dumped (ctnetlink_dump_table()).
   * By itself it does so whenever it comes to it (gc_worker()), and until then expired connections hold their tuples.
   */
  collectExpired(): void {
    kernelEntries(this.#table);
  }

  /** Compares the counters of all rules that have some. */
  compareCounters(): void {
    const lines = counterDifferences(this.#arena, this.#kernel, this.#engine, this.#hidden);
    if (lines.length > 0) throw new Difference("counters", lines.join("\n"));
  }

  close(): void {
    this.#table.close();
    this.#kernel.close();
  }
}

function compareOutput(turn: Turn, outcome: Outcome): void {
  const { sent } = turn;
  const own = outcome.sent.filter((one) => isAddressed(one) && !isChatter(one.frame));
  if (isSame(sent, own)) return;
  const [kernel, engine] = [report(turn, sent), report(turn, own)];
  if (kernel === engine) return;
  throw new Difference("output", `kernel: ${kernel}\nengine: ${engine}\n${describeOutcome(outcome)}`);
}

/** Frames that are equal to the byte need no closer look. */
function isSame(a: readonly Sent[], b: readonly Sent[]): boolean {
  return (
    a.length === b.length &&
    a.every((one, i) => one.link === b[i]!.link && Buffer.compare(one.frame, b[i]!.frame) === 0)
  );
}

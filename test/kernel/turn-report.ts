/** A turn in text, up to what the kernel draws at random: two nodes agree when their texts are equal. */

import { REASON_NAMES, VERDICT_NAMES } from "../../src/engine/names.ts";
import { describeFrame, hex } from "../support/decode.ts";
import type { Outcome } from "../support/engine-node.ts";
import type { Sent } from "../support/kernel-node.ts";
import { comparable } from "./comparable.ts";
import type { Turn } from "./conversation.ts";
import { LINKS } from "./world.ts";

/** What went in, and what came out on each link, byte for byte but for what is random. */
export function report(turn: Turn, sent: readonly Sent[]): string {
  const byLink = LINKS.flatMap(({ name }) => sent.filter((one) => one.link === name));
  const out = byLink.map(
    ({ link, frame }) => `  out ${link} ${describeFrame(frame)}\n    ${hex(comparable(frame, turn.frame))}`,
  );
  return [`in ${turn.link} ${describeFrame(turn.frame)}`, ...out].join("\n");
}

/** A kernel that does not know a neighbour asks for it and keeps the packet; the engine sends it to nobody's address. */
export function isAddressed({ frame }: Sent): boolean {
  return frame.subarray(0, 6).some((byte) => byte !== 0);
}

export function describeOutcome({ verdict, reason }: Outcome): string {
  return `the engine's verdict is ${VERDICT_NAMES[verdict]}, ${REASON_NAMES[reason]}`;
}

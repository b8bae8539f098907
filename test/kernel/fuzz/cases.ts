/** Conversations on disk: `cases/NAME.json` holds frames that once made engine and kernel differ, to be played again. */

import type { Turn } from "../conversation.ts";

export interface FuzzCase {
  /** What the kernel does that the engine did not. */
  readonly fact: string;
  readonly ruleset: string;
  /** Milliseconds since the first one, the link, and the frame in hexadecimal digits. */
  readonly frames: readonly (readonly [at: number, link: string, frame: string])[];
}

export function caseText({ fact, ruleset, frames }: FuzzCase): string {
  const lines = frames.map((one) => `    ${JSON.stringify(one)}`);
  const head = `{\n  "fact": ${JSON.stringify(fact)},\n  "ruleset": ${JSON.stringify(ruleset)},\n`;
  return `${head}  "frames": [\n${lines.join(",\n")}\n  ]\n}\n`;
}

export function caseOf(fact: string, ruleset: string, turns: readonly Turn[]): FuzzCase {
  const start = turns[0]?.time ?? 0n;
  const frames = turns.map(
    ({ time, link, frame }) => [Number((time - start) / 1_000_000n), link, Buffer.from(frame).toString("hex")] as const,
  );
  return { fact, ruleset, frames };
}

export function turnsOf({ frames }: FuzzCase): Turn[] {
  return frames.map(([at, link, frame]) => ({
    time: BigInt(at) * 1_000_000n,
    link,
    frame: Uint8Array.from(Buffer.from(frame, "hex")),
    sent: [],
  }));
}

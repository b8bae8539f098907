/** What benchmarks have shown before, a line of JSON each time: the last one of this machine is what a new one is held against. */

import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Summarised } from "./figures.ts";

export interface Sitting {
  readonly date: string;
  readonly commit: string;
  readonly machine: string;
  readonly node: string;
  readonly figures: Readonly<Record<string, Summarised>>;
}

export function append(file: string, sitting: Sitting): void {
  mkdirSync(dirname(file), { recursive: true });
  appendFileSync(file, `${JSON.stringify(sitting)}\n`);
}

/** The last sitting of the same machine and Node that has one of the figures, if there is one. */
export function lastLike(file: string, { machine, node, figures }: Sitting): Sitting | undefined {
  if (!existsSync(file)) return undefined;
  const lines = readFileSync(file, "utf8").split("\n").filter(Boolean);
  const sittings = lines.map((line) => JSON.parse(line) as Sitting);
  const alike = sittings.filter((sitting) => sitting.machine === machine && sitting.node === node);
  return alike.findLast((sitting) => Object.keys(figures).some((name) => sitting.figures[name] !== undefined));
}

/** A line for each figure that both have: how it has changed, measured by a reference both have, else by itself. */
export function changesText(before: Sitting, now: Sitting): string {
  const lines = Object.entries(now.figures).flatMap(([name, figure]) => {
    const other = before.figures[name];
    return other === undefined ? [] : [`${name.padEnd(56)}${changeText(other, figure)}`];
  });
  return [`against ${before.commit}, ${before.date}:`, ...lines].join("\n");
}

function changeText(before: Summarised, now: Summarised): string {
  const reference = Object.keys(now.ratios).find((name) => before.ratios[name] !== undefined);
  if (reference === undefined) return `${(now.median / before.median).toFixed(2)} ×`;
  return `${(now.ratios[reference]! / before.ratios[reference]!).toFixed(2)} ×, measured by ${reference}`;
}

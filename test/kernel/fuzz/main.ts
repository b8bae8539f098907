/**
 * `npm run fuzz:kernel -- [--seed N] [--seeds N] [--minutes M] [--rulesets a,b] [--failures N] [--keep DIRECTORY]`: long runs,
 * over when as many conversations are played, each of the next seed and with the next ruleset, or the time is up. Prints
 * what was played, and each difference as the shortest conversation that shows it.
 */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { describeFrame } from "../../support/decode.ts";
import { caseOf, caseText } from "./cases.ts";
import { minimised } from "./minimise.ts";
import { type Failure, run, type Tally } from "./run.ts";
import { ARENA_NAMES, arenaOf } from "./settings.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    seeds: { type: "string", default: "Infinity" },
    minutes: { type: "string", default: "1" },
    rulesets: { type: "string", default: ARENA_NAMES.join(",") },
    failures: { type: "string", default: "5" },
    keep: { type: "string" },
  },
});

const startedAt = Date.now();
const milliseconds = Number(values.minutes) * 60_000;
const seeds = Number(values.seeds);
const arenas = values.rulesets.split(",").map(arenaOf);
let toldAt = startedAt;
const tally = await run(arenas, Number(values.seed), (so) => {
  if (Date.now() - toldAt > 10_000) {
    toldAt = Date.now();
    console.log(summary(so));
  }
  const isPlayed = so.bouts >= seeds || Date.now() - startedAt > milliseconds;
  return isPlayed || so.failures.length >= Number(values.failures);
});
console.log(summary(tally));
for (const failure of tally.failures) await tell(failure);
process.exitCode = tally.failures.length > 0 ? 1 : 0;

function summary({ bouts, frames, frames4, frames6, arenas, failures }: Tally): string {
  const perSecond = Math.round(frames / ((Date.now() - startedAt) / 1000));
  return `${frames} frames (${frames4} IPv4, ${frames6} IPv6), ${bouts} seeds, ${arenas.size} rulesets, ${failures.length} differences, ${perSecond} frames/s`;
}

async function tell({ arena, seed, bout }: Failure): Promise<void> {
  console.log(
    `\n--- ${arena.name}, conversation ${seed}: ${bout.difference?.place} differ at frame ${bout.turns.length}`,
  );
  const short = await minimised(arena, bout);
  if (short === undefined) {
    console.log(`It does not differ when the frames are sent again. The difference was:\n${bout.difference?.message}`);
    return;
  }
  for (const { link, frame } of short.turns) console.log(`  ${link} ${describeFrame(frame)}`);
  console.log(short.difference?.message);
  if (values.keep === undefined) return;
  const file = join(values.keep, `${arena.name}-${seed}.json`);
  mkdirSync(values.keep, { recursive: true });
  writeFileSync(file, caseText(caseOf("", arena.name, short.turns)));
  console.log(`kept as ${file}`);
}

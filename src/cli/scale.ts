/** `sluice scale`: what more Services cost, in each of kube-proxy's modes: a table, JSON, a picture. */

import { Command, InvalidArgumentError, Option } from "commander";
import { engineWasm } from "../engine/wasm-node.ts";
import { scaleSvg } from "../scale/plot-node.ts";
import { measureScaling, SCALE_MODES, type ScaleMode, type ScaleRow } from "../scale/scale.ts";
import { scaleText } from "../scale/text.ts";
import { writeTextFile } from "./output-files-node.ts";

interface ScaleOptions {
  readonly services: readonly number[];
  readonly endpoints: number;
  readonly mode: readonly ScaleMode[];
  readonly output: "text" | "json";
  readonly svg?: string;
}

/** ClusterIPs are counted from 10.96.0.1 on, in a range of 2^20. */
const SERVICES_MAX = 1_000_000;
const ENDPOINTS_MAX = 1000;

export function scaleCommand(): Command {
  return new Command("scale")
    .description("measure what more Services cost: first packets, established ones, compiling, updating")
    .option("--services <n,…>", "how many Services, one row each", numbers(SERVICES_MAX), [10, 100, 1000, 10_000])
    .option("--endpoints <n>", "endpoints of each Service", (text) => numbers(ENDPOINTS_MAX)(text)[0]!, 3)
    .option("--mode <mode,…>", `of ${SCALE_MODES.join(", ")}`, modes, [...SCALE_MODES])
    .addOption(new Option("-o, --output <format>", "the table").choices(["text", "json"]).default("text"))
    .option("--svg <file>", "nanoseconds a packet over Services, as a picture")
    .addHelpText("after", "\nExample:\n  sluice scale --services 10,100,1000,10000,100000 --svg scaling.svg\n")
    .action(scale);
}

async function scale(options: ScaleOptions): Promise<void> {
  const rows: ScaleRow[] = [];
  const { services, endpoints, mode: modesWanted } = options;
  for await (const row of measureScaling({ engine: await engineWasm(), modes: modesWanted, services, endpoints })) {
    rows.push(row);
    if (process.stderr.isTTY) process.stderr.write(`${row.mode}, ${row.services} Services\n`);
  }
  if (options.svg !== undefined) writeTextFile(options.svg, await scaleSvg(rows));
  process.stdout.write(
    options.output === "json" ? `${JSON.stringify({ schema: "sluice/scale/v1", rows })}\n` : scaleText(rows),
  );
}

function numbers(most: number): (text: string) => number[] {
  return (text) =>
    text.split(",").map((part) => {
      const value = Number(part);
      if (!/^\d+$/.test(part) || value < 1 || value > most)
        throw new InvalidArgumentError(`"${part}" is no number from 1 to ${most}.`);
      return value;
    });
}

function modes(text: string): ScaleMode[] {
  return text.split(",").map((part) => {
    const mode = SCALE_MODES.find((name) => name === part);
    if (mode === undefined) throw new InvalidArgumentError(`"${part}" is none of ${SCALE_MODES.join(", ")}.`);
    return mode;
  });
}

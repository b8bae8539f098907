/** Rule scaling: what does not depend on the machine is exact, and the picture shows it. */

import { beforeAll, describe, expect, test } from "vitest";
import { engineWasm } from "../../src/engine/wasm-node.ts";
import { scaleSvg } from "../../src/scale/plot-node.ts";
import { measureScaling, SCALE_MODES, type ScaleRow } from "../../src/scale/scale.ts";
import { scaleText } from "../../src/scale/text.ts";

const SERVICES = [10, 100];

let rows: ScaleRow[];

beforeAll(async () => {
  rows = await measure();
});

async function measure(): Promise<ScaleRow[]> {
  const engine = await engineWasm();
  const measured: ScaleRow[] = [];
  const options = { engine, modes: SCALE_MODES, services: SERVICES, endpoints: 3 } as const;
  for await (const row of measureScaling(options)) measured.push(row);
  return measured;
}

function rowOf(mode: string, services: number): ScaleRow {
  return rows.find((row) => row.mode === mode && row.services === services)!;
}

describe("scaling", () => {
  test("has a row for each mode and number of Services, in order", () => {
    const expected = SCALE_MODES.flatMap((mode) => SERVICES.map((services) => ({ mode, services })));
    expect(rows.map(({ mode, services }) => ({ mode, services }))).toEqual(expected);
  });

  test.each([
    "nftables",
    "direct",
  ])("a first packet meets as many instructions whatever the number of Services in %s mode", (mode) => {
    const [few, many] = SERVICES.map((services) => rowOf(mode, services).firstPacket.instructions);
    expect(many).toBe(few);
  });

  test("and a third of them in direct mode", () => {
    const [most] = SERVICES;
    const instructions = (mode: string) => rowOf(mode, most!).firstPacket.instructions;
    expect(instructions("direct")).toBeLessThan(instructions("nftables") / 3);
  });

  test("and some for each Service more in iptables mode, where chains are walked", () => {
    const [few, many] = SERVICES.map((services) => rowOf("iptables", services).firstPacket.instructions);
    expect(many! - few!).toBeGreaterThan(90 / 2);
  });

  test("but not where they are indexed", () => {
    const [few, many] = SERVICES.map((services) => rowOf("iptables-optimised", services).firstPacket.instructions);
    expect(many! - few!).toBeLessThan(1);
  });

  test("packets of established connections meet no rule", () => {
    expect(rows.map(({ established }) => established.instructions)).toEqual(rows.map(() => 0));
  });

  test("what does not depend on the machine is the same again", async () => {
    const exact = ({ mode, services, rules, programBytes, firstPacket }: ScaleRow) => ({
      mode,
      services,
      rules,
      programBytes,
      instructions: firstPacket.instructions,
    });
    expect((await measure()).map(exact)).toEqual(rows.map(exact));
  });

  test("takes time", () => {
    for (const { generate, compile, update, firstPacket, established } of rows) {
      for (const time of [generate, compile, update.best, firstPacket.nanoseconds.best, established.nanoseconds.best])
        expect(time).toBeGreaterThan(0);
    }
  });
});

test("the table has a line for each row", () => {
  expect(scaleText(rows).trimEnd().split("\n")).toHaveLength(1 + rows.length);
});

test("the picture has two lines for each mode, and its name", async () => {
  const svg = await scaleSvg(rows);
  expect(svg).toMatch(/^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
  const lines = svg.split('aria-label="line"').slice(1);
  expect(lines.map((group) => group.split("</g>")[0]!.match(/<path/g)?.length)).toEqual([
    SCALE_MODES.length,
    SCALE_MODES.length,
  ]);
  for (const mode of SCALE_MODES) expect(svg).toContain(`>${mode}</text>`);
});

/** Rule scaling as a table. */

import { bytes, count, table } from "../report/table.ts";
import type { ScaleRow } from "./scale.ts";

const HEADERS = [
  "MODE",
  "SERVICES",
  "RULES",
  "PROGRAM",
  "GENERATE MS",
  "COMPILE MS",
  "UPDATE MS",
  "FIRST NS",
  "INSTRUCTIONS",
  "ESTABLISHED NS",
  "INSTRUCTIONS",
];

export function scaleText(rows: readonly ScaleRow[]): string {
  return table(HEADERS, rows.map(cells));
}

function cells(row: ScaleRow): string[] {
  return [
    row.mode,
    count(row.services),
    count(row.rules),
    bytes(row.programBytes),
    row.generate.toFixed(1),
    row.compile.toFixed(1),
    row.update.median.toFixed(1),
    row.firstPacket.nanoseconds.median.toFixed(0),
    row.firstPacket.instructions.toFixed(1),
    row.established.nanoseconds.median.toFixed(0),
    row.established.instructions.toFixed(1),
  ];
}

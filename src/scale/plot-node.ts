/** Rule scaling as a picture: what a packet costs, over the number of Services, a line for each mode. */

import type { PacketCost, ScaleRow } from "./scale.ts";

const WIDTH = 770;
const HEIGHT = 420;
/** A line's name stands behind its last point. */
const NAME = { dx: 8, textAnchor: "start" } as const;
const FONT = "font-family: system-ui, sans-serif; font-size: 12px; background: white;";

/** A point of a line. */
interface Point {
  readonly mode: string;
  readonly services: number;
  readonly nanoseconds: number;
}

/** An SVG file. Both axes are logarithmic: ten times as many Services are as far apart everywhere. */
export async function scaleSvg(rows: readonly ScaleRow[]): Promise<string> {
  const [Plot, { parseHTML }] = await Promise.all([import("@observablehq/plot"), import("linkedom")]);
  const { document } = parseHTML("<html><body></body></html>");
  const first = rows.map((row) => pointOf(row, row.firstPacket));
  const established = rows.map((row) => pointOf(row, row.established));
  const line = { x: "services", y: "nanoseconds", stroke: "mode", strokeWidth: 2 } as const;
  const plot = Plot.plot({
    // Of a page's document Plot only wants what linkedom has too.
    document: document as unknown as Document,
    width: WIDTH,
    height: HEIGHT,
    marginLeft: 60,
    marginRight: 130,
    x: { type: "log", label: "Services", grid: true, tickFormat: "~s" },
    y: { type: "log", label: "nanoseconds a packet: first (line), established (dashes)", grid: true, tickFormat: "~s" },
    marks: [
      Plot.line(established, { ...line, strokeDasharray: "4 4" }),
      Plot.line(first, line),
      Plot.dot(first, { x: "services", y: "nanoseconds", fill: "mode" }),
      Plot.text(first, Plot.selectLast({ ...NAME, x: "services", y: "nanoseconds", z: "mode", text: "mode" })),
    ],
  });
  plot.setAttribute("style", FONT);
  plot.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  return `${plot.outerHTML}\n`;
}

function pointOf({ mode, services }: ScaleRow, { nanoseconds }: PacketCost): Point {
  return { mode, services, nanoseconds: nanoseconds.median };
}

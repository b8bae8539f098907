/** A problem as a linter prints it: where, what, the line with a mark under it, and the remedy. */

import pc from "picocolors";
import type { Place, Problem } from "../manifest/types.ts";

/** `file:line:column: error: Service "default/web": spec.ports[0].port: message`, then the code frame. */
export function formatWithFrame(problem: Problem): string {
  const { place, object, path, message, remedy, severity } = problem;
  const colour = severity === "error" ? pc.red : pc.yellow;
  const where = place === undefined ? [] : [`${place.file}:${place.line}:${place.column}`];
  const what = [object, path, message].filter((part) => part !== undefined).map(printable);
  const lines = [[...where, colour(pc.bold(severity)), ...what].join(": ")];
  if (place?.excerpt !== undefined) lines.push(...frame(place, place.excerpt));
  if (remedy !== undefined) lines.push(`  ${pc.dim(printable(remedy))}`);
  return lines.join("\n");
}

function frame(place: Place, { text, caret }: NonNullable<Place["excerpt"]>): string[] {
  const number = String(place.line);
  // Tabs stay tabs, so that the mark stands under its character whatever their width.
  const indent = text.slice(0, caret).replace(/[^\t]/g, " ");
  return [
    pc.dim(`  ${number} | `) + printable(text),
    `  ${" ".repeat(number.length)} ${pc.dim("|")} ${indent}${pc.red("^")}`,
  ];
}

/** A manifest shall not steer the terminal: control characters, except tabs, are shown as one sign each. */
function printable(text: string): string {
  return text.replace(/[^\P{Cc}\t]/gu, "\uFFFD");
}

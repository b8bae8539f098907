/** What could not be compiled, as the problems of all other input are told. */

import type { Problem } from "../manifest/types.ts";
import type { ProgramProblem } from "./types.ts";

/** What was read from a file is told by its place there. */
export function asProblem({
  severity = "error",
  origin,
  message,
  family,
  table,
  chain,
  set,
  index,
}: ProgramProblem): Problem {
  if (origin?.file !== undefined) {
    const file = origin.line === undefined ? origin.file : `${origin.file}:${origin.line}`;
    return { severity, message: `${file}: ${origin.object}: ${message}` };
  }
  return {
    severity,
    ...(origin === undefined ? {} : { object: origin.object }),
    path: [family, table, chain ?? set, index].filter(isTold).join(" "),
    message,
  };
}

function isTold(part: string | number | undefined): boolean {
  return part !== undefined;
}

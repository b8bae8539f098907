/** What could not be compiled, as the problems of all other input are told. */

import type { Problem } from "../manifest/types.ts";
import type { TableScope } from "./rule.ts";
import type { ProgramProblem } from "./types.ts";

type At = Omit<ProgramProblem, "message">;

/** How a table's rules tell something that does not stand in their way. */
export function warnings(
  compiled: Readonly<{ problems: ProgramProblem[]; at: At }>,
): Pick<TableScope, "warn" | "warnOnce"> {
  const warn = (message: string) => void compiled.problems.push({ ...compiled.at, severity: "warning", message });
  return {
    warn,
    warnOnce: (message) => {
      if (!compiled.problems.some((known) => known.message === message)) warn(message);
    },
  };
}

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

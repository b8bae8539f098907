/** The library's typed errors. */

import type { Problem } from "../manifest/types.ts";

/** Manifests, rules or settings that cannot be used; `problems` says where and what to do. */
export class InputError extends Error {
  override readonly name = "InputError";
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(told).join("\n"));
    this.problems = problems;
  }
}

/** A call that cannot be right: a packet that is too long, an interface that the node does not have. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Throws when one of the problems is an error; warnings pass. */
export function requireUsable(problems: readonly Problem[]): void {
  const errors = problems.filter((problem) => problem.severity === "error");
  if (errors.length > 0) throw new InputError(errors);
}

function told({ place, object, path, message }: Problem): string {
  const where = place === undefined ? [] : [`${place.file}:${place.line}:${place.column}`];
  return [...where, ...(object === undefined ? [] : [object]), ...(path === undefined ? [] : [path]), message].join(
    ": ",
  );
}

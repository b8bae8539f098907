/** What the command line says on stderr: problems in one form, and the two kinds of failure that end a command. */

import pc from "picocolors";
import type { Problem } from "../manifest/types.ts";

export const EXIT_OK = 0;
/** Something failed, or a comparison found differences. */
export const EXIT_FAILURE = 1;
export const EXIT_USAGE = 2;
export const EXIT_INTERRUPTED = 130;

/** Ends a command with problems that the user can mend. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  readonly problems: readonly Problem[];
  readonly exitCode: number;

  constructor(problems: readonly Problem[], exitCode: number = EXIT_FAILURE) {
    super(problems.map((problem) => problem.message).join("; "));
    this.problems = problems;
    this.exitCode = exitCode;
  }
}

/** The user asked for something that the command line does not have: exit code 2. */
export function usageError(message: string, remedy?: string): ProblemError {
  return new ProblemError([remedy === undefined ? error(message) : { ...error(message), remedy }], EXIT_USAGE);
}

export function error(message: string): Problem {
  return { severity: "error", message };
}

/** `error: file:line:column: Service "default/web": spec.ports[0].port: message`, and the remedy on a line of its own. */
export function formatProblem(problem: Problem): string {
  const colour = problem.severity === "error" ? pc.red : pc.yellow;
  const parts = [colour(pc.bold(problem.severity))];
  if (problem.place) parts.push(`${problem.place.file}:${problem.place.line}:${problem.place.column}`);
  if (problem.object) parts.push(problem.object);
  if (problem.path) parts.push(problem.path);
  parts.push(problem.message);
  const line = parts.join(": ");
  return problem.remedy === undefined ? line : `${line}\n  ${pc.dim(problem.remedy)}`;
}

export function printProblems(problems: readonly Problem[]): void {
  for (const problem of problems) process.stderr.write(`${formatProblem(problem)}\n`);
}

/** Prints warnings, and ends the command when one of the problems is an error. */
export function requireNoErrors(problems: readonly Problem[]): void {
  printProblems(problems.filter((problem) => problem.severity === "warning"));
  const errors = problems.filter((problem) => problem.severity === "error");
  if (errors.length > 0) throw new ProblemError(errors);
}

/** `sluice get healthchecks`: what every node answers to load balancers that ask after a Service. No API object has it. */

import { healthCheckTable } from "../discovery/health-check-table.ts";
import { type HealthCheck, healthChecks } from "../discovery/health-checks.ts";
import { EXIT_FAILURE, error, printProblems, usageError } from "./messages.ts";
import type { ClusterInput } from "./options.ts";

interface Choice {
  readonly namespace: string;
  readonly allNamespaces?: boolean;
  readonly output?: string;
}

const NAMES = ["healthchecks", "healthcheck"];

export function areHealthChecks(kinds: string): boolean {
  return NAMES.includes(kinds.toLowerCase());
}

/** `names` are Services'; none: all of the namespace. */
export function printHealthChecks(input: ClusterInput, names: readonly string[], options: Choice): void {
  const { namespace, allNamespaces, output = "wide" } = options;
  if (output !== "wide" && output !== "json") throw usageError(`-o ${output}: health checks are a table or JSON`);
  const checks = healthChecks(input.cluster, input.proxyConfiguration).filter(
    (check) =>
      (allNamespaces === true || check.namespace === namespace) &&
      (names.length === 0 || names.includes(check.service)),
  );
  const missing = names.filter((name) => !checks.some(({ service }) => service === name));
  if (output === "json") process.stdout.write(`${JSON.stringify(result(checks))}\n`);
  else if (checks.length > 0) process.stdout.write(healthCheckTable(checks));
  else if (names.length === 0) {
    process.stderr.write(`No health checks found${allNamespaces === true ? "" : ` in ${namespace} namespace`}.\n`);
  }
  if (missing.length > 0) process.exitCode = EXIT_FAILURE;
  printProblems(missing.map((name) => error(`service "${name}" has no health check`)));
}

function result(checks: readonly HealthCheck[]) {
  return { schema: "sluice/healthchecks/v1", checks };
}

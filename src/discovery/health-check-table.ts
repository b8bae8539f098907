/** Health checks as `sluice get healthchecks` lists them. */

import { table } from "../report/table.ts";
import type { HealthCheck } from "./health-checks.ts";

const HEADERS = ["NAMESPACE", "NAME", "PORT", "NODE", "LISTENS", "ENDPOINTS", "STATUS"];

/** One line for each Service and node. */
export function healthCheckTable(checks: readonly HealthCheck[]): string {
  return table(
    HEADERS,
    checks.map(({ namespace, service, port, node, listens, localEndpoints, response }) => [
      namespace,
      service,
      `${port}`,
      node,
      listens.join(","),
      `${localEndpoints}`,
      `${response.status}`,
    ]),
  );
}

/** What the schema of a Service cannot say: its ports can be told apart (ValidateService in the API server's words). */

import type { V1Service } from "../kubernetes.ts";
import type { Report } from "./finding.ts";

/** Valid only for an object that fits its schema. */
export function checkService({ spec }: V1Service, report: Report): void {
  const ports = spec?.ports ?? [];
  const names = new Set<string>();
  const numbers = new Set<string>();
  for (const [index, { name, protocol, port }] of ports.entries()) {
    const path = ["spec", "ports", index];
    if (ports.length > 1 && !name) report({ path: [...path, "name"], message: "Required value" });
    if (name && names.has(name))
      report({ path: [...path, "name"], message: `Duplicate value: ${JSON.stringify(name)}` });
    const number = JSON.stringify({ port, protocol: protocol || "TCP" });
    if (numbers.has(number)) report({ path, message: `Duplicate value: ${number}` });
    names.add(name ?? "");
    numbers.add(number);
  }
}

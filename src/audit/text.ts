/** The audit as a person reads it: differences first, the sum at the end. */

import { type Audit, type AuditPacket, isClean } from "./types.ts";

/** Lines of one kind that are shown; the JSON has all. */
const SHOWN = 20;

export function auditText(audit: Audit): string {
  const differences = audit.different.map(
    ({ n, field, predicted, captured }) => `packet ${n}: ${field} is ${captured}, predicted ${predicted}`,
  );
  const { followed, notAllowed } = audit.choices;
  const parts = [
    section("different", differences),
    section("missing (predicted, not captured)", audit.missing.map(line)),
    section("extra (captured, not predicted)", audit.extra.map(line)),
    section(
      "choices that the rules do not allow",
      notAllowed.map(({ n, packet }) => `packet ${n}: ${packet}`),
    ),
  ];
  const verdict = isClean(audit) ? "the node does what it should" : "the node does not do what it should";
  const sum = `${audit.matched} of ${audit.outbound} outbound frames as predicted, ${followed} choices followed: ${verdict}`;
  const own =
    audit.own === 0
      ? ""
      : `${audit.own} frames are of connections that the node opened and --from-host does not show\n`;
  return `${parts.filter((part) => part !== "").join("\n")}${parts.some((part) => part !== "") ? "\n" : ""}${own}${sum}\n`;
}

function section(title: string, lines: readonly string[]): string {
  if (lines.length === 0) return "";
  const more = lines.length > SHOWN ? [`… and ${lines.length - SHOWN} more (-o json has all)`] : [];
  return `${title}: ${lines.length}\n${[...lines.slice(0, SHOWN), ...more].map((text) => `  ${text}\n`).join("")}`;
}

function line({ n, interface: name, packet }: AuditPacket): string {
  return `packet ${n} on ${name}: ${packet}`;
}

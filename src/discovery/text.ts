/** Answers as dig prints them, and what led to them as comments. */

import type { Attempt, Resolver } from "./resolver.ts";
import type { DnsRecord } from "./types.ts";

export function attemptsText({ searches, ndots }: Resolver, attempts: readonly Attempt[]): string {
  const lines = attempts.flatMap(({ question, answer }) => [
    `; ${question.name} ${question.type}: ${outcome(answer)}`,
    ...answer.answers.map(recordText),
    ...answer.additionals.map(recordText),
  ]);
  return `${[`; search ${searches.join(" ") || "nothing"}; ndots ${ndots}`, ...lines].join("\n")}\n`;
}

function outcome({ code, answers }: Attempt["answer"]): string {
  if (code === "REFUSED") return "REFUSED (outside the cluster's zones; nobody else is asked)";
  return code === "NOERROR" && answers.length === 0 ? "NOERROR, but no record of this type" : code;
}

/** `kimho.default.svc.cluster.local.	5	IN	A	10.96.34.12` */
export function recordText(record: DnsRecord): string {
  return [record.name, record.ttl, "IN", record.type, dataText(record)].join("\t");
}

function dataText(record: DnsRecord): string {
  if (record.type === "TXT") return JSON.stringify(record.data);
  if (record.type === "SRV") {
    const { priority, weight, port, target } = record.data;
    return `${priority} ${weight} ${port} ${target}`;
  }
  if (record.type !== "SOA") return record.data;
  const { mname, rname, serial, refresh, retry, expire, minimum } = record.data;
  return `${mname} ${rname} ${serial} ${refresh} ${retry} ${expire} ${minimum}`;
}

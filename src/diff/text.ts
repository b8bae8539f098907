/** The difference as a person reads it: connections of one Service that change alike stand together. */

import { addressAndPort } from "../report/services.ts";
import { count } from "../report/table.ts";
import type { Change, ConnectionDifference, Diff } from "./types.ts";

/** Groups, and values of one field, that are shown; the JSON has all. */
const SHOWN = 20;

const WORDS: Readonly<Record<Change["field"], string>> = {
  verdicts: "verdict",
  reasons: "reason",
  endpoints: "endpoints",
  masquerade: "source",
  interfaces: "interface",
  affinity: "affinity",
  answers: "answer",
};
/** What a field says that has no value. */
const NOTHING: Readonly<Partial<Record<Change["field"], string>>> = {
  endpoints: "not translated",
  masquerade: "not masqueraded",
  answers: "no answer",
  interfaces: "none",
  affinity: "none",
};

export function diffText(diff: Diff): string {
  const groups = new Map<string, ConnectionDifference[]>();
  for (const difference of diff.differences) {
    const { proto, dst, dport, service = "", changes, later } = difference;
    const key = JSON.stringify([proto, dst, dport, service, changes, later?.before, later?.after]);
    groups.set(key, [...(groups.get(key) ?? []), difference]);
  }
  const told = [...groups.values()].slice(0, SHOWN).map(groupText);
  const more = groups.size > SHOWN ? [`… and ${groups.size - SHOWN} more (-o json has all)\n`] : [];
  return [...told, ...more, summary(diff)].join("\n");
}

function groupText(alike: readonly ConnectionDifference[]): string {
  const [first] = alike as [ConnectionDifference];
  const { n, proto, src, sport, dst, dport, service, changes, later } = first;
  const others = alike.length > 1 ? `, and ${count(alike.length - 1)} more` : "";
  const from = sport === undefined ? src : addressAndPort(src, sport);
  const to = dport === undefined ? dst : addressAndPort(dst, dport);
  const named = service === undefined ? "" : ` (${service})`;
  const lines = changes.map(({ field, before, after }) => {
    return `  ${WORDS[field]}: ${listed(field, before)} -> ${listed(field, after)}\n`;
  });
  const behind = later === undefined ? "" : `  packet ${later.n}: ${later.before} -> ${later.after}\n`;
  return `${proto} ${from} > ${to}${named}, packet ${n}${others}\n${lines.join("")}${behind}`;
}

function listed(field: Change["field"], values: readonly string[]): string {
  if (values.length === 0) return NOTHING[field] ?? "none";
  const more = values.length > SHOWN ? `, … (${values.length})` : "";
  return `${values.slice(0, SHOWN).join(", ")}${more}`;
}

function summary({ before, after, connections, changed, drawnApart, packets }: Diff): string {
  const verdict = changed === 0 ? "nothing changes" : `${count(changed)} change`;
  const drawn =
    drawnApart === 0
      ? ""
      : `${count(drawnApart)} have the same choices and drew others: no difference, and only their first packet is compared\n`;
  return `${count(connections)} connections in ${count(packets)} packets, from ${before} to ${after}: ${verdict}\n${drawn}`;
}

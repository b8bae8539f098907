/** Label selectors as users type them: `app=web,tier!=front,zone in (a, b),!canary` (k8s.io/apimachinery labels.Parse). */

import type { Requirement } from "./label-selector.ts";

const SET = /^(\S+)\s+(in|notin)\s*\(([^()]*)\)$/;
const EQUALITY = /^([^\s=!]+)\s*(==|=|!=)\s*([^\s=!]*)$/;
const EXISTENCE = /^(!?)\s*([^\s=!(),]+)$/;

/** undefined: it is none. An empty text selects everything. */
export function parseLabelSelector(text: string): readonly Requirement[] | undefined {
  if (text.trim() === "") return [];
  const requirements = text.split(/,(?![^(]*\))/).map((part) => requirementOf(part.trim()));
  return requirements.includes(undefined) ? undefined : (requirements as Requirement[]);
}

function requirementOf(text: string): Requirement | undefined {
  const [, setKey, word, list] = SET.exec(text) ?? [];
  if (setKey !== undefined && list !== undefined) {
    const values = list.split(",").map((value) => value.trim());
    return { key: setKey, operator: word === "in" ? "In" : "NotIn", values };
  }
  const [, key, sign, value] = EQUALITY.exec(text) ?? [];
  if (key !== undefined && value !== undefined)
    return { key, operator: sign === "!=" ? "NotIn" : "In", values: [value] };
  const [, not, present] = EXISTENCE.exec(text) ?? [];
  if (present === undefined) return undefined;
  return { key: present, operator: not === "!" ? "DoesNotExist" : "Exists" };
}

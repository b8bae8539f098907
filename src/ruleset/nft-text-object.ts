/** Objects with names, and flowtables, in the words of `nft list ruleset`: the lines of their blocks. */

import { isList, isObject, type Json, type JsonObject } from "./json.ts";
import { synproxyWords } from "./nft-text-foreign.ts";
import { commentText, durationText } from "./nft-text-literal.ts";
import { objectText } from "./nft-text-stateful.ts";
import type { Flowtable, NamedObject, ObjectKind } from "./types.ts";

const MILLISECONDS = 1000;

type Lines = (fields: JsonObject) => readonly string[];

const WRITERS: Readonly<Partial<Record<ObjectKind, Lines>>> = {
  "ct helper": ({ type, protocol, l3proto }) => [`type "${type}" protocol ${protocol}`, ...network(l3proto)],
  "ct timeout": ({ protocol, l3proto, policy }) => [
    `protocol ${protocol}`,
    ...network(l3proto),
    ...(isObject(policy) ? [policyText(policy)] : []),
  ],
  "ct expectation": ({ protocol, dport, timeout, size, l3proto }) => [
    `protocol ${protocol}`,
    `dport ${dport}`,
    `timeout ${durationText(Number(timeout) / MILLISECONDS)}`,
    `size ${size}`,
    ...network(l3proto),
  ],
  synproxy: ({ mss, wscale, flags }) => {
    const options = synproxyWords({ flags });
    return [...synproxyWords({ mss, wscale }), ...(options.length === 0 ? [] : [options.join(" ")])];
  },
  secmark: ({ context }) => [`"${context}"`],
};

export function objectLines({ object, comment, statement, json }: NamedObject): readonly string[] {
  const lines = statement === undefined ? WRITERS[object]?.(isObject(json) ? json : {}) : [objectText(statement) ?? ""];
  return [...(comment === undefined ? [] : [commentText(comment)]), ...(lines ?? [`<${object}>`])];
}

export function flowtableLines({ json }: Flowtable): readonly string[] {
  const { hook, prio, dev, flags } = isObject(json) ? json : {};
  const devices = listed(dev);
  return [
    `hook ${hook} priority ${prio}`,
    ...(devices.length === 0 ? [] : [`devices = { ${devices.join(", ")} }`]),
    ...(flags === undefined ? [] : [`flags ${listed(flags).join(",")}`]),
  ];
}

function policyText(policy: JsonObject): string {
  const states = Object.entries(policy).map(([state, seconds]) => `${state} : ${seconds}`);
  return `policy = { ${states.join(", ")} }`;
}

function network(l3proto: Json | undefined): readonly string[] {
  return l3proto === undefined ? [] : [`l3proto ${l3proto}`];
}

function listed(json: Json | undefined): readonly Json[] {
  if (json === undefined) return [];
  return isList(json) ? json : [json];
}

/** The schema sluice/trace/v1, as docs/trace.md tells it: which fields there must be, and which there may be. */

import { expect } from "vitest";
import type { Trace, TraceEvent, Walk } from "../../src/trace/types.ts";

type Fields = readonly [must: readonly string[], may: readonly string[]];

const PLACE = ["kind", "family", "table", "chain"];
const EVENTS: Readonly<Record<TraceEvent["kind"], Fields>> = {
  hook: [["kind", "hook"], []],
  track: [
    ["kind", "ct"],
    ["direction", "cause", "before", "after", "connection"],
  ],
  chain: [[...PLACE, "type", "priority", "policy"], []],
  rule: [
    [...PLACE, "index", "text", "matched", "steps"],
    ["origin", "verdict"],
  ],
  return: [[...PLACE, "verdict"], []],
  policy: [[...PLACE, "verdict"], []],
  bind: [["kind", "end", "from", "to", "why"], []],
  rewrite: [["kind", "before", "after"], []],
  route: [
    ["kind", "destination"],
    ["type", "prefix", "interface", "gateway", "reason"],
  ],
  defragment: [["kind", "packet"], []],
  confirm: [["kind", "connection"], []],
};
const STEP: Fields = [
  ["left", "value"],
  ["operator", "right", "holds", "element", "origin"],
];

export function expectSchema(trace: Trace): void {
  expectFields(trace, [
    ["schema", "node", "explanations", "lost"],
    ["walk", "answer"],
  ]);
  expect(trace.schema).toBe("sluice/trace/v1");
  for (const one of trace.explanations) expectFields(one, [["cause", "message", "details"], []]);
  for (const walk of [trace.walk, trace.answer]) if (walk !== undefined) expectWalk(walk);
}

function expectWalk(walk: Walk): void {
  expectFields(walk, [
    ["origin", "packet", "packets", "sent"],
    ["number", "interface"],
  ]);
  for (const sent of walk.sent) expectFields(sent, [["interface", "packet", "hex"], []]);
  for (const packet of walk.packets) {
    expectFields(packet, [
      ["packet", "events", "verdict", "reason"],
      ["header", "in", "out"],
    ]);
    for (const event of packet.events) {
      expectFields(event, EVENTS[event.kind]);
      if (event.kind === "rule") for (const step of event.steps) expectFields(step, STEP);
    }
  }
}

function expectFields(object: object, [must, may]: Fields): void {
  const names = Object.keys(object);
  expect(must.filter((name) => !names.includes(name))).toEqual([]);
  expect(names.filter((name) => !must.includes(name) && !may.includes(name))).toEqual([]);
}

/** The two instructions of mode direct in words: what was asked for a packet and found, and which endpoint it was given. */

import * as Layout from "../../assembly/layout/service.ts";
import { ADDRESS4, ADDRESS6, NUMBER, PROTOCOL, SHORT, type ValueType } from "../program/values.ts";
import type { Done } from "./actions.ts";
import type { RuleStep } from "./types.ts";
import { numberOf, valueText } from "./values.ts";

/** Per question, what the packet is if there is no answer. */
const NO_ANSWERS: Readonly<Record<number, string>> = {
  [Layout.SERVICE_DESTINATION]: "for no Service",
  [Layout.SERVICE_REFUSAL]: "no Service refuses it",
  [Layout.SERVICE_SOURCE]: "neither marked, nor from an endpoint to itself",
};

const ANSWERS: Readonly<Record<number, string>> = {
  [Layout.ANSWER_ADDRESS]: "an address and port of a Service",
  [Layout.ANSWER_NODE_PORT]: "a node port",
  [Layout.ANSWER_NOWHERE]: "a Service without endpoints for it",
  [Layout.ANSWER_OTHER_PORT]: "another port of a ClusterIP",
  [Layout.ANSWER_NOBODY]: "where ClusterIPs are taken from, and nobody's",
  [Layout.ANSWER_MARK]: "marked on its way in",
  [Layout.ANSWER_HAIRPIN]: "from an endpoint to itself",
};

const CHOICES: Readonly<Record<number, string>> = {
  [Layout.CHOICE_DRAWN]: "drawn by lot",
  [Layout.CHOICE_AFFINITY]: "the client was there before",
  [Layout.CHOICE_HASH]: "by the hash of addresses and ports",
};

export function serviceStep({ viewed, instruction, holds, registers, context }: Done): RuleStep {
  const address = addressOf(viewed.family);
  const at = (offset: number, type: ValueType) =>
    valueText(registers.subarray(Layout.SERVICE_REGISTER + offset), type, context.interfaces);
  const { bytes } = address;
  const key = [at(bytes, address), at(bytes * 2, PROTOCOL), at(bytes * 2 + 4, SHORT)];
  const { options } = instruction;
  const answer = numberOf(registers.subarray(Layout.ANSWER_REGISTER), NUMBER);
  const from = options === Layout.SERVICE_SOURCE ? `${at(0, address)} -> ` : "";
  return {
    left: `${from}${key.join(" . ")}`,
    value: ANSWERS[answer] ?? NO_ANSWERS[options] ?? "",
    ...(holds ? {} : { holds }),
  };
}

export function endpointStep({ viewed, registers, context }: Done): RuleStep {
  const address = addressOf(viewed.family);
  const endpoint = registers.subarray(Layout.ENDPOINT_REGISTER);
  const host = valueText(endpoint, address, context.interfaces);
  const port = valueText(endpoint.subarray(address.bytes), SHORT, context.interfaces);
  const why = CHOICES[numberOf(registers.subarray(Layout.CHOICE_REGISTER), NUMBER)] ?? "";
  return { left: "endpoint", value: `${host.includes(":") ? `[${host}]` : host}:${port}, ${why}` };
}

function addressOf(family: 4 | 6): ValueType {
  return family === 4 ? ADDRESS4 : ADDRESS6;
}

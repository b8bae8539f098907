/** The statements of mode direct → one instruction each, and what it works with behind it (assembly/layout/service.ts). */

import * as Instructions from "../../assembly/layout/instructions.ts";
import * as Layout from "../../assembly/layout/service.ts";
import type { Endpoint, EndpointChoice, ServiceLookup } from "../ruleset/types.ts";
import { encodeAll } from "./elements.ts";
import { MAGLEV_ENDPOINTS_MAX, maglevTable } from "./maglev.ts";
import type { RuleBuilder, UsedSet } from "./rule.ts";
import { Uncompilable } from "./types.ts";
import { ADDRESS4, ADDRESS6, PROTOCOL, SHORT, type ValueType, wordsOf } from "./values.ts";
import type { Label } from "./writer.ts";

/** What the instruction asks, and what with: words, and which of them are offsets, by their places in bytes. */
interface Form {
  readonly question: number;
  readonly bytes: number;
  readonly words: ReadonlyMap<number, number>;
  readonly labels: ReadonlyMap<number, Label>;
}

const VERDICT_CHAIN = 4;

export function emitService(rule: RuleBuilder, lookup: ServiceLookup): void {
  const form = formOf(rule, lookup);
  const label = rule.scope.newLabel();
  rule.scope.later((writer) => {
    writer.align(8);
    writer.place(label);
    const at = writer.reserve(form.bytes);
    for (const [offset, word] of form.words) writer.set32(at + offset, word);
    for (const [offset, meant] of form.labels) writer.refer(at + offset, meant);
  });
  rule.emit({ operation: Instructions.OP_SERVICE, options: form.question, xLabel: label });
}

export function emitEndpoint(rule: RuleBuilder, { endpoints, scheduler }: EndpointChoice): void {
  if (endpoints.length === 0) throw new Uncompilable("there is no endpoint to choose");
  if (scheduler === "maglev" && endpoints.length > MAGLEV_ENDPOINTS_MAX)
    throw new Uncompilable(`the scheduler maglev takes at most ${MAGLEV_ENDPOINTS_MAX} endpoints`);
  const types = [addressType(rule), SHORT];
  const stride = wordsOf(types);
  const words = new Uint32Array(endpoints.length * stride);
  endpoints.forEach((endpoint, index) => {
    encodeAll(literalsOf(endpoint), types, rule.scope.interfaces, words, index * stride);
  });
  const clients = clientLabels(rule, endpoints);
  const table = scheduler === "maglev" ? maglevTable(words, stride) : undefined;
  const label = rule.scope.newLabel();
  rule.scope.later((writer) => {
    writer.align(8);
    writer.place(label);
    writer.appendBytes(new Uint8Array(words.buffer));
    for (const meant of clients) writer.refer(writer.reserve(4), meant);
    if (table === undefined) return;
    writer.append32(table.length);
    writer.appendBytes(new Uint8Array(table.buffer));
  });
  rule.emit({
    operation: Instructions.OP_ENDPOINT,
    length: stride * 4,
    options: (clients.length > 0 ? Layout.ENDPOINT_AFFINE : 0) | (table === undefined ? 0 : Layout.ENDPOINT_MAGLEV),
    xLabel: label,
    y: endpoints.length,
  });
}

type Question<Q extends ServiceLookup["question"]> = Extract<ServiceLookup, { readonly question: Q }>;

function formOf(rule: RuleBuilder, lookup: ServiceLookup): Form {
  switch (lookup.question) {
    case "destination":
      return destinationForm(rule, lookup);
    case "refusal":
      return refusalForm(rule, lookup);
    case "source":
      return sourceForm(rule, lookup);
  }
}

function destinationForm(rule: RuleBuilder, lookup: Question<"destination">): Form {
  const { addresses, nodePorts, nodeAddresses } = lookup;
  const address = addressType(rule);
  const labels = new Map([
    [Layout.DESTINATION_ADDRESSES, verdictMap(rule, addresses, [address, PROTOCOL, SHORT])],
    [Layout.DESTINATION_NODE_PORTS, verdictMap(rule, nodePorts, [PROTOCOL, SHORT])],
  ]);
  if (nodeAddresses !== undefined) {
    labels.set(Layout.DESTINATION_NODE_ADDRESSES, namedSet(rule, nodeAddresses, [address]).label);
  }
  return { question: Layout.SERVICE_DESTINATION, bytes: Layout.DESTINATION_BYTES, words: new Map(), labels };
}

function refusalForm(rule: RuleBuilder, lookup: Question<"refusal">): Form {
  const { nowhere, clusterIps, rejectChain, serviceCidrs } = lookup;
  const address = addressType(rule);
  const labels = new Map([
    [Layout.REFUSAL_NOWHERE, verdictMap(rule, nowhere, [address, PROTOCOL, SHORT])],
    [Layout.REFUSAL_CLUSTER_IPS, namedSet(rule, clusterIps, [address]).label],
    [Layout.REFUSAL_OTHER_PORT + VERDICT_CHAIN, rule.scope.chain(rejectChain)],
  ]);
  const words = new Map([
    [Layout.REFUSAL_OTHER_PORT, Instructions.OP_GOTO],
    [Layout.REFUSAL_NOBODY, Instructions.OP_DROP],
  ]);
  if (serviceCidrs.length > 0) {
    const elements = serviceCidrs.map((literal) => ({ key: [literal] }));
    labels.set(Layout.REFUSAL_CIDRS, rule.set({ kind: "anonymous", elements }, { key: [address] }).label);
  }
  return { question: Layout.SERVICE_REFUSAL, bytes: Layout.REFUSAL_BYTES, words, labels };
}

function sourceForm(rule: RuleBuilder, { hairpins, mark }: Question<"source">): Form {
  const address = addressType(rule);
  const labels = new Map([
    [Layout.SOURCE_HAIRPINS, namedSet(rule, hairpins, [address, address, PROTOCOL, SHORT]).label],
  ]);
  const words = new Map([
    [Layout.SOURCE_MARK, mark],
    [Layout.SOURCE_VERDICT, Instructions.OP_CONTINUE],
  ]);
  return { question: Layout.SERVICE_SOURCE, bytes: Layout.SOURCE_BYTES, words, labels };
}

function addressType({ scope }: RuleBuilder): ValueType {
  if (scope.family === "ip") return ADDRESS4;
  if (scope.family === "ip6") return ADDRESS6;
  throw new Uncompilable("Services are looked up in tables of family ip or ip6");
}

function verdictMap(rule: RuleBuilder, name: string, key: readonly ValueType[]): Label {
  const { value, label } = namedSet(rule, name, key);
  if (value !== "verdict") throw new Uncompilable(`"${name}" is no verdict map`);
  return label;
}

function namedSet(rule: RuleBuilder, name: string, key: readonly ValueType[]): UsedSet {
  return rule.set({ kind: "named", name }, { key });
}

/** The sets of the endpoints' clients; none: a client has no endpoint of its own. */
function clientLabels(rule: RuleBuilder, endpoints: readonly Endpoint[]): readonly Label[] {
  const names = endpoints.flatMap(({ clients }) => (clients === undefined ? [] : [clients]));
  if (names.length !== 0 && names.length !== endpoints.length)
    throw new Uncompilable("some endpoints have sets of clients and some have none");
  return names.map((name) => namedSet(rule, name, [addressType(rule)]).label);
}

function literalsOf({ address, port }: Endpoint) {
  return [
    { kind: "address", address },
    { kind: "number", value: port },
  ] as const;
}

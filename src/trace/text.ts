/** A trace for people: hook by hook, indented by how deep the rules jump, the rules that matched in bold. */

import type { PacketWalk, RuleEvent, RuleStep, Trace, TraceEvent, TupleOfConnection, Walk } from "./types.ts";

/** What makes text stand out: picocolors has these, and what prints no colours can have them, too. */
export interface Colours {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly cyan: (text: string) => string;
}

export interface TextOptions {
  readonly colours: Colours;
  /** Also the rules that did not match. */
  readonly all: boolean;
}

const INDENT = "  ";
const BAD_VERDICTS = ["drop", "reject"];

export function traceText(trace: Trace, options: TextOptions): string {
  const { bold, yellow } = options.colours;
  const lines: string[] = [];
  for (const { message, details } of trace.explanations) {
    lines.push(yellow(message), ...details.map((detail) => `${INDENT}${detail}`));
  }
  if (trace.explanations.length > 0 && trace.walk !== undefined) lines.push("");
  if (trace.walk !== undefined) lines.push(...walkLines("in", trace.walk, options));
  if (trace.answer !== undefined)
    lines.push("", bold("The answer's way back"), ...walkLines("in", trace.answer, options));
  if (trace.lost > 0) lines.push(yellow(`the trace is longer than its buffer: ${trace.lost} records are missing`));
  return `${lines.join("\n")}\n`;
}

function walkLines(label: string, walk: Walk, options: TextOptions): string[] {
  const { bold, cyan, dim } = options.colours;
  const where = walk.origin === "node" ? "the node sends" : (walk.interface ?? label);
  const number = walk.number === undefined ? "" : dim(`packet ${walk.number}  `);
  const lines = [`${number}${cyan(where)}  ${bold(walk.packet)}`];
  walk.packets.forEach((packet, index) => {
    if (index > 0) lines.push(`${cyan("the node answers")}  ${bold(packet.packet)}`);
    lines.push(...packetLines(packet, options));
  });
  for (const sent of walk.sent) lines.push(`${cyan("leaves")} ${sent.interface}  ${bold(sent.packet)}`);
  return lines;
}

function packetLines(packet: PacketWalk, options: TextOptions): string[] {
  const { red, green } = options.colours;
  const lines: string[] = [];
  let depth = 0;
  let skipped = 0;
  const told = () => {
    if (skipped > 0) lines.push(`${indent(depth)}${options.colours.dim(unmatchedText(skipped))}`);
    skipped = 0;
  };
  for (const event of packet.events) {
    if (event.kind === "rule" && !event.matched && !options.all) {
      skipped++;
      continue;
    }
    told();
    if (event.kind === "hook" || event.kind === "chain") depth = 0;
    if (event.kind === "return" && depth > 0) depth--;
    else lines.push(...eventLines(event, indent(depth), options));
    if (event.kind === "rule" && event.verdict?.startsWith("jump ")) depth++;
    if (event.kind === "rule" && event.verdict === "return" && depth > 0) depth--;
  }
  told();
  const colour = BAD_VERDICTS.includes(packet.verdict) ? red : green;
  const reason = packet.reason === "none" ? "" : ` (${packet.reason})`;
  lines.push(`${INDENT}${colour(`${packet.verdict}${reason}`)}`);
  return lines;
}

function indent(depth: number): string {
  return INDENT.repeat(depth + 2);
}

function unmatchedText(count: number): string {
  return count === 1 ? "one rule does not match" : `${count} rules do not match`;
}

function eventLines(event: TraceEvent, at: string, options: TextOptions): string[] {
  const { bold, cyan, dim } = options.colours;
  switch (event.kind) {
    case "hook":
      return [`${INDENT}${cyan(event.hook)}`];
    case "chain":
      return [
        `${at}${dim(`${event.family} ${event.table} ${event.chain}, ${event.type}, priority ${event.priority}`)}`,
      ];
    case "rule":
      return ruleLines(event, at, options);
    case "return":
      return [];
    case "policy":
      return [`${at}${dim(`policy of ${event.chain}:`)} ${event.verdict}`];
    case "track":
      return trackLines(event, at);
    case "bind":
      return [`${at}${bold(`${event.end} ${event.from} -> ${event.to}`)}  ${dim(event.why)}`];
    case "rewrite":
      return [`${at}nat: ${event.before}  becomes  ${bold(event.after)}`];
    case "route":
      return [`${INDENT}${cyan("route")} ${routeText(event)}`];
    case "defragment":
      return [`${at}put together: ${event.packet}`];
    case "confirm":
      return [`${at}conntrack: the connection is confirmed: ${tuplesText(event.connection)}`];
  }
}

function ruleLines(event: RuleEvent, at: string, { colours }: TextOptions): string[] {
  const { bold, dim, cyan } = colours;
  const verdict = event.verdict === undefined ? "" : `  ${cyan(`-> ${event.verdict}`)}`;
  const text = event.matched ? bold(event.text) : dim(event.text);
  const head = `${at}${dim(`${event.chain} ${event.index + 1}:`)} ${text}${verdict}`;
  const origin = event.origin === undefined ? [] : [`${at}${INDENT}${dim(`of ${event.origin}`)}`];
  return [head, ...origin, ...event.steps.flatMap((step) => stepLines(step, `${at}${INDENT}`, colours))];
}

function stepLines(step: RuleStep, at: string, { dim, red }: Colours): string[] {
  const compared = step.operator === undefined ? "" : ` ${step.operator} ${step.right ?? ""}`;
  const failed = step.holds === false ? red(" no") : "";
  const line = `${at}${dim(`${step.left}: ${step.value}${compared}`)}${failed}`;
  const found = step.element === undefined ? [] : [`${at}${INDENT}${dim(elementText(step))}`];
  return [line, ...found];
}

function elementText({ element = "", origin }: RuleStep): string {
  return origin === undefined ? `found ${element}` : `found ${element}, of ${origin}`;
}

function trackLines(event: Extract<TraceEvent, { kind: "track" }>, at: string): string[] {
  const direction = event.direction === undefined ? "" : `, ${event.direction} direction`;
  const state =
    event.after === undefined
      ? ""
      : `, ${event.before === undefined || event.before === event.after ? "" : `${event.before} -> `}${event.after}`;
  const cause = event.cause === undefined ? "" : `: ${event.cause}`;
  return [`${at}conntrack: ${event.ct}${direction}${state}${cause}`];
}

function routeText(event: Extract<TraceEvent, { kind: "route" }>): string {
  const words = [event.destination];
  if (event.type === undefined) words.push("no route");
  else if (event.type !== "unicast") words.push(event.type);
  if (event.gateway !== undefined) words.push(`via ${event.gateway}`);
  if (event.interface !== undefined) words.push(`dev ${event.interface}`);
  if (event.prefix !== undefined && event.prefix !== event.destination) words.push(`(${event.prefix})`);
  if (event.reason !== undefined && event.type !== undefined) words.push(`: ${event.reason}`);
  return words.join(" ");
}

function tuplesText({ protocol, original, reply }: TupleOfConnection): string {
  const tuple = ({ src, dst, sport, dport }: TupleOfConnection["original"]) =>
    [
      `src=${src}`,
      `dst=${dst}`,
      ...(sport === undefined ? [] : [`sport=${sport}`]),
      ...(dport === undefined ? [] : [`dport=${dport}`]),
    ].join(" ");
  return `${protocol} ${tuple(original)}, reply ${tuple(reply)}`;
}

/** Reads what `ipset save` prints, and says what `--match-set` comes to: a lookup in a set of nft's kind, or several. */

import type { Problem } from "../manifest/types.ts";
import { formatAddress } from "../network/address.ts";
import { parsePrefix } from "../network/prefix.ts";
import { protocolOf } from "./iptables-header.ts";
import { isIn, oneOfThem } from "./iptables-match.ts";
import { type IpSetMatch, type IpSets, listOf, number, numberOf, rangeOf, unsupported } from "./iptables-options.ts";
import { PORT_MAX } from "./iptables-words.ts";
import { LineError, UnsupportedWords, type Word, wordsOf } from "./iptables-words-of.ts";
import type { DataType, Element, Expression, Literal, NamedSet } from "./types.ts";

/** What a part of an element is; a port comes with its protocol, but for bitmap:port. */
type Part = "address" | "port" | "bare port";

const TYPES: Readonly<Record<string, readonly Part[]>> = {
  "hash:ip": ["address"],
  "hash:net": ["address"],
  "bitmap:ip": ["address"],
  "bitmap:port": ["bare port"],
  "hash:ip,port": ["address", "port"],
  "hash:net,port": ["address", "port"],
  "hash:net,net": ["address", "address"],
  "hash:ip,port,ip": ["address", "port", "address"],
  "hash:ip,port,net": ["address", "port", "address"],
};
const LIST_TYPE = "list:set";

/** A set of sets has members instead of elements. */
interface SetDraft {
  readonly name: string;
  readonly family: "ip" | "ip6";
  readonly parts: readonly Part[] | undefined;
  readonly elements: Element[];
  readonly members: Word[];
  /** Why it cannot be asked. */
  obstacle: UnsupportedWords | undefined;
}

/** `file` names the text in problems. A set that is not supported is one only for rules that ask it. */
export function readIpSets(
  text: string,
  file: string,
): { readonly sets: IpSets; readonly problems: readonly Problem[] } {
  const drafts = new Map<string, SetDraft>();
  const problems: Problem[] = [];
  text.split(/\r?\n/).forEach((line, index) => {
    try {
      readLine(wordsOf(line), drafts);
    } catch (error) {
      if (!(error instanceof LineError)) throw error;
      problems.push({
        severity: "error",
        place: { file, line: index + 1, column: error.column },
        message: error.message,
      });
    }
  });
  return { sets: { match: (name, directions, family) => matchOf(drafts, name, directions, family) }, problems };
}

function readLine([command, name, value, ...options]: readonly Word[], drafts: Map<string, SetDraft>): void {
  if (command === undefined || command.text.startsWith("#")) return;
  if ((command.text !== "create" && command.text !== "add") || name === undefined || value === undefined) {
    throw new LineError(command.column, `"${command.text}" begins no line of ipset save`);
  }
  if (command.text === "create") {
    const family = options.some(({ text }) => text === "inet6") ? "ip6" : "ip";
    const parts = TYPES[value.text];
    const isKnown = parts !== undefined || value.text === LIST_TYPE;
    const obstacle = isKnown ? undefined : unsupported(value, `the type ${value.text} of the set "${name.text}"`);
    drafts.set(name.text, { name: name.text, family, parts, elements: [], members: [], obstacle });
    return;
  }
  const set = drafts.get(name.text);
  if (set === undefined) throw new LineError(name.column, `the set "${name.text}" is not created before`);
  if (set.obstacle !== undefined) return;
  const exception = options.find(({ text }) => text === "nomatch");
  if (exception !== undefined) set.obstacle = unsupported(exception, `"nomatch" in the set "${name.text}"`);
  const expiresSeconds = secondsLeft(options);
  if (set.parts !== undefined) set.elements.push({ key: keyOf(set.parts, value), ...expiresSeconds });
  else if (expiresSeconds === undefined) set.members.push(value);
  else set.obstacle = unsupported(value, `a member that times out in the set "${name.text}"`);
}

/** `timeout 300`: what is left of it; 0 is for ever. */
function secondsLeft(options: readonly Word[]): Pick<Element, "expiresSeconds"> | undefined {
  const at = options.findIndex(({ text, isQuoted }) => text === "timeout" && !isQuoted);
  const word = at < 0 ? undefined : options[at + 1];
  const seconds = word === undefined ? 0 : numberOf(word);
  return seconds === 0 ? undefined : { expiresSeconds: seconds };
}

/** "10.0.0.1,tcp:80" */
function keyOf(parts: readonly Part[], word: Word): readonly Literal[] {
  const texts = listOf(word);
  if (texts.length !== parts.length) throw new LineError(word.column, `"${word.text}" has not ${parts.length} parts`);
  return parts.flatMap((part, index): readonly Literal[] => {
    const text = texts[index]!;
    if (part === "bare port") return [number(numberOf(text, PORT_MAX))];
    if (part === "address") return [addressOf(text)];
    const [protocol = "", port = ""] = text.text.includes(":") ? text.text.split(":") : ["tcp", text.text];
    const [from] = rangeOf({ ...text, text: port }, PORT_MAX);
    return [{ kind: "protocol", protocol: protocolOf({ ...text, text: protocol }) }, number(from)];
  });
}

function addressOf(word: Word): Literal {
  const prefix = parsePrefix(word.text);
  if (prefix === undefined) throw new LineError(word.column, `"${word.text}" is no address or prefix`);
  const address = formatAddress(prefix.bytes);
  if (prefix.length === prefix.bytes.length * 8) return { kind: "address", address };
  return { kind: "prefix", address, length: prefix.length };
}

/** A set of sets holds what one of its members holds. */
function matchOf(
  drafts: ReadonlyMap<string, SetDraft>,
  name: Word,
  directions: Word,
  family: "ip" | "ip6",
): IpSetMatch {
  const set = drafts.get(name.text);
  if (set === undefined) throw new LineError(name.column, `there is no set "${name.text}"`);
  if (set.obstacle !== undefined) throw new UnsupportedWords(name.column, set.obstacle.message);
  if (set.parts === undefined) {
    const members = set.members.map((member) => ({ ...member, column: name.column }));
    const matches = members.map((member) => matchOf(drafts, member, directions, family));
    const statements = matches.flatMap((match) => match.statements);
    return { statements: [oneOfThem(statements, false)], sets: matches.flatMap((match) => match.sets) };
  }
  const ends = listOf(directions).map(({ text, column }) => {
    if (text !== "src" && text !== "dst") throw new LineError(column, `"${text}" is neither src nor dst`);
    return text;
  });
  if (ends.length < set.parts.length)
    throw new LineError(directions.column, `the set "${name.text}" wants ${set.parts.length} directions`);
  const hasAddress = set.parts.includes("address");
  if (hasAddress && set.family !== family)
    throw new LineError(name.column, `the set "${name.text}" is of the other family`);
  const keys = set.parts.flatMap((part, index) => keyExpressions(part, ends[index]!, family));
  const key: Expression = keys.length === 1 ? keys[0]! : { kind: "concat", parts: keys };
  return { statements: [isIn(key, set.name)], sets: [namedSet(set)] };
}

function keyExpressions(part: Part, end: "src" | "dst", family: "ip" | "ip6"): readonly Expression[] {
  const isSource = end === "src";
  if (part === "address") return [{ kind: "payload", protocol: family, field: isSource ? "saddr" : "daddr" }];
  const port: Expression = { kind: "payload", protocol: "th", field: isSource ? "sport" : "dport" };
  return part === "bare port" ? [port] : [{ kind: "meta", key: "l4proto" }, port];
}

function namedSet({ name, family, parts = [], elements }: SetDraft): NamedSet {
  const key = parts.flatMap((part): readonly DataType[] => {
    if (part === "address") return [family === "ip" ? "ipv4_addr" : "ipv6_addr"];
    return part === "port" ? ["inet_proto", "inet_service"] : ["inet_service"];
  });
  const isInterval = elements.some((element) => element.key.some(({ kind }) => kind === "prefix"));
  const isTimed = elements.some(({ expiresSeconds }) => expiresSeconds !== undefined);
  const flags = [...(isInterval ? (["interval"] as const) : []), ...(isTimed ? (["timeout"] as const) : [])];
  return { name, key, flags, elements };
}

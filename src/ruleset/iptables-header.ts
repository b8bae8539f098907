/** What iptables matches before any extension: addresses, interfaces, the protocol, fragments. */

import { formatAddress, parseAddress } from "../network/address.ts";
import { parsePrefix } from "../network/prefix.ts";
import { isWhere } from "./iptables-match.ts";
import { listOf, type Option, optionText, type RuleContext, unsupported } from "./iptables-options.ts";
import { LineError, type Word } from "./iptables-words-of.ts";
import { PROTOCOL_NUMBERS } from "./protocols.ts";
import type { Expression, Literal, Statement } from "./types.ts";
import { NEVER } from "./xt.ts";

/** Options by all their names, and how many words stand behind each. */
export const HEADER_OPTIONS: Readonly<Record<string, readonly [name: string, values: number]>> = {
  "-s": ["-s", 1],
  "--source": ["-s", 1],
  "--src": ["-s", 1],
  "-d": ["-d", 1],
  "--destination": ["-d", 1],
  "--dst": ["-d", 1],
  "-i": ["-i", 1],
  "--in-interface": ["-i", 1],
  "-o": ["-o", 1],
  "--out-interface": ["-o", 1],
  "-p": ["-p", 1],
  "--protocol": ["-p", 1],
  "--proto": ["-p", 1],
  "-f": ["-f", 0],
  "--fragments": ["-f", 0],
  "--fragment": ["-f", 0],
};

/** The order in which iptables-save writes them. */
export const HEADER_ORDER = ["-s", "-d", "-i", "-o", "-p", "-f"] as const;

/** What the kernel's tools call protocols besides /etc/protocols. */
const OTHER_NAMES: Readonly<Record<string, number>> = { all: 0, icmpv6: 58, ipip: 4, ipv4: 4, mh: 135, "ipv6-mh": 135 };
const PROTOCOL_MAX = 255;
const INTERFACE_BYTES_MAX = 15;
const FRAGMENT_OFFSET = 0x1fff;

/** A header match in iptables' words, and what it comes to. */
export interface HeaderMatch {
  readonly words: string;
  readonly statements: readonly Statement[];
}

/** An option with a list of addresses stands for a rule each. */
export function headerMatches(option: Option, context: RuleContext): readonly HeaderMatch[] {
  const [value] = option.values;
  const not = option.isNegated ? "! " : "";
  switch (option.name) {
    case "-s":
    case "-d": {
      const parts = listOf(value!);
      if (parts.length > 1 && option.isNegated) {
        throw new LineError(value!.column, `${option.name} with "!" takes one address`);
      }
      return parts.map((part) => addressMatch(option, part, context));
    }
    case "-i":
    case "-o":
      return [{ words: `${not}${option.name} ${value!.text}`, statements: interfaceMatch(option, value!) }];
    case "-p":
      return [{ words: `${not}-p ${value!.text}`, statements: protocolMatch(option, protocolOf(value!)) }];
    default:
      if (context.family === "ip6") throw new LineError(option.word.column, "ip6tables has no -f");
      return [{ words: `${not}-f`, statements: [fragmentMatch(option)] }];
  }
}

/** The number of a protocol; 0 stands for all. */
export function protocolOf(word: Word): number {
  const name = word.text.toLowerCase();
  const number = PROTOCOL_NUMBERS[name] ?? OTHER_NAMES[name] ?? (/^\d+$/.test(name) ? Number(name) : Number.NaN);
  if (!(number <= PROTOCOL_MAX)) throw new LineError(word.column, `"${word.text}" is no protocol`);
  return number;
}

function addressMatch(option: Option, part: Word, { family }: RuleContext): HeaderMatch {
  const protocol = family;
  const left: Expression = { kind: "payload", protocol, field: option.name === "-s" ? "saddr" : "daddr" };
  const [address = "", mask] = part.text.split("/");
  const bytes = parseAddress(address);
  const bits = family === "ip" ? 32 : 128;
  if (bytes?.length !== bits / 8) {
    throw new LineError(part.column, `"${part.text}" is no ${family === "ip" ? "IPv4" : "IPv6"} address or prefix`);
  }
  const length = mask === undefined ? bits : (lengthOf(mask, bits) ?? oddMask(option, part));
  const prefix = parsePrefix(`${address}/${length}`);
  if (prefix === undefined) throw new LineError(part.column, `"${part.text}" is no address or prefix`);
  const network = formatAddress(prefix.bytes);
  const words = `${option.isNegated ? "! " : ""}${option.name} ${network}/${length}`;
  if (length === 0) return { words, statements: option.isNegated ? [NEVER] : [] };
  const literal: Literal =
    length === bits ? { kind: "address", address: network } : { kind: "prefix", address: network, length };
  return { words, statements: [isWhere(left, literal, option.isNegated)] };
}

/** "24" or "255.255.255.0"; undefined for a mask with holes. */
function lengthOf(mask: string, bits: number): number | undefined {
  if (/^\d+$/.test(mask)) return Number(mask);
  const bytes = parseAddress(mask);
  if (bytes?.length !== bits / 8) return Number.NaN;
  const text = Array.from(bytes, (byte) => byte.toString(2).padStart(8, "0")).join("");
  return /^1*0*$/.test(text) ? text.replaceAll("0", "").length : undefined;
}

function oddMask(option: Option, part: Word): never {
  throw unsupported(part, `the mask of ${optionText(option)}`);
}

function interfaceMatch(option: Option, { text, column }: Word): readonly Statement[] {
  if (text === "" || text.replace(/\+$/, "").length > INTERFACE_BYTES_MAX || text.includes("/")) {
    throw new LineError(column, `"${text}" is no name of an interface`);
  }
  if (text === "+") return option.isNegated ? [NEVER] : [];
  const left: Expression = { kind: "meta", key: option.name === "-i" ? "iifname" : "oifname" };
  return [isWhere(left, { kind: "name", name: text.replace(/\+$/, "*") }, option.isNegated)];
}

function protocolMatch(option: Option, protocol: number): readonly Statement[] {
  if (protocol === 0) return option.isNegated ? [NEVER] : [];
  return [isWhere({ kind: "meta", key: "l4proto" }, { kind: "protocol", protocol }, option.isNegated)];
}

/** Fragments behind the first have an offset. */
function fragmentMatch({ isNegated }: Option): Statement {
  const field: Expression = { kind: "payload", protocol: "ip", field: "frag-off" };
  const left: Expression = { kind: "bitwise", operator: "&", left: field, right: FRAGMENT_OFFSET };
  return isWhere(left, { kind: "number", value: 0 }, !isNegated);
}

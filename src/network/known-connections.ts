/** What `conntrack -L -o extended` prints: the connections that a node knew when its snapshot was taken. */

import type { Problem } from "../manifest/types.ts";
import { canonicalAddress } from "./address.ts";
import type { Read } from "./json.ts";

/** One direction: ports, or what stands in their place (ICMP: identifier, and type with code; GRE: keys). */
export interface KnownTuple {
  readonly src: string;
  readonly dst: string;
  readonly sport: number;
  readonly dport: number;
  readonly icmp?: { readonly type: number; readonly code: number; readonly id: number };
  readonly packets: number;
  readonly bytes: number;
}

export interface KnownConnection {
  /** IP protocol number. */
  readonly protocol: number;
  readonly timeoutSeconds: number;
  /** TCP's and SCTP's, as conntrack names them. */
  readonly state?: string;
  readonly original: KnownTuple;
  readonly reply: KnownTuple;
  readonly unreplied: boolean;
  readonly assured: boolean;
  readonly mark: number;
  readonly zone?: KnownZone;
}

/** A zone, and the directions that it holds for. */
export interface KnownZone {
  readonly number: number;
  readonly directions: "both" | "original" | "reply";
}

const REMEDY = "expected the output of `conntrack -L -o extended`";
/** What is left to an entry that a flow table keeps alive (nf_flowtable_tcp_timeout). */
const OFFLOADED_SECONDS = 30;
const PROTOCOL_MAX = 255;
/** Nothing, the tool's last line, and remarks: "# …", or "(the table was empty)". */
const NO_ENTRY = /^\s*(?:$|#|\(|conntrack v)/;

/** A line that cannot be understood is a problem. */
export function knownConnectionsFrom(text: string, file: string): Read<readonly KnownConnection[]> {
  const value: KnownConnection[] = [];
  const problems: Problem[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    if (NO_ENTRY.test(line)) continue;
    const connection = readLine(line);
    if (connection !== undefined) value.push(connection);
    else
      problems.push({
        severity: "error",
        place: placeOf(file, index, line),
        message: "not a connection",
        remedy: REMEDY,
      });
  }
  return { value, problems };
}

function placeOf(file: string, index: number, line: string) {
  return { file, line: index + 1, column: 1, excerpt: { text: line, caret: 0 } };
}

/** `ipv4 2 tcp 6 299 ESTABLISHED src=… dst=… sport=… dport=… [UNREPLIED] src=… … [ASSURED] mark=0 use=1` */
const HEAD = /^\s*(?:ipv[46]\s+\d+\s+)?\S+\s+(\d+)\s+(?:(\d+)\s+)?(?:([A-Z][A-Z0-9_]*)\s+)?src=/;
const FIELD = /(\S+?)=(\S+)/g;

function readLine(line: string): KnownConnection | undefined {
  const [, protocol, timeout, state] = HEAD.exec(line) ?? [];
  if (protocol === undefined || Number(protocol) > PROTOCOL_MAX) return undefined;
  const second = line.indexOf(" src=", line.indexOf("src=") + 1);
  if (second < 0) return undefined;
  const original = readTuple(line.slice(0, second));
  const reply = readTuple(line.slice(second));
  if (original === undefined || reply === undefined) return undefined;
  return {
    protocol: Number(protocol),
    timeoutSeconds: Number(timeout ?? OFFLOADED_SECONDS),
    ...(state === undefined ? {} : { state }),
    original,
    reply,
    unreplied: line.includes("[UNREPLIED]"),
    assured: line.includes("[ASSURED]") || line.includes("OFFLOAD]"),
    mark: Number(fieldsOf(line).get("mark") ?? 0),
    ...zoneOf(line),
  };
}

function zoneOf(line: string): { readonly zone?: KnownZone } {
  const [, direction, number] = / zone(-orig|-reply)?=(\d+)/.exec(line) ?? [];
  if (number === undefined) return {};
  const directions = direction === undefined ? "both" : direction === "-orig" ? "original" : "reply";
  return { zone: { number: Number(number), directions } };
}

function readTuple(text: string): KnownTuple | undefined {
  const fields = fieldsOf(text);
  const number = (...names: string[]) =>
    Number(names.map((name) => fields.get(name)).find((each) => each !== undefined) ?? 0);
  const [src, dst] = [canonicalAddress(fields.get("src") ?? ""), canonicalAddress(fields.get("dst") ?? "")];
  const tuple = {
    sport: number("sport", "srckey"),
    dport: number("dport", "dstkey"),
    packets: number("packets"),
    bytes: number("bytes"),
  };
  if (src === undefined || dst === undefined || Object.values(tuple).some(Number.isNaN)) return undefined;
  if (!fields.has("type")) return { src, dst, ...tuple };
  return { src, dst, ...tuple, icmp: { type: number("type"), code: number("code"), id: number("id") } };
}

function fieldsOf(text: string): Map<string, string> {
  return new Map([...text.matchAll(FIELD)].map(([, name = "", value = ""]) => [name, value]));
}

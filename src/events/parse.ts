/**
 * `events.txt`: a line for each command, behind the time at which it was given. The commands are those that were given:
 *
 *     # the first endpoint's route goes away for a while
 *     2026-11-21T00:47:31.000000000Z  ip route replace unreachable 10.244.1.12
 *     1795221652.5                    ip route replace 10.244.1.12 dev veth12
 */

import { CONNECTIONS_MAX, isKnownSysctl } from "../engine/configuration.ts";
import type { Problem } from "../manifest/types.ts";
import type { Read } from "../network/json.ts";
import { readConnectionFilter } from "./connection-filter.ts";
import { readRouteCommand } from "./route-command.ts";
import type { Command, Timed } from "./types.ts";

const REMEDY =
  "a line is TIME COMMAND: ip route …, ip link set DEV mtu N, sysctl -w KEY=VALUE, conntrack -D …, kubectl apply -f FILE, snapshot DIR";

/** The commands in the order of their times; those of one time in the order of the lines. */
export function readEvents(text: string, file: string): Read<readonly Timed<Command>[]> {
  const value: Timed<Command>[] = [];
  const problems: Problem[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    const [timeWord, ...words] = line.replace(/#.*/, "").trim().split(/\s+/);
    if (timeWord === undefined || timeWord === "") continue;
    const place = { file, line: index + 1, column: 1, excerpt: { text: line, caret: 0 } };
    const time = readTime(timeWord);
    const change = time === undefined ? `${timeWord}: not a time` : readCommand(words);
    if (typeof change === "string") problems.push({ severity: "error", place, message: change, remedy: REMEDY });
    else value.push({ time: time ?? 0n, place, change });
  }
  return { value: value.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0)), problems };
}

const SECONDS = /^\[?(\d+)(?:\.(\d{1,9}))?\]?$/;
const RFC3339 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/;
const NANOSECONDS_PER_SECOND = 1_000_000_000n;
const NANOSECONDS_PER_MILLISECOND = 1_000_000n;

/** Nanoseconds since 1970: from RFC 3339, or from seconds as `conntrack -E -o timestamp` prints them. */
export function readTime(text: string): bigint | undefined {
  const seconds = SECONDS.exec(text);
  if (seconds !== null) return BigInt(seconds[1] ?? 0) * NANOSECONDS_PER_SECOND + fraction(seconds[2]);
  const date = RFC3339.exec(text);
  const milliseconds = date === null ? Number.NaN : Date.parse(`${date[1]}${date[3]}`);
  if (Number.isNaN(milliseconds)) return undefined;
  return BigInt(milliseconds) * NANOSECONDS_PER_MILLISECOND + fraction(date?.[2]);
}

function fraction(digits = ""): bigint {
  return BigInt(digits.padEnd(9, "0"));
}

/** A text says what is wrong. */
function readCommand(words: readonly string[]): Command | string {
  const [program, ...rest] = words;
  if (program === "ip") return readIp(rest);
  if (program === "sysctl") return readSysctl(rest.filter((word) => word !== "-w" && word !== "-qw"));
  if (program === "conntrack") return readConntrack(rest);
  if (program === "kubectl") return readKubectl(rest);
  if (program === "snapshot" && rest.length === 1) return { kind: "snapshot", path: rest[0] ?? "" };
  return `${program ?? "an empty command"}: not a command that is known here`;
}

function readIp(words: readonly string[]): Command | string {
  const isIp6 = words[0] === "-6";
  const [object, ...rest] = isIp6 || words[0] === "-4" ? words.slice(1) : words;
  if (object === "route" || object === "r") return readRouteCommand(rest, isIp6);
  const [verb, ...setting] = rest;
  const [name = "", what, number, ...more] = setting[0] === "dev" ? setting.slice(1) : setting;
  const mtu = Number(number);
  if (object !== "link" || verb !== "set" || what !== "mtu" || more.length > 0 || !Number.isInteger(mtu) || mtu < 68) {
    return `ip ${words.join(" ")}: of ip's commands, ip route and ip link set DEV mtu N are known here`;
  }
  return { kind: "mtu", interface: name, mtu };
}

function readSysctl(words: readonly string[]): Command | string {
  const [name, value] = (words[0] ?? "").split("=", 2);
  if (words.length !== 1 || !name || !value) return "sysctl: it wants one KEY=VALUE";
  if (name === CONNECTIONS_MAX) return `${name}: the table's size cannot change while a capture runs`;
  if (!isKnownSysctl(name)) return `${name}: conntrack has no such setting`;
  return { kind: "sysctl", name, value };
}

function readConntrack(words: readonly string[]): Command | string {
  const [verb, ...rest] = words;
  if (verb === "-F" && rest.length === 0) return { kind: "endConnections", filter: [] };
  if (verb !== "-D") return "conntrack: -D and -F are known here";
  const filter = readConnectionFilter(rest);
  return typeof filter === "string" ? filter : { kind: "endConnections", filter };
}

function readKubectl(words: readonly string[]): Command | string {
  const [verb, flag, path, ...more] = words;
  if ((verb !== "apply" && verb !== "delete") || flag !== "-f" || path === undefined || more.length > 0) {
    return "kubectl: apply -f FILE and delete -f FILE are known here";
  }
  return { kind: "manifests", verb, path };
}

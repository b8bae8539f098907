/** Captures as the command line names them: `CAPTURE`, `IFACE=CAPTURE`, `--from-host CAPTURE`, "-" for standard input. */

import { existsSync, statSync } from "node:fs";
import { openCapture, STANDARD_INPUT } from "../capture/file-node.ts";
import type { CaptureSource } from "../capture/types.ts";
import type { Problem } from "../manifest/types.ts";
import type { ReplayCapture } from "../replay/types.ts";
import { ProblemError, usageError } from "./messages.ts";

/** An interface's name as Linux allows it: up to 15 characters, no slash. A file whose name has "=" is still a file. */
const NAMED = /^([^\s/=]{1,15})=(.+)$/;

export function namedCaptures(names: readonly string[], fromHost: readonly string[]): ReplayCapture[] {
  if (names.length + fromHost.length === 0)
    throw usageError("no capture is named", 'name pcap or pcapng files, or "-" for standard input');
  return [...names.map(named), ...fromHost.map((path) => ({ ...opened(path), fromHost: true }))];
}

/** All files are looked at before the first is read: a typing error in the last name costs no time. */
export async function requireReadable(captures: readonly ReplayCapture[]): Promise<void> {
  const problems: Problem[] = [];
  for (const { name } of captures) {
    if (name === STANDARD_INPUT) continue;
    const opened = await openCapture(name);
    if (isProblem(opened)) problems.push({ ...opened, message: plain(name, opened.message) });
    else await opened.close();
  }
  if (problems.length > 0) throw new ProblemError(problems);
}

/** Bytes of all capture files, for the progress bar; 0 where standard input or a packed file makes that unknown. */
export function totalBytes(captures: readonly ReplayCapture[]): number {
  const sizes = captures.map(({ name }) => (name === STANDARD_INPUT || name.endsWith(".gz") ? 0 : statSync(name).size));
  return sizes.includes(0) ? 0 : sizes.reduce((sum, size) => sum + size, 0);
}

function named(argument: string): ReplayCapture {
  const match = existsSync(argument) ? null : NAMED.exec(argument);
  if (match === null) return opened(argument);
  const [, name = "", path = ""] = match;
  return { ...opened(path), interface: name };
}

function opened(path: string): ReplayCapture {
  const file = path === STANDARD_INPUT ? {} : { path };
  return { name: path, ...file, open: () => open(path) };
}

async function open(path: string): Promise<CaptureSource> {
  const opened = await openCapture(path);
  if (isProblem(opened)) throw new ProblemError([opened]);
  return opened;
}

function isProblem(opened: CaptureSource | Problem): opened is Problem {
  return "severity" in opened;
}

/** Node says "ENOENT: no such file or directory, open 'x'": what a shell would say is enough. */
function plain(name: string, message: string): string {
  const reason = /\bE[A-Z]+: ([^,]+), /.exec(message)?.[1];
  return reason === undefined ? message : `${name}: ${reason}`;
}

/** The JSON that iproute2 prints, as far as a node's network follows from it. Texts come in, plain data goes out. */

import type { Problem } from "../manifest/types.ts";

/** What a reader returns: all that could be understood, and what could not. */
export interface Read<T> {
  readonly value: T;
  readonly problems: readonly Problem[];
}

/** One link of `ip -j -d link` or `ip -j addr`: both print these. */
export interface LinkJson {
  readonly ifindex?: number;
  readonly ifname?: string;
  readonly flags?: readonly string[];
  readonly mtu?: number;
  readonly link_type?: string;
  readonly address?: string;
  readonly master?: string;
  readonly addr_info?: readonly AddressJson[];
}

export interface AddressJson {
  readonly local?: string;
  readonly prefixlen?: number;
  readonly scope?: string;
  readonly secondary?: boolean;
  readonly broadcast?: string;
}

export interface RouteJson {
  readonly type?: string;
  readonly dst?: string;
  readonly dev?: string;
  readonly gateway?: string;
  readonly via?: { readonly host?: string };
  readonly nexthops?: readonly { readonly gateway?: string; readonly dev?: string }[];
  readonly prefsrc?: string;
  readonly table?: string;
  readonly metric?: number;
  readonly metrics?: readonly { readonly mtu?: number }[];
  readonly flags?: readonly string[];
}

export interface NeighbourJson {
  readonly dst?: string;
  readonly dev?: string;
  readonly lladdr?: string;
  readonly state?: readonly string[];
}

/** Parses one of iproute2's lists; anything else is a problem that names the command which prints the right thing. */
export function readList<T>(text: string, file: string, command: string): Read<readonly T[]> {
  if (text.trim() === "") return { value: [], problems: [] };
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value)) return { value: value.filter(isObject) as T[], problems: [] };
    return { value: [], problems: [notAList(file, command, "is not a list")] };
  } catch (cause) {
    return { value: [], problems: [notAList(file, command, `is not JSON: ${(cause as Error).message}`)] };
  }
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length > 0;
}

function notAList(file: string, command: string, what: string): Problem {
  return { severity: "error", message: `${file}: ${what}`, remedy: `expected the output of \`${command}\`` };
}

/** Holds the kernel's connection table against the engine's: tuples, states, flags, marks, counters, deadlines. */

import type { Engine } from "../../../src/engine/instance.ts";
import { engineEntries } from "../../support/engine-conntrack.ts";
import { type Entry, type EntryTuple, kernelEntries } from "../../support/kernel-conntrack.ts";
import type { NetlinkSocket } from "../../support/kernel-netlink.ts";
import { LINKS } from "../world.ts";

/** Both round down, the kernel from its jiffies, and it is asked a little later. */
const SECONDS_TOLERANCE = 1;

/** A line per connection that only one side has, if it is not about to end, and two per one that they tell differently. */
export function connectionDifferences(socket: NetlinkSocket, engine: Engine, time: bigint): string[] {
  const theirs = byTuple(kernelEntries(socket));
  const ours = byTuple(engineEntries(engine, time));
  const lines: string[] = [];
  for (const [tuple, entry] of theirs) {
    const own = ours.get(tuple);
    if (own === undefined && entry.seconds > 0) lines.push(`only the kernel has ${tuple} ${describe(entry)}`);
    else if (own !== undefined && !isEqual(entry, own))
      lines.push(`${tuple}\n  kernel: ${describe(entry)}\n  engine: ${describe(own)}`);
  }
  for (const [tuple, entry] of ours) {
    if (!theirs.has(tuple) && entry.seconds > 0) lines.push(`only the engine has ${tuple} ${describe(entry)}`);
  }
  return lines;
}

function byTuple(entries: readonly Entry[]): Map<string, Entry> {
  return new Map(entries.map((entry) => [`protocol ${entry.protocol} ${tupleText(entry.original)}`, entry]));
}

function isEqual(a: Entry, b: Entry): boolean {
  if (Math.abs(a.seconds - b.seconds) > SECONDS_TOLERANCE) return false;
  const [one, other] = isHiddenChoice(a, b) ? [withoutPorts(a), withoutPorts(b)] : [a, b];
  return describe({ ...one, seconds: 0 }) === describe({ ...other, seconds: 0 });
}

/**
 * Ports that were drawn for a connection that ends in the node itself, or goes to an address of its links that nobody
 * has: nothing that leaves the node shows them, so that the engine cannot follow. Both have drawn one.
 */
function isHiddenChoice(a: Entry, b: Entry): boolean {
  const { src } = a.reply;
  const isHidden = LINKS.some(({ addresses, neighbours }) =>
    addresses.some((address) => isOn(address, src) && neighbours[src] === undefined),
  );
  return isHidden && (isDrawn(a, b, "sport", "dport") || isDrawn(a, b, "dport", "sport"));
}

/** Whether an address is of the network of an interface's address, all but whose last number is the network's. */
function isOn(interfaceAddress: string, address: string): boolean {
  const network = interfaceAddress.slice(
    0,
    Math.max(interfaceAddress.lastIndexOf("."), interfaceAddress.lastIndexOf(":")) + 1,
  );
  return address.startsWith(network);
}

function isDrawn(a: Entry, b: Entry, reply: "sport" | "dport", original: "sport" | "dport"): boolean {
  return a.reply[reply] !== a.original[original] && b.reply[reply] !== b.original[original];
}

function withoutPorts(entry: Entry): Entry {
  return { ...entry, reply: { ...entry.reply, sport: 0, dport: 0 } };
}

function describe({ reply, status, mark, seconds, packets, bytes, state, scales, flags, tags }: Entry): string {
  const info = [
    `reply ${tupleText(reply)}`,
    `status ${status.toString(16)}`,
    `mark ${mark}`,
    `${seconds} s`,
    `packets ${packets}`,
    `bytes ${bytes}`,
  ];
  if (state !== undefined) info.push(`state ${state}`);
  if (scales !== undefined) info.push(`scales ${scales}`);
  if (flags !== undefined) info.push(`flags ${flags.map((bits) => bits.toString(16))}`);
  if (tags !== undefined) info.push(`tags ${tags}`);
  return info.join(", ");
}

function tupleText({ src, dst, sport, dport }: EntryTuple): string {
  return `${src}.${sport} > ${dst}.${dport}`;
}

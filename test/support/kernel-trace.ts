/** What the kernel's own trace (`nft monitor trace`) says of the packets that pass a KernelNode. */

import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KernelNode } from "./kernel-node.ts";

/** A rule that was carried out, or a base chain's policy. */
export interface KernelTraceEvent {
  /** "ip nat PREROUTING". */
  readonly chain: string;
  /** Position in the chain, from 0, and the rule's text; absent for the policy. */
  readonly index?: number;
  readonly text?: string;
  readonly verdict: string;
}

/** The verdict of a rule that nft cannot print: its chain is all that is known. */
export const UNKNOWN = "unknown";

/** Sets the flag that makes the kernel trace a packet, before all other chains. */
const TRACING = `table inet tracing {
  chain arriving { type filter hook prerouting priority -500; meta nftrace set 1; }
  chain sending { type filter hook output priority -500; meta nftrace set 1; }
}
`;
const DEADLINE_MS = 10_000;
const POLL_MS = 20;
const LINE = /^trace id (\S+) (\S+ \S+ \S+) (.*)$/;
const RULE = /^rule (.*) # handle (\d+) \(verdict (.*)\)$/;
/** What neighbours say among themselves. */
const CHATTER = / ip6? daddr (ff02:|224\.0\.0\.)| icmpv6 type (nd-|mld)/;
/** nft 1.0.6 loses the rest of the line where it has no words for a target of xtables. */
const UNPRINTABLE = /^rule .* XT target \S+ not found/;
const POLICY = /^policy (\S+)/;

export class KernelTrace {
  readonly #node: KernelNode;
  readonly #directory: string;
  readonly #file: string;
  readonly #monitor: ChildProcess;
  readonly #indices: ReadonlyMap<string, number>;

  /** The node's rules are all loaded. */
  constructor(node: KernelNode) {
    this.#node = node;
    node.run("nft", ["-f", "-"], TRACING);
    this.#indices = ruleIndices(node.run("nft", ["-a", "list", "ruleset"]));
    this.#directory = mkdtempSync(join(tmpdir(), "sluice-trace-"));
    this.#file = join(this.#directory, "trace.txt");
    const output = openSync(this.#file, "w");
    const command = ["netns", "exec", node.namespace, "nft", "-a", "monitor", "trace"];
    this.#monitor = spawn("ip", command, { stdio: ["ignore", output, output] });
    closeSync(output);
  }

  /** Sends with `send` until the monitor shows `mark` in what it prints: all that came before it has been printed, too. */
  awaitMark(mark: string, send: () => void): void {
    for (const deadline = Date.now() + DEADLINE_MS; Date.now() < deadline; ) {
      send();
      for (let polls = 0; polls < 10; polls++) {
        if (readFileSync(this.#file, "utf8").includes(mark)) return;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, POLL_MS);
      }
    }
    throw new Error(`${this.#node.namespace}: nft monitor trace does not show "${mark}"`);
  }

  /** By packet, in the order in which the kernel met them: those between two marks. What came around over loopback is one. */
  between(begin: string, end: string): readonly (readonly KernelTraceEvent[])[] {
    const lines = readFileSync(this.#file, "utf8").split("\n");
    const first = lines.findLastIndex((line) => line.includes(begin));
    const last = lines.findIndex((line) => line.includes(end));
    const isLeftOut = (line: string) => line.includes(begin) || line.includes(end) || CHATTER.test(line);
    const marked = new Set(lines.filter(isLeftOut).map(idOf));
    const packets = new Map<string, KernelTraceEvent[]>();
    let sentToItself: KernelTraceEvent[] = [];
    for (const line of lines.slice(first + 1, last)) {
      const [, id = "", chain = "", rest = ""] = LINE.exec(line) ?? [];
      if (id === "" || marked.has(id)) continue;
      const events = packets.get(id) ?? (rest.startsWith('packet: iif "lo"') ? sentToItself : []);
      packets.set(id, events);
      if (rest.startsWith('packet: oif "lo"')) sentToItself = events;
      if (!chain.startsWith("inet tracing ")) events.push(...this.#event(chain, rest));
    }
    return [...new Set(packets.values())];
  }

  close(): void {
    this.#monitor.kill();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #event(chain: string, rest: string): KernelTraceEvent[] {
    const rule = RULE.exec(rest);
    if (rule !== null) {
      const [, text = "", handle = "", verdict = ""] = rule;
      const index = this.#indices.get(`${chain.split(" ").slice(0, 2).join(" ")} ${handle}`);
      if (index === undefined) throw new Error(`no rule of ${chain} has handle ${handle}`);
      return [{ chain, index, text, verdict }];
    }
    if (UNPRINTABLE.test(rest)) return [{ chain, verdict: UNKNOWN }];
    const policy = POLICY.exec(rest);
    return policy === null ? [] : [{ chain, verdict: policy[1] ?? "" }];
  }
}

function idOf(line: string): string | undefined {
  return LINE.exec(line)?.[1];
}

/** Positions of rules in their chains by "FAMILY TABLE HANDLE", from what `nft -a list ruleset` prints. */
function ruleIndices(listing: string): ReadonlyMap<string, number> {
  const indices = new Map<string, number>();
  let table = "";
  let index = 0;
  for (const line of listing.split("\n")) {
    const opened = /^table (\S+ \S+) \{/.exec(line);
    if (opened !== null) table = opened[1] ?? "";
    if (/^\tchain /.test(line)) index = 0;
    const handle = /^\t\t(?!type ).* # handle (\d+)$/.exec(line);
    if (handle !== null) indices.set(`${table} ${handle[1]}`, index++);
  }
  return indices;
}

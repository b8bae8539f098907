/** What engines counted and what was aggregated → a report. */

import * as Layout from "../../assembly/layout/engine.ts";
import { REASONS, VERDICT_FORWARD, VERDICT_SKIPPED } from "../../assembly/layout/verdict.ts";
import { REASON_NAMES, REASONS_NOT_DROPS, VERDICT_NAMES } from "../engine/names.ts";
import { VERSION } from "../version.ts";
import { counterOf, type EngineCounts } from "./counts.ts";
import { REPORT_SCHEMA, type Report, type ServiceCount } from "./types.ts";

/** What the replay itself knows. */
export interface Run {
  readonly files: readonly string[];
  readonly packets: number;
  /** Packet times, nanoseconds since 1970. */
  readonly firstTime: bigint;
  readonly lastTime: bigint;
  /** How long reading and processing took. */
  readonly elapsedSeconds: number;
}

const NANOSECONDS = 1e9;

export function buildReport(counts: EngineCounts, run: Run, services: readonly ServiceCount[]): Report {
  const bytes = counterOf(counts, Layout.PACKET_BYTES);
  const packetsPerSecond = run.elapsedSeconds > 0 ? run.packets / run.elapsedSeconds : 0;
  return {
    schema: REPORT_SCHEMA,
    engine: `sluice ${VERSION}`,
    capture: {
      files: [...run.files],
      packets: run.packets,
      bytes,
      seconds: Number(run.lastTime - run.firstTime) / NANOSECONDS,
    },
    verdicts: verdictsOf(counts),
    drops: dropsOf(counts),
    services,
    connections: {
      created: counterOf(counts, Layout.CREATED),
      open: counts.open,
      expired: counterOf(counts, Layout.EXPIRED),
      evicted: counterOf(counts, Layout.EVICTED),
      closed: counterOf(counts, Layout.CLOSED),
      invalid: counterOf(counts, Layout.INVALID),
    },
    throughput: {
      packetsPerSecond,
      nanosecondsPerPacket: packetsPerSecond > 0 ? NANOSECONDS / packetsPerSecond : 0,
      bytesPerSecond: run.elapsedSeconds > 0 ? bytes / run.elapsedSeconds : 0,
    },
    warnings: warningsOf(counts),
  };
}

function verdictsOf(counts: EngineCounts): Record<string, number> {
  const verdicts: Record<string, number> = {};
  for (let verdict = VERDICT_FORWARD; verdict <= VERDICT_SKIPPED; verdict++) {
    verdicts[VERDICT_NAMES[verdict] ?? String(verdict)] = counterOf(counts, Layout.VERDICTS + verdict * 8);
  }
  return verdicts;
}

function dropsOf(counts: EngineCounts): Record<string, number> {
  const drops: Record<string, number> = {};
  for (let reason = 0; reason < REASONS; reason++) {
    const packets = counterOf(counts, Layout.REASONS + reason * 8);
    if (packets > 0 && !REASONS_NOT_DROPS.has(reason)) drops[REASON_NAMES[reason] ?? String(reason)] = packets;
  }
  return drops;
}

const WARNINGS: readonly (readonly [counter: number, text: string])[] = [
  [
    Layout.BAD_CHECKSUM,
    "packets have a wrong transport checksum: conntrack calls them invalid (captured with offloading on?)",
  ],
  [Layout.TABLE_FULL, "new connections found the connection table full (net.netfilter.nf_conntrack_max)"],
  [Layout.INSERT_FAILED, "connections could not be entered: another one had one of their tuples"],
  [Layout.EVICTED, "connections were evicted from a full table (net.netfilter.nf_conntrack_max)"],
  [Layout.SETS_FULL, "elements found no room in a dynamic set: session affinity is incomplete"],
  [
    Layout.ERRORS_BEYOND_HOST,
    "ICMP errors were not sent, as their hosts get no more at a time (net.ipv4.icmp_ratelimit, net.ipv6.icmp.ratelimit)",
  ],
  [
    Layout.ERRORS_BEYOND_ALL,
    "ICMP errors were not sent, as there were too many at a time (net.ipv4.icmp_msgs_per_sec)",
  ],
  [Layout.UNRESOLVED, "packets went to a neighbour whose link address is not known: their frames have none"],
  [Layout.NOT_ALLOWED, "choices that the capture shows are not allowed by the rules"],
];

function warningsOf(counts: EngineCounts): string[] {
  return WARNINGS.flatMap(([counter, text]) => {
    const times = counterOf(counts, counter);
    return times === 0 ? [] : [`${times} ${text}`];
  });
}

/** How an engine is set up: sizes, switches, and the timeouts that sysctls can change. */

import * as Engine from "../../assembly/layout/engine.ts";
import * as State from "../../assembly/layout/state.ts";

export interface EngineConfiguration {
  readonly connectionsMax: number;
  readonly chunkBytes: number;
  readonly descriptorsMax: number;
  readonly outputBytes: number;
  readonly endedMax: number;
  readonly dynamicMax: number;
  readonly fragmentBytes: number;
  readonly followMax: number;
  /** Room for what traced packets meet; 0: none can be traced. */
  readonly traceBytes: number;
  readonly outputFormat: number;
  readonly flags: number;
  readonly seed: bigint;
  readonly sysctls: Readonly<Record<string, string>>;
}

const MIB = 1 << 20;

/** The kernel's own default on a machine with 4 GiB and more (nf_conntrack_init_start()). */
const CONNECTIONS_DEFAULT = 262_144;
/** The most that a sysctl can ask for: records, addresses and index of so many take 220 MiB. */
const CONNECTIONS_LIMIT = 1 << 20;

/** Enough for a capture of a busy node; every number can be overridden. */
export const CONFIGURATION: EngineConfiguration = {
  connectionsMax: CONNECTIONS_DEFAULT,
  chunkBytes: 8 * MIB,
  descriptorsMax: 65_536,
  outputBytes: 16 * MIB,
  endedMax: 16_384,
  dynamicMax: 65_536,
  fragmentBytes: 4 * MIB,
  followMax: 0,
  traceBytes: 0,
  outputFormat: Engine.OUTPUT_NONE,
  flags: Engine.ENGINE_FAST_PATH | Engine.ENGINE_IP6,
  seed: 1n,
  sysctls: {},
};

/** The kernel's own timeouts in seconds (nf_conntrack_proto_*.c, ip_fragment.c) and the sysctl that changes each, if one does. */
const TIMEOUTS: readonly (readonly [which: number, sysctl: string | undefined, seconds: number])[] = [
  [State.TIMEOUT_TCP + State.TCP_SYN_SENT, "net.netfilter.nf_conntrack_tcp_timeout_syn_sent", 120],
  [State.TIMEOUT_TCP + State.TCP_SYN_RECV, "net.netfilter.nf_conntrack_tcp_timeout_syn_recv", 60],
  [State.TIMEOUT_TCP + State.TCP_ESTABLISHED, "net.netfilter.nf_conntrack_tcp_timeout_established", 432_000],
  [State.TIMEOUT_TCP + State.TCP_FIN_WAIT, "net.netfilter.nf_conntrack_tcp_timeout_fin_wait", 120],
  [State.TIMEOUT_TCP + State.TCP_CLOSE_WAIT, "net.netfilter.nf_conntrack_tcp_timeout_close_wait", 60],
  [State.TIMEOUT_TCP + State.TCP_LAST_ACK, "net.netfilter.nf_conntrack_tcp_timeout_last_ack", 30],
  [State.TIMEOUT_TCP + State.TCP_TIME_WAIT, "net.netfilter.nf_conntrack_tcp_timeout_time_wait", 120],
  [State.TIMEOUT_TCP + State.TCP_CLOSE, "net.netfilter.nf_conntrack_tcp_timeout_close", 10],
  [State.TIMEOUT_TCP + State.TCP_SYN_SENT2, undefined, 120],
  [State.TIMEOUT_TCP + State.TCP_RETRANSMITTED, "net.netfilter.nf_conntrack_tcp_timeout_max_retrans", 300],
  [State.TIMEOUT_TCP + State.TCP_UNACKNOWLEDGED, "net.netfilter.nf_conntrack_tcp_timeout_unacknowledged", 300],
  [State.TIMEOUT_UDP, "net.netfilter.nf_conntrack_udp_timeout", 30],
  [State.TIMEOUT_UDP_STREAM, "net.netfilter.nf_conntrack_udp_timeout_stream", 120],
  [State.TIMEOUT_ICMP, "net.netfilter.nf_conntrack_icmp_timeout", 30],
  [State.TIMEOUT_ICMP6, "net.netfilter.nf_conntrack_icmpv6_timeout", 30],
  [State.TIMEOUT_GENERIC, "net.netfilter.nf_conntrack_generic_timeout", 600],
  [State.TIMEOUT_GRE, "net.netfilter.nf_conntrack_gre_timeout", 30],
  [State.TIMEOUT_GRE_STREAM, "net.netfilter.nf_conntrack_gre_timeout_stream", 180],
  [State.TIMEOUT_SCTP + State.SCTP_CLOSED, "net.netfilter.nf_conntrack_sctp_timeout_closed", 10],
  [State.TIMEOUT_SCTP + State.SCTP_COOKIE_WAIT, "net.netfilter.nf_conntrack_sctp_timeout_cookie_wait", 3],
  [State.TIMEOUT_SCTP + State.SCTP_COOKIE_ECHOED, "net.netfilter.nf_conntrack_sctp_timeout_cookie_echoed", 3],
  [State.TIMEOUT_SCTP + State.SCTP_ESTABLISHED, "net.netfilter.nf_conntrack_sctp_timeout_established", 210],
  [State.TIMEOUT_SCTP + State.SCTP_SHUTDOWN_SENT, "net.netfilter.nf_conntrack_sctp_timeout_shutdown_sent", 3],
  [State.TIMEOUT_SCTP + State.SCTP_SHUTDOWN_RECD, "net.netfilter.nf_conntrack_sctp_timeout_shutdown_recd", 3],
  [State.TIMEOUT_SCTP + State.SCTP_SHUTDOWN_ACK_SENT, "net.netfilter.nf_conntrack_sctp_timeout_shutdown_ack_sent", 3],
  [State.TIMEOUT_SCTP + State.SCTP_HEARTBEAT_SENT, "net.netfilter.nf_conntrack_sctp_timeout_heartbeat_sent", 30],
  [State.TIMEOUT_FRAGMENT, "net.ipv4.ipfrag_time", 30],
  [State.TIMEOUT_FRAGMENT6, "net.netfilter.nf_conntrack_frag6_timeout", 60],
];

/** Switches that sysctls turn: the flag, and its state where the sysctl is not given. */
const SWITCHES: readonly (readonly [flag: number, sysctl: string, byDefault: boolean])[] = [
  [Engine.ENGINE_CHECKSUM, "net.netfilter.nf_conntrack_checksum", true],
  [Engine.ENGINE_TCP_LOOSE, "net.netfilter.nf_conntrack_tcp_loose", true],
  [Engine.ENGINE_TCP_BE_LIBERAL, "net.netfilter.nf_conntrack_tcp_be_liberal", false],
  [Engine.ENGINE_TCP_IGNORE_INVALID_RST, "net.netfilter.nf_conntrack_tcp_ignore_invalid_rst", false],
];

/** How often ICMP errors are sent (icmp_sk_init(), icmpv6_sk_init() of Linux 6.18): numbers that sysctls can change. */
const ERROR_LIMITS: readonly (readonly [field: number, sysctl: string, byDefault: number])[] = [
  [Engine.ERROR_INTERVAL, "net.ipv4.icmp_ratelimit", 1000],
  [Engine.ERROR_INTERVAL + 4, "net.ipv6.icmp.ratelimit", 100],
  [Engine.ERROR_TYPES, "net.ipv4.icmp_ratemask", 0x1818],
  [Engine.ERRORS_A_SECOND, "net.ipv4.icmp_msgs_per_sec", 1000],
  [Engine.ERRORS_AT_ONCE, "net.ipv4.icmp_msgs_burst", 50],
];
const ERROR_TYPES6 = "net.ipv6.icmp.ratemask";
const ERROR_TYPES6_DEFAULT = "0-1,3-127";
/** An hour and more: so many milliseconds, several times over, are a number of 32 bits. */
const ERROR_LIMIT_MAX = 1 << 22;

const ALL_SWITCHES = SWITCHES.reduce((all, [flag]) => all | flag, 0);
const TTL = "net.ipv4.ip_default_ttl";
const TCP_MAX_RETRANSMITS = "net.netfilter.nf_conntrack_tcp_max_retrans";

/** Conntrack's settings besides: they are taken, and change no packet. */
const WITHOUT_EFFECT =
  /^net\.netfilter\.nf_conntrack_(acct|buckets|count|events|expect_max|frag6_\w+_thresh|helper|log_invalid|timestamp|dccp_\w+)$/;
const CONNTRACK_PREFIX = "net.netfilter.nf_conntrack_";
/** How many connections there may be: read where the table is carved. */
export const CONNECTIONS_MAX = "net.netfilter.nf_conntrack_max";

/** A name of conntrack's must be one that it has, so that a typing error does not go unnoticed. */
export function isKnownSysctl(name: string): boolean {
  if (!name.startsWith(CONNTRACK_PREFIX) || WITHOUT_EFFECT.test(name)) return true;
  if (name === CONNECTIONS_MAX || name === TCP_MAX_RETRANSMITS) return true;
  return [...TIMEOUTS, ...SWITCHES].some(([, sysctl]) => sysctl === name);
}

/** How many connections a node with these settings tracks: nf_conntrack_max up to CONNECTIONS_LIMIT; 0 sets no limit. */
export function capacityOf(sysctls: Readonly<Record<string, string>>): number {
  const wanted = numberOf(sysctls, CONNECTIONS_MAX, CONNECTIONS_DEFAULT);
  return wanted === 0 ? CONNECTIONS_LIMIT : Math.min(wanted, CONNECTIONS_LIMIT);
}

/** Writes a configuration into the engine's structure, before init(). */
export function configure(engine: DataView, configuration: EngineConfiguration): void {
  engine.setUint32(Engine.CONNECTIONS_MAX, configuration.connectionsMax, true);
  engine.setUint32(Engine.FLAGS, configuration.flags, true);
  engine.setBigUint64(Engine.SEED, configuration.seed, true);
  engine.setUint32(Engine.CHUNK_BYTES, configuration.chunkBytes, true);
  engine.setUint32(Engine.DESCRIPTORS_MAX, configuration.descriptorsMax, true);
  engine.setUint32(Engine.OUTPUT_BYTES, configuration.outputBytes, true);
  engine.setUint32(Engine.ENDED_MAX, configuration.endedMax, true);
  engine.setUint32(Engine.DYNAMIC_MAX, configuration.dynamicMax, true);
  engine.setUint32(Engine.FRAGMENT_BYTES, configuration.fragmentBytes, true);
  engine.setUint32(Engine.FOLLOW_MAX, configuration.followMax, true);
  engine.setUint32(Engine.TRACE_BYTES, configuration.traceBytes, true);
  engine.setUint32(Engine.OUTPUT_FORMAT, configuration.outputFormat, true);
  configureSysctls(engine, configuration.sysctls);
}

/** Writes what sysctls say; those that are not given have the kernel's defaults. Connections keep the deadlines they have. */
export function configureSysctls(engine: DataView, sysctls: Readonly<Record<string, string>>): void {
  const others = engine.getUint32(Engine.FLAGS, true) & ~ALL_SWITCHES;
  engine.setUint32(Engine.FLAGS, others | switchesOf(sysctls), true);
  engine.setUint32(Engine.TTL, numberOf(sysctls, TTL, 64), true);
  engine.setUint32(Engine.TCP_MAX_RETRANSMITS, numberOf(sysctls, TCP_MAX_RETRANSMITS, 3), true);
  for (const [field, sysctl, byDefault] of ERROR_LIMITS) {
    engine.setUint32(field, Math.min(numberOf(sysctls, sysctl, byDefault), ERROR_LIMIT_MAX), true);
  }
  engine.setUint32(Engine.ERROR_TYPES + 4, typesOf(sysctls[ERROR_TYPES6] ?? ERROR_TYPES6_DEFAULT), true);
  for (const [which, sysctl, seconds] of TIMEOUTS) {
    const given =
      sysctl === undefined ? seconds : Math.min(numberOf(sysctls, sysctl, seconds), State.TIMEOUT_SECONDS_MAX);
    engine.setUint32(Engine.TIMEOUT + which * 4, given, true);
  }
}

function switchesOf(sysctls: Readonly<Record<string, string>>): number {
  let flags = 0;
  for (const [flag, sysctl, byDefault] of SWITCHES) {
    if (numberOf(sysctls, sysctl, byDefault ? 1 : 0) !== 0) flags |= flag;
  }
  return flags;
}

/** A bit for each of the first 32 types that a list like "0-1,3-127" names: errors have smaller numbers. */
function typesOf(list: string): number {
  let types = 0;
  for (const part of list.split(",").filter((one) => one.trim() !== "")) {
    const [first = Number.NaN, last = first] = part.split("-").map(Number);
    for (let type = first; type <= Math.min(last, 31); type++) types |= 1 << type;
  }
  return types >>> 0;
}

function numberOf(sysctls: Readonly<Record<string, string>>, name: string, byDefault: number): number {
  const value = Number(sysctls[name] ?? byDefault);
  return Number.isInteger(value) && value >= 0 ? value : byDefault;
}

/** Names of the engine's numbers, as reports and packet records write them. */

import * as Connection from "../../assembly/layout/connection.ts";
import * as Protocol from "../../assembly/layout/protocol.ts";
import * as State from "../../assembly/layout/state.ts";
import * as Verdict from "../../assembly/layout/verdict.ts";

export const VERDICT_NAMES: Readonly<Record<number, string>> = {
  [Verdict.VERDICT_FORWARD]: "forward",
  [Verdict.VERDICT_LOCAL]: "local",
  [Verdict.VERDICT_DROP]: "drop",
  [Verdict.VERDICT_REJECT]: "reject",
  [Verdict.VERDICT_QUEUED]: "queued",
  [Verdict.VERDICT_SKIPPED]: "skipped",
};

export const REASON_NAMES: Readonly<Record<number, string>> = {
  [Verdict.REASON_NONE]: "none",
  [Verdict.REASON_NOT_IP]: "not-ip",
  [Verdict.REASON_LINK_UNSUPPORTED]: "link-unsupported",
  [Verdict.REASON_LINK_TRUNCATED]: "link-truncated",
  [Verdict.REASON_OTHER_HOST]: "other-host",
  [Verdict.REASON_IP_TRUNCATED]: "ip-truncated",
  [Verdict.REASON_IP_VERSION]: "ip-version",
  [Verdict.REASON_IP_HEADER_LENGTH]: "ip-header-length",
  [Verdict.REASON_IP_TOTAL_LENGTH]: "ip-total-length",
  [Verdict.REASON_IP_CHECKSUM]: "ip-checksum",
  [Verdict.REASON_IP_OPTIONS]: "ip-options",
  [Verdict.REASON_IP6_EXTENSION]: "ip6-extension",
  [Verdict.REASON_CAPTURE_TRUNCATED]: "capture-truncated",
  [Verdict.REASON_MARTIAN_SOURCE]: "martian-source",
  [Verdict.REASON_MARTIAN_DESTINATION]: "martian-destination",
  [Verdict.REASON_NO_ROUTE]: "no-route",
  [Verdict.REASON_BLACKHOLE]: "blackhole",
  [Verdict.REASON_UNREACHABLE]: "unreachable",
  [Verdict.REASON_PROHIBIT]: "prohibit",
  [Verdict.REASON_TTL]: "ttl",
  [Verdict.REASON_TOO_BIG]: "too-big",
  [Verdict.REASON_BROADCAST]: "broadcast",
  [Verdict.REASON_REVERSE_PATH]: "reverse-path",
  [Verdict.REASON_LINK_LOCAL]: "link-local",
  [Verdict.REASON_NOT_FORWARDING]: "not-forwarding",
  [Verdict.REASON_RULE_DROP]: "rule-drop",
  [Verdict.REASON_RULE_REJECT]: "rule-reject",
  [Verdict.REASON_POLICY_DROP]: "policy-drop",
  [Verdict.REASON_RULE_LOOP]: "rule-loop",
  [Verdict.REASON_RULE_QUEUE]: "rule-queue",
  [Verdict.REASON_TABLE_FULL]: "table-full",
  [Verdict.REASON_CLASH]: "clash",
  [Verdict.REASON_NO_SOURCE_ADDRESS]: "no-source-address",
  [Verdict.REASON_NAT_FAILED]: "nat-failed",
  [Verdict.REASON_TRACKER_DROP]: "tracker-drop",
  [Verdict.REASON_FRAGMENT_HELD]: "fragment-held",
  [Verdict.REASON_FRAGMENT_OVERLAP]: "fragment-overlap",
  [Verdict.REASON_FRAGMENT_DUPLICATE]: "fragment-duplicate",
  [Verdict.REASON_FRAGMENT_INVALID]: "fragment-invalid",
  [Verdict.REASON_FRAGMENT_LIMIT]: "fragment-limit",
  [Verdict.REASON_CLOSED_PORT]: "closed-port",
  [Verdict.REASON_ECHO]: "echo",
  [Verdict.REASON_OWN_SOCKET]: "own-socket",
  [Verdict.REASON_PROTOCOL_UNREACHABLE]: "protocol-unreachable",
  [Verdict.REASON_LOCAL_SILENT]: "local-silent",
  [Verdict.REASON_OUTBOUND]: "outbound",
  [Verdict.REASON_DUPLICATE_ANSWER]: "duplicate-answer",
  [Verdict.REASON_ADOPTED]: "adopted",
  [Verdict.REASON_OUTPUT_LIMIT]: "output-limit",
};

/** Reasons that go with other verdicts than a drop: they are no losses. */
export const REASONS_NOT_DROPS: ReadonlySet<number> = new Set([
  Verdict.REASON_NONE,
  Verdict.REASON_RULE_REJECT,
  Verdict.REASON_RULE_QUEUE,
  Verdict.REASON_FRAGMENT_HELD,
  Verdict.REASON_CLOSED_PORT,
  Verdict.REASON_ECHO,
  Verdict.REASON_OWN_SOCKET,
  Verdict.REASON_PROTOCOL_UNREACHABLE,
  Verdict.REASON_LOCAL_SILENT,
  Verdict.REASON_OUTBOUND,
  Verdict.REASON_DUPLICATE_ANSWER,
  Verdict.REASON_ADOPTED,
]);

export const CT_NAMES: Readonly<Record<number, string>> = {
  [State.CT_NONE]: "untracked",
  [State.CT_NEW]: "new",
  [State.CT_ESTABLISHED]: "established",
  [State.CT_RELATED]: "related",
  [State.CT_INVALID]: "invalid",
  [State.CT_UNTRACKED]: "untracked",
};

const PROTOCOL_NAMES: Readonly<Record<number, string>> = {
  [Protocol.ICMP]: "icmp",
  [Protocol.IGMP]: "igmp",
  [Protocol.TCP]: "tcp",
  [Protocol.UDP]: "udp",
  [Protocol.GRE]: "gre",
  [Protocol.ESP]: "esp",
  [Protocol.AH]: "ah",
  [Protocol.ICMP6]: "icmpv6",
  [Protocol.SCTP]: "sctp",
  [Protocol.UDPLITE]: "udplite",
};

/** conntrack -L's names. */
const TCP_STATES: Readonly<Record<number, string>> = {
  [State.TCP_SYN_SENT]: "SYN_SENT",
  [State.TCP_SYN_RECV]: "SYN_RECV",
  [State.TCP_ESTABLISHED]: "ESTABLISHED",
  [State.TCP_FIN_WAIT]: "FIN_WAIT",
  [State.TCP_CLOSE_WAIT]: "CLOSE_WAIT",
  [State.TCP_LAST_ACK]: "LAST_ACK",
  [State.TCP_TIME_WAIT]: "TIME_WAIT",
  [State.TCP_CLOSE]: "CLOSE",
  [State.TCP_SYN_SENT2]: "SYN_SENT2",
};

const SCTP_STATES: Readonly<Record<number, string>> = {
  [State.SCTP_CLOSED]: "CLOSED",
  [State.SCTP_COOKIE_WAIT]: "COOKIE_WAIT",
  [State.SCTP_COOKIE_ECHOED]: "COOKIE_ECHOED",
  [State.SCTP_ESTABLISHED]: "ESTABLISHED",
  [State.SCTP_SHUTDOWN_SENT]: "SHUTDOWN_SENT",
  [State.SCTP_SHUTDOWN_RECD]: "SHUTDOWN_RECD",
  [State.SCTP_SHUTDOWN_ACK_SENT]: "SHUTDOWN_ACK_SENT",
  [State.SCTP_HEARTBEAT_SENT]: "HEARTBEAT_SENT",
};

const STATUS_NAMES: readonly (readonly [bit: number, name: string])[] = [
  [Connection.STATUS_SEEN_REPLY, "seen-reply"],
  [Connection.STATUS_ASSURED, "assured"],
  [Connection.STATUS_SRC_NAT, "src-nat"],
  [Connection.STATUS_DST_NAT, "dst-nat"],
];

/** "tcp", or the number where the protocol has no name here. */
export function protocolName(protocol: number): string {
  return PROTOCOL_NAMES[protocol] ?? String(protocol);
}

/** The state of a connection, for protocols that have one. */
export function stateName(protocol: number, state: number): string | undefined {
  if (protocol === Protocol.TCP) return TCP_STATES[state];
  return protocol === Protocol.SCTP ? SCTP_STATES[state] : undefined;
}

/** The number of a state that conntrack names; 0, none, for a name that is not known. */
export function stateNumber(protocol: number, name: string): number {
  const names = protocol === Protocol.TCP ? TCP_STATES : protocol === Protocol.SCTP ? SCTP_STATES : {};
  return Number(Object.entries(names).find(([, each]) => each === name)?.[0] ?? 0);
}

export function statusNames(status: number): string[] {
  return STATUS_NAMES.filter(([bit]) => (status & bit) !== 0).map(([, name]) => name);
}

/** Names of ICMP types and codes as iptables and ip6tables take them (their --help lists them). */

/** Without a type: all. Without a code: every code of the type. */
export interface IcmpRange {
  readonly type?: number;
  readonly code?: number;
}

const UNREACHABLE4 = 3;
const REDIRECT4 = 5;
const TIME_EXCEEDED4 = 11;
const PARAMETER4 = 12;
const UNREACHABLE6 = 1;
const TIME_EXCEEDED6 = 3;
const PARAMETER6 = 4;

export const ICMP4_TYPES: Readonly<Record<string, IcmpRange>> = {
  any: {},
  "255": {},
  "echo-reply": { type: 0 },
  pong: { type: 0 },
  "destination-unreachable": { type: UNREACHABLE4 },
  "network-unreachable": { type: UNREACHABLE4, code: 0 },
  "host-unreachable": { type: UNREACHABLE4, code: 1 },
  "protocol-unreachable": { type: UNREACHABLE4, code: 2 },
  "port-unreachable": { type: UNREACHABLE4, code: 3 },
  "fragmentation-needed": { type: UNREACHABLE4, code: 4 },
  "source-route-failed": { type: UNREACHABLE4, code: 5 },
  "network-unknown": { type: UNREACHABLE4, code: 6 },
  "host-unknown": { type: UNREACHABLE4, code: 7 },
  "network-prohibited": { type: UNREACHABLE4, code: 9 },
  "host-prohibited": { type: UNREACHABLE4, code: 10 },
  "TOS-network-unreachable": { type: UNREACHABLE4, code: 11 },
  "TOS-host-unreachable": { type: UNREACHABLE4, code: 12 },
  "communication-prohibited": { type: UNREACHABLE4, code: 13 },
  "host-precedence-violation": { type: UNREACHABLE4, code: 14 },
  "precedence-cutoff": { type: UNREACHABLE4, code: 15 },
  "source-quench": { type: 4 },
  redirect: { type: REDIRECT4 },
  "network-redirect": { type: REDIRECT4, code: 0 },
  "host-redirect": { type: REDIRECT4, code: 1 },
  "TOS-network-redirect": { type: REDIRECT4, code: 2 },
  "TOS-host-redirect": { type: REDIRECT4, code: 3 },
  "echo-request": { type: 8 },
  ping: { type: 8 },
  "router-advertisement": { type: 9 },
  "router-solicitation": { type: 10 },
  "time-exceeded": { type: TIME_EXCEEDED4 },
  "ttl-exceeded": { type: TIME_EXCEEDED4 },
  "ttl-zero-during-transit": { type: TIME_EXCEEDED4, code: 0 },
  "ttl-zero-during-reassembly": { type: TIME_EXCEEDED4, code: 1 },
  "parameter-problem": { type: PARAMETER4 },
  "ip-header-bad": { type: PARAMETER4, code: 0 },
  "required-option-missing": { type: PARAMETER4, code: 1 },
  "timestamp-request": { type: 13 },
  "timestamp-reply": { type: 14 },
  "address-mask-request": { type: 17 },
  "address-mask-reply": { type: 18 },
};

export const ICMP6_TYPES: Readonly<Record<string, IcmpRange>> = {
  "destination-unreachable": { type: UNREACHABLE6 },
  "no-route": { type: UNREACHABLE6, code: 0 },
  "communication-prohibited": { type: UNREACHABLE6, code: 1 },
  "beyond-scope": { type: UNREACHABLE6, code: 2 },
  "address-unreachable": { type: UNREACHABLE6, code: 3 },
  "port-unreachable": { type: UNREACHABLE6, code: 4 },
  "failed-policy": { type: UNREACHABLE6, code: 5 },
  "reject-route": { type: UNREACHABLE6, code: 6 },
  "packet-too-big": { type: 2 },
  "time-exceeded": { type: TIME_EXCEEDED6 },
  "ttl-exceeded": { type: TIME_EXCEEDED6 },
  "ttl-zero-during-transit": { type: TIME_EXCEEDED6, code: 0 },
  "ttl-zero-during-reassembly": { type: TIME_EXCEEDED6, code: 1 },
  "parameter-problem": { type: PARAMETER6 },
  "bad-header": { type: PARAMETER6, code: 0 },
  "unknown-header-type": { type: PARAMETER6, code: 1 },
  "unknown-option": { type: PARAMETER6, code: 2 },
  "echo-request": { type: 128 },
  ping: { type: 128 },
  "echo-reply": { type: 129 },
  pong: { type: 129 },
  "router-solicitation": { type: 133 },
  "router-advertisement": { type: 134 },
  "neighbour-solicitation": { type: 135 },
  "neighbor-solicitation": { type: 135 },
  "neighbour-advertisement": { type: 136 },
  "neighbor-advertisement": { type: 136 },
  redirect: { type: 137 },
};

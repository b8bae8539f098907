/** nft's names for numbers of headers, as `nft describe` lists them: RFC 792, RFC 4443, RFC 2474, RFC 3168, IANA. */

export type Names = Readonly<Record<string, number>>;

export const ETHER_TYPES: Names = {
  ip: 0x0800,
  arp: 0x0806,
  ip6: 0x86dd,
  "8021q": 0x8100,
  "8021ad": 0x88a8,
  vlan: 0x8100,
};

export const ICMP_TYPES: Names = {
  "echo-reply": 0,
  "destination-unreachable": 3,
  "source-quench": 4,
  redirect: 5,
  "echo-request": 8,
  "router-advertisement": 9,
  "router-solicitation": 10,
  "time-exceeded": 11,
  "parameter-problem": 12,
  "timestamp-request": 13,
  "timestamp-reply": 14,
  "info-request": 15,
  "info-reply": 16,
  "address-mask-request": 17,
  "address-mask-reply": 18,
};

export const ICMP_CODES: Names = {
  "net-unreachable": 0,
  "host-unreachable": 1,
  "prot-unreachable": 2,
  "port-unreachable": 3,
  "frag-needed": 4,
  "net-prohibited": 9,
  "host-prohibited": 10,
  "admin-prohibited": 13,
};

export const ICMP6_TYPES: Names = {
  "destination-unreachable": 1,
  "packet-too-big": 2,
  "time-exceeded": 3,
  "parameter-problem": 4,
  "echo-request": 128,
  "echo-reply": 129,
  "mld-listener-query": 130,
  "mld-listener-report": 131,
  "mld-listener-done": 132,
  "mld-listener-reduction": 132,
  "nd-router-solicit": 133,
  "nd-router-advert": 134,
  "nd-neighbor-solicit": 135,
  "nd-neighbor-advert": 136,
  "nd-redirect": 137,
  "router-renumbering": 138,
  "ind-neighbor-solicit": 141,
  "ind-neighbor-advert": 142,
  "mld2-listener-report": 143,
};

export const ICMP6_CODES: Names = {
  "no-route": 0,
  "admin-prohibited": 1,
  "addr-unreachable": 3,
  "port-unreachable": 4,
  "policy-fail": 5,
  "reject-route": 6,
};

export const IGMP_TYPES: Names = {
  "membership-query": 0x11,
  "membership-report-v1": 0x12,
  "membership-report-v2": 0x16,
  "leave-group": 0x17,
  "membership-report-v3": 0x22,
};

export const DCCP_TYPES: Names = {
  request: 0,
  response: 1,
  data: 2,
  ack: 3,
  dataack: 4,
  closereq: 5,
  close: 6,
  reset: 7,
  sync: 8,
  syncack: 9,
};

export const MOBILITY_TYPES: Names = {
  "binding-refresh-request": 0,
  "home-test-init": 1,
  "careof-test-init": 2,
  "home-test": 3,
  "careof-test": 4,
  "binding-update": 5,
  "binding-acknowledgement": 6,
  "binding-error": 7,
  "fast-binding-update": 8,
  "fast-binding-acknowledgement": 9,
  "fast-binding-advertisement": 10,
  "experimental-mobility-header": 11,
  "home-agent-switch-message": 12,
};

export const DSCP_NAMES: Names = {
  cs0: 0,
  cs1: 8,
  cs2: 16,
  cs3: 24,
  cs4: 32,
  cs5: 40,
  cs6: 48,
  cs7: 56,
  df: 0,
  be: 0,
  lephb: 1,
  af11: 10,
  af12: 12,
  af13: 14,
  af21: 18,
  af22: 20,
  af23: 22,
  af31: 26,
  af32: 28,
  af33: 30,
  af41: 34,
  af42: 36,
  af43: 38,
  va: 44,
  ef: 46,
};

export const ECN_NAMES: Names = { "not-ect": 0, ect1: 1, ect0: 2, ce: 3 };

/** ARPHRD_* of if_arp.h. */
export const INTERFACE_TYPES: Names = {
  ether: 1,
  ppp: 512,
  ipip: 768,
  ipip6: 769,
  loopback: 772,
  sit: 776,
  ipgre: 778,
};

export const WEEKDAYS: Names = {
  Sunday: 0,
  Monday: 1,
  Tuesday: 2,
  Wednesday: 3,
  Thursday: 4,
  Friday: 5,
  Saturday: 6,
};

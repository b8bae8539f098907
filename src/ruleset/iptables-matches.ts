/** The matches of iptables that are understood, by their names behind `-m`. */

import { CONNECTION_MATCHES } from "./iptables-match-connection.ts";
import { CONNLIMIT } from "./iptables-match-connlimit.ts";
import { CONTENT_MATCHES } from "./iptables-match-content.ts";
import { HASHLIMIT } from "./iptables-match-hashlimit.ts";
import { LOCAL_MATCHES } from "./iptables-match-local.ts";
import { PACKET_MATCHES } from "./iptables-match-packet.ts";
import { RATE_MATCHES } from "./iptables-match-rate.ts";
import { SET_MATCHES } from "./iptables-match-set.ts";
import { TIME } from "./iptables-match-time.ts";
import { TRANSPORT_MATCHES } from "./iptables-match-transport.ts";
import type { Extension } from "./iptables-options.ts";

/** A comment beyond a rule's first. */
const COMMENT: Extension = { options: { comment: 1 }, lower: () => [] };

export const MATCHES: Readonly<Record<string, Extension>> = {
  comment: COMMENT,
  ...TRANSPORT_MATCHES,
  ...PACKET_MATCHES,
  ...CONNECTION_MATCHES,
  ...RATE_MATCHES,
  ...SET_MATCHES,
  ...CONTENT_MATCHES,
  ...LOCAL_MATCHES,
  connlimit: CONNLIMIT,
  hashlimit: HASHLIMIT,
  time: TIME,
};

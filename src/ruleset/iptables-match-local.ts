/**
 * Matches on what the kernel knows of a packet besides its bytes: its socket, how IPsec treated it, the helper that
 * expected its connection. A capture tells none of it: packets are taken for such that have none.
 */

import { type Extension, oneOf, unsupported } from "./iptables-options.ts";
import { NEVER } from "./xt.ts";

/** Whether a packet is meant to have come, or to go, through IPsec. */
const POLICIES = { none: false, ipsec: true } as const;

export const LOCAL_MATCHES: Readonly<Record<string, Extension>> = {
  /**
   * owner_mt(): a packet that is forwarded has no socket, and so none of what may be asked of one. What the node itself
   * sends is taken for such a packet, too: what the kernel answers by itself has no owner. (A socket it does have, so
   * whether there is one is not asked here.)
   */
  owner: {
    options: { "uid-owner": 1, "gid-owner": 1, "socket-exists": 0, "suppl-groups": 0 },
    lower: (options) => {
      const socket = options.get("socket-exists");
      if (socket !== undefined) throw unsupported(socket.word);
      const asked = options.all.filter(({ name }) => name !== "suppl-groups");
      return asked.every(({ isNegated }) => isNegated) ? [] : [NEVER];
    },
  },
  /** cgroup_mt(): without a socket nothing matches. What the kernel answers by itself has one, and is in no group. */
  cgroup: {
    options: { path: 1, cgroup: 1 },
    lower: (options) => {
      const negated = options.all.find(({ isNegated }) => isNegated);
      if (negated !== undefined) throw unsupported(negated.word, `! ${negated.word.text}`);
      return [NEVER];
    },
  },
  /** socket_mt(): no process of the node is known to accept what is not addressed to it. Who else listens is not known. */
  socket: {
    options: { transparent: 0, nowildcard: 0, "restore-skmark": 0 },
    lower: (options) => {
      if (!options.has("transparent")) throw unsupported(options.named, "socket without --transparent");
      return [NEVER];
    },
  },
  /** policy_mt(): a packet that IPsec has nothing to do with is of the policy "none", whatever else is asked. */
  policy: {
    options: {
      dir: 1,
      pol: 1,
      strict: 0,
      reqid: 1,
      spi: 1,
      proto: 1,
      mode: 1,
      "tunnel-src": 1,
      "tunnel-dst": 1,
      next: 0,
    },
    lower: (options) => (oneOf(options.need("pol").values[0]!, POLICIES, "policy") ? [NEVER] : []),
  },
  /** helper_mt(): no connection was expected by another's helper, as long as no rule gives any one. */
  helper: {
    options: { helper: 1 },
    lower: (options) => (options.need("helper").isNegated ? [] : [NEVER]),
  },
};

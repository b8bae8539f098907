/** `-m owner`: who sends the packet. */

import { type Extension, unsupported } from "./iptables-options.ts";
import { NEVER } from "./xt.ts";

/**
 * owner_mt(): a packet that is forwarded has no socket, and so none of what may be asked of one. What the node itself sends
 * is taken for such a packet, too: a capture does not tell its owner, and what the kernel answers by itself has none. (A
 * socket it does have, so whether there is one is not asked here.)
 */
export const OWNER: Extension = {
  options: { "uid-owner": 1, "gid-owner": 1, "socket-exists": 0, "suppl-groups": 0 },
  lower: (options) => {
    const socket = options.get("socket-exists");
    if (socket !== undefined) throw unsupported(socket.word);
    const asked = options.all.filter(({ name }) => name !== "suppl-groups");
    return asked.every(({ isNegated }) => isNegated) ? [] : [NEVER];
  },
};

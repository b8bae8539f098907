/** `-m connlimit`: how many connections an address has. Each rule counts for itself. */

import { formatAddress } from "../network/address.ts";
import { netmask } from "../network/prefix.ts";
import { type Extension, numberOf, type Options, type RuleContext } from "./iptables-options.ts";
import { LineError } from "./iptables-words-of.ts";
import type { Expression, Statement } from "./types.ts";

export const CONNLIMIT: Extension = {
  options: {
    "connlimit-upto": 1,
    "connlimit-above": 1,
    "connlimit-mask": 1,
    "connlimit-saddr": 0,
    "connlimit-daddr": 0,
  },
  lower: counted,
};

/** connlimit_mt(): the connections of all addresses that the mask does not tell apart. */
function counted(options: Options, context: RuleContext): readonly Statement[] {
  const above = options.get("connlimit-above");
  const asked = above ?? options.need("connlimit-upto");
  const limit = {
    kind: "connlimit",
    count: numberOf(asked.values[0]!),
    over: (above !== undefined) !== asked.isNegated,
    ofAddress: true,
  } as const;
  const name = `connlimit ${context.line}`;
  const key = [context.family === "ip" ? "ipv4_addr" : "ipv6_addr"] as const;
  context.useSet({ name, key, flags: ["dynamic"], statements: [limit], elements: [] });
  return [{ kind: "set", operation: "update", set: name, key: addressOf(options, context), statements: [limit] }];
}

function addressOf(options: Options, { family }: RuleContext): Expression {
  const field = options.has("connlimit-daddr") ? "daddr" : "saddr";
  const address: Expression = { kind: "payload", protocol: family, field };
  const mask = options.value("connlimit-mask");
  if (mask === undefined) return address;
  const bytes = family === "ip" ? 4 : 16;
  if (!/^\d+$/.test(mask.text)) throw new LineError(mask.column, `"${mask.text}" is no length of a prefix`);
  const length = numberOf(mask, bytes * 8);
  return length === bytes * 8 ? address : { kind: "mask", left: address, mask: formatAddress(netmask(length, bytes)) };
}

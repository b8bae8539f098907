/** Which of iptables-save and ip6tables-save printed a text that does not say so. */

import { parseAddress } from "../network/address.ts";

const IP4_BYTES = 4;
/** Words that only ip6tables has, and words that only iptables has. */
const ONLY6 = /^(?:icmp6-|icmpv6$|ipv6-icmp$|--icmpv6-type$|--hl-)/;
const ONLY4 = /^(?:icmp-(?:net|host|proto|port|admin)-|icmp$|--icmp-type$|--ttl-)/;
const COMMENT = /--comment (?:"(?:\\.|[^"\\])*"|\S+)/g;

/** The family of the first address or name that only one of the commands can have printed; undefined: there is none. */
export function protocolFamilyOf(lines: readonly string[]): "ip" | "ip6" | undefined {
  for (const line of lines) {
    if (!line.includes("-A ")) continue;
    for (const word of line.replace(COMMENT, "").split(/[\s,]+/)) {
      const family = familyOfWord(word);
      if (family !== undefined) return family;
    }
  }
  return undefined;
}

function familyOfWord(word: string): "ip" | "ip6" | undefined {
  if (ONLY6.test(word)) return "ip6";
  if (ONLY4.test(word)) return "ip";
  const address = /^\[?([0-9a-f.:]*[.:][0-9a-f.:]*?)\]?(?:\/.*|-.*)?$/i.exec(word)?.[1];
  const bytes =
    address === undefined ? undefined : (parseAddress(address) ?? parseAddress(address.replace(/:\d+$/, "")));
  if (bytes === undefined) return undefined;
  return bytes.length === IP4_BYTES ? "ip" : "ip6";
}

/** SRV records: a target and port for each combination that a name stands for, and the targets' addresses beside them. */

import { familyOf } from "../network/address.ts";
import type { AddressTarget } from "./lookup.ts";
import type { DnsRecord } from "./types.ts";

/** CoreDNS shares one weight of 100 among all targets, duplicates included, before it leaves those out. */
const WEIGHT_TOTAL = 100;
const PRIORITY = 0;

export function srvRecords(
  name: string,
  targets: readonly AddressTarget[],
  zone: string,
  ttl: number,
): { readonly answers: readonly DnsRecord[]; readonly additionals: readonly DnsRecord[] } {
  const weight = Math.max(Math.floor(WEIGHT_TOTAL / targets.length), 1);
  const answers = new Map<string, DnsRecord>();
  const additionals = new Map<string, DnsRecord>();
  for (const { address, port, name: label } of targets) {
    if (port === undefined) continue;
    const target = `${label}.${zone}.`;
    const data = { priority: PRIORITY, weight, port, target };
    answers.set(`${target} ${port}`, { name, ttl, type: "SRV", data });
    const type = familyOf(address) === "IPv4" ? "A" : "AAAA";
    additionals.set(`${target} ${address}`, { name: target, ttl, type, data: address });
  }
  return { answers: [...answers.values()], additionals: [...additionals.values()] };
}

/** Records as dig prints them. */

import type { DnsRecord } from "./types.ts";

/** `kimho.default.svc.cluster.local.	5	IN	A	10.96.34.12` */
export function recordText(record: DnsRecord): string {
  return [record.name, record.ttl, "IN", record.type, dataText(record)].join("\t");
}

function dataText(record: DnsRecord): string {
  if (record.type === "TXT") return JSON.stringify(record.data);
  if (record.type === "SRV") {
    const { priority, weight, port, target } = record.data;
    return `${priority} ${weight} ${port} ${target}`;
  }
  if (record.type !== "SOA") return record.data;
  const { mname, rname, serial, refresh, retry, expire, minimum } = record.data;
  return `${mname} ${rname} ${serial} ${refresh} ${retry} ${expire} ${minimum}`;
}

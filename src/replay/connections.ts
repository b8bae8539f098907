/** Connection records (`--connections`) as lines of text: JSON lines and CSV. */

import { addressAndPort, serviceName } from "../report/services.ts";
import type { ConnectionRecord } from "./types.ts";

export type ConnectionFormat = "jsonl" | "csv";

const COLUMNS = [
  "protocol",
  "state",
  "status",
  "src",
  "sport",
  "dst",
  "dport",
  "reply_src",
  "reply_sport",
  "reply_dst",
  "reply_dport",
  "packets",
  "bytes",
  "reply_packets",
  "reply_bytes",
  "service",
  "endpoint",
  "open",
];

/** What comes before the first record. */
export function connectionHeader(format: ConnectionFormat): string {
  return format === "csv" ? `${COLUMNS.join(",")}\n` : "";
}

export function connectionLine(record: ConnectionRecord, format: ConnectionFormat): string {
  return format === "csv" ? `${csvCells(record).map(quote).join(",")}\n` : `${JSON.stringify(jsonRecord(record))}\n`;
}

/** A connection as plain data. */
export function jsonRecord({ connection, open, attribution }: ConnectionRecord): object {
  const { protocol, state, status, original, reply, packets, bytes, mark, zone } = connection;
  return {
    protocol,
    ...(state === undefined ? {} : { state }),
    status,
    original: { ...original, packets: packets[0], bytes: bytes[0] },
    reply: { ...reply, packets: packets[1], bytes: bytes[1] },
    ...(mark === 0 ? {} : { mark }),
    ...(zone === undefined ? {} : { zone }),
    ...namesOf(attribution),
    nat: {
      src: reply.dst !== original.src || reply.dport !== original.sport,
      dst: reply.src !== original.dst || reply.sport !== original.dport,
    },
    open,
  };
}

function csvCells({ connection, open, attribution }: ConnectionRecord): (string | number)[] {
  const { protocol, state = "", status, original, reply, packets, bytes } = connection;
  const { service = "", endpoint = "" } = namesOf(attribution);
  return [
    protocol,
    state,
    status.join(" "),
    ...[original.src, original.sport ?? "", original.dst, original.dport ?? ""],
    ...[reply.src, reply.sport ?? "", reply.dst, reply.dport ?? ""],
    ...[packets[0], bytes[0], packets[1], bytes[1]],
    service,
    endpoint,
    String(open),
  ];
}

/** "default/web:80" and "10.244.1.10:8080", of a connection that a Service port led somewhere. */
export function namesOf(attribution: ConnectionRecord["attribution"]): { service?: string; endpoint?: string } {
  if (attribution === undefined) return {};
  const service = serviceName(attribution.service);
  const { endpoint } = attribution;
  return endpoint === undefined ? { service } : { service, endpoint: addressAndPort(endpoint.address, endpoint.port) };
}

/** RFC 4180: quoted where a comma, a quote or a line break stands. */
function quote(cell: string | number): string {
  const text = String(cell);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Connections as a table in kubectl's manner: what conntrack -L says, and the Service that each belongs to. */

import type { Connection, Tuple } from "../../engine/connections.ts";
import { namesOf } from "../../replay/connections.ts";
import type { ConnectionRecord } from "../../replay/types.ts";
import { addressAndPort } from "../services.ts";
import { table } from "../table.ts";
import { NONE } from "./columns.ts";

const HEADERS = ["PROTOCOL", "STATE", "SOURCE", "DESTINATION", "SERVICE", "ENDPOINT"];
const WIDE = ["REPLY SOURCE", "REPLY DESTINATION", "STATUS", "PACKETS", "BYTES", "MARK", "ZONE"];

/** In the order in which they are given. Packets and bytes are those of both directions: original/reply. */
export function connectionTable(records: readonly ConnectionRecord[], wide: boolean): string {
  const rows = records.map((record) => [...cells(record), ...(wide ? wideCells(record.connection) : [])]);
  return table(wide ? [...HEADERS, ...WIDE] : HEADERS, rows, "left");
}

function cells({ connection, attribution }: ConnectionRecord): string[] {
  const { protocol, state = NONE, original } = connection;
  const { service = NONE, endpoint = NONE } = namesOf(attribution);
  return [protocol, state, source(original), destination(original), service, endpoint];
}

function wideCells({ reply, status, packets, bytes, mark, zone = 0 }: Connection): string[] {
  return [
    source(reply),
    destination(reply),
    status.length > 0 ? status.join(",") : NONE,
    packets.join("/"),
    bytes.join("/"),
    String(mark),
    String(zone),
  ];
}

function source({ src, sport }: Tuple): string {
  return sport === undefined ? src : addressAndPort(src, sport);
}

function destination({ dst, dport }: Tuple): string {
  return dport === undefined ? dst : addressAndPort(dst, dport);
}

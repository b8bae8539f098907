/** The report as a person reads it. */

import { addressAndPort } from "./services.ts";
import { bytes, count, table } from "./table.ts";
import type { Report, ServiceCount } from "./types.ts";

export function reportText(report: Report): string {
  const parts = [summary(report), servicesTable(report.services), verdictTable(report)];
  if (Object.keys(report.drops).length > 0) parts.push(dropTable(report.drops));
  parts.push(connectionLine(report));
  if (report.warnings.length > 0) parts.push(report.warnings.map((warning) => `warning: ${warning}\n`).join(""));
  return parts.filter((part) => part !== "").join("\n");
}

function summary(report: Report): string {
  const { capture, throughput } = report;
  const span = capture.seconds >= 0.001 ? ` spanning ${duration(capture.seconds)}` : "";
  const what = `${count(capture.packets)} packets, ${bytes(capture.bytes)}${span}`;
  if (throughput.packetsPerSecond === 0) return `${what}\n`;
  return `${what}, at ${count(throughput.packetsPerSecond)} packets/s (${count(throughput.nanosecondsPerPacket)} ns each)\n`;
}

function servicesTable(services: readonly ServiceCount[]): string {
  if (services.length === 0) return "";
  const rows = services.flatMap((service) => {
    const name = [service.namespace, service.name, `${service.port}/${service.protocol}`];
    const endpoints = service.endpoints.map((each) => [
      "",
      "",
      "",
      addressAndPort(each.address, each.port),
      each.node,
      ...counts(each),
    ]);
    const { length } = service.endpoints;
    const target = length === 0 ? "<none>" : `${length} endpoint${length === 1 ? "" : "s"}`;
    return [[...name, target, "", ...counts(service)], ...endpoints];
  });
  return table(["NAMESPACE", "NAME", "PORT", "ENDPOINTS", "NODE", "CONNECTIONS", "PACKETS", "BYTES"], rows);
}

function counts(of: { readonly connections: number; readonly packets: number; readonly bytes: number }): string[] {
  return [count(of.connections), count(of.packets), bytes(of.bytes)];
}

function verdictTable(report: Report): string {
  const rows = Object.entries(report.verdicts).filter(([, packets]) => packets > 0);
  const total = rows.reduce((sum, [, packets]) => sum + packets, 0);
  return table(
    ["VERDICT", "PACKETS", "SHARE"],
    rows.map(([verdict, packets]) => [verdict, count(packets), share(packets, total)]),
  );
}

function dropTable(drops: Readonly<Record<string, number>>): string {
  const rows = Object.entries(drops).sort(([, a], [, b]) => b - a);
  return table(
    ["DROP REASON", "PACKETS"],
    rows.map(([reason, packets]) => [reason, count(packets)]),
  );
}

function connectionLine({ connections }: Report): string {
  const { created, open, expired, evicted, closed, invalid } = connections;
  const ended = `${count(expired)} expired, ${count(closed)} closed, ${count(evicted)} evicted`;
  return `${count(created)} connections created, ${count(open)} open, ${ended}; ${count(invalid)} invalid packets\n`;
}

function share(part: number, whole: number): string {
  return whole === 0 ? "" : `${((100 * part) / whole).toFixed(1)} %`;
}

function duration(seconds: number): string {
  if (seconds < 1) return `${(seconds * 1000).toFixed(0)} ms`;
  return seconds < 120 ? `${seconds.toFixed(1)} s` : `${(seconds / 60).toFixed(1)} min`;
}

/**
 * What the golden recordings say was done to the node meanwhile, as a file of events: the notes of their steps (routes
 * and timeouts that were changed by hand, an endpoint that was removed), and what conntrack was told to forget.
 */

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { parseManifests } from "../../src/manifest/parse.ts";
import { routesFrom } from "../../src/network/routes.ts";
import type { Route } from "../../src/network/types.ts";

interface Step {
  readonly name: string;
  /** Nanoseconds since 1970; too large for a number. */
  readonly t0: string;
  readonly t1: string;
  readonly result?: string;
  readonly note?: string;
}

interface World {
  readonly node: string;
  readonly endpoints: readonly { readonly ips: readonly string[]; readonly node: string; readonly role: string }[];
}

const REMOVED_FILE = "removed.json";

/** Writes what `sluice audit --events` wants into a directory; returns the path of the file. */
export function writeGoldenEvents(recording: string, directory: string): string {
  const steps = readSteps(recording);
  const lines = steps.flatMap((step) => [
    ...routeEvents(step, recording),
    ...sysctlEvents(step),
    ...removalEvents(step, recording, directory),
  ]);
  const path = join(directory, "events.txt");
  writeFileSync(path, `${[...lines, ...forgottenEvents(recording)].join("\n")}\n`);
  return path;
}

function readSteps(recording: string): Step[] {
  const text = read(recording, "steps.json").replace(/("t[01]": )(\d+)/g, '$1"$2"');
  return JSON.parse(text) as Step[];
}

/** "routes of the local endpoint pods are replaced by "unreachable" routes during this step" */
function routeEvents({ note = "", t0, t1 }: Step, recording: string): string[] {
  const type = /routes .*replaced by "?(unreachable|prohibit|blackhole)"? routes/.exec(note)?.[1];
  if (type === undefined) return [];
  const { node, endpoints } = JSON.parse(read(recording, "world.json")) as World;
  const local = endpoints.filter((each) => each.node === node && each.role === "endpoint-pod");
  const routes = [...routesOf(recording, "route.json", 4), ...routesOf(recording, "route6.json", 6)];
  return local
    .flatMap(({ ips }) => ips)
    .flatMap((ip) => {
      const before = routes.find(({ destination, table }) => destination.startsWith(`${ip}/`) && table === "main");
      if (before === undefined) return [];
      const replace = `ip route replace`;
      return [
        `${seconds(t0)} ${replace} ${type} ${before.destination}`,
        `${seconds(t1)} ${replace} ${before.destination} dev ${before.interface}`,
      ];
    });
}

/** "nf_conntrack_udp_timeout=1 udp_timeout_stream=2 during this step: …" */
function sysctlEvents({ note = "", t0, t1 }: Step): string[] {
  const settings = [...note.matchAll(/\b(?:nf_conntrack_)?(udp_timeout(?:_stream)?)=(\d+)/g)];
  const defaults: Record<string, number> = { udp_timeout: 30, udp_timeout_stream: 120 };
  return settings.flatMap(([, name = "", value]) => [
    `${seconds(t0)} sysctl -w net.netfilter.nf_conntrack_${name}=${value}`,
    `${seconds(t1)} sysctl -w net.netfilter.nf_conntrack_${name}=${defaults[name]}`,
  ]);
}

/** "endpoint 10.244.1.12 removed; …": its slice without it, and kube-proxy has followed at the end of the step. */
function removalEvents({ result = "", t1 }: Step, recording: string, directory: string): string[] {
  const removed = /^endpoint (\S+) removed/.exec(result)?.[1];
  if (removed === undefined) return [];
  const { endpointSlices } = parseManifests(read(join(recording, ".."), "manifests.yaml"), "manifests.yaml");
  const items = endpointSlices
    .map(({ object }) => ({
      ...object,
      endpoints: object.endpoints.filter((each) => !each.addresses.includes(removed)),
    }))
    .map((object) => ({ apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice", ...object }));
  writeFileSync(join(directory, REMOVED_FILE), JSON.stringify({ apiVersion: "v1", kind: "List", items }));
  return [`${seconds(t1)} kubectl apply -f ${REMOVED_FILE}`];
}

const DESTROYED = /^\[(\d+\.\d+)\]\s+\[DESTROY\] (\w+) .*? src=(\S+) dst=(\S+) sport=(\d+) dport=(\d+) .*\[USERSPACE\]/;

/** Entries that conntrack was told to forget: the kernel says that somebody asked for it. */
function forgottenEvents(recording: string): string[] {
  const path = join(recording, "conntrack-events.txt.gz");
  if (!existsSync(path)) return [];
  const lines = gunzipSync(readFileSync(path)).toString("utf8").split("\n");
  return lines.flatMap((line) => {
    const [, time, protocol, src, dst, sport, dport] = DESTROYED.exec(line) ?? [];
    if (time === undefined) return [];
    return [`${time} conntrack -D -p ${protocol} -s ${src} -d ${dst} --sport ${sport} --dport ${dport}`];
  });
}

function routesOf(recording: string, file: string, family: 4 | 6): Route[] {
  return routesFrom(JSON.parse(read(recording, file)), family);
}

function seconds(nanoseconds: string): string {
  return `${nanoseconds.slice(0, -9)}.${nanoseconds.slice(-9)}`;
}

function read(directory: string, file: string): string {
  return readFileSync(join(directory, file), "utf8");
}

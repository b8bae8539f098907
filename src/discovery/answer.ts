/**
 * Cluster DNS: the Kubernetes DNS specification, version 1.1.0 (kubernetes/dns docs/specification.md), and where it leaves
 * things open what CoreDNS does. One thing is done otherwise: whether a name exists does not depend on the type asked for.
 */

import { familyOf } from "../network/address.ts";
import { type Directory, isHeadless } from "./directory.ts";
import { type AddressTarget, lookUp } from "./lookup.ts";
import { absolute, addressOfReverse, comparable, labelsBelow, REVERSE_ZONES } from "./names.ts";
import { srvRecords } from "./srv.ts";
import type { DnsAnswer, DnsQuestion, DnsRecord, ResponseCode, ZoneOptions } from "./types.ts";

const SCHEMA_VERSION = "1.1.0";
/** As in the specification's example; the schema lives longer than any Service. */
const SCHEMA_TTL_SECONDS = 28800;
const CHAIN_RECORDS_MAX = 8;
const NEGATIVE_TTL_SECONDS_MAX = 300;
/** The manifests do not change while they are served: neither does the serial number. */
const SERIAL = 1;

const NOTHING = { answers: [], authorities: [], additionals: [] } as const;

/** Names outside the zone are refused: there is no upstream to ask. */
export function answerQuestion(directory: Directory, options: ZoneOptions, question: DnsQuestion): DnsAnswer {
  const name = comparable(question.name);
  const zone = comparable(options.domain);
  const labels = labelsBelow(name, zone);
  if (labels !== undefined) return inZone({ directory, zone, ttl: options.ttlSeconds }, labels, question);
  const reverse = REVERSE_ZONES.find((candidate) => labelsBelow(name, candidate) !== undefined);
  if (reverse === undefined) return { code: "REFUSED", authoritative: false, ...NOTHING };
  return inReverseZone({ directory, zone, ttl: options.ttlSeconds }, reverse, question);
}

interface Context {
  readonly directory: Directory;
  readonly zone: string;
  readonly ttl: number;
}

function inZone(context: Context, labels: readonly string[], { name, type }: DnsQuestion): DnsAnswer {
  const { zone, ttl } = context;
  if (labels.join(".") === "dns-version") {
    const version: DnsRecord = { name, ttl: SCHEMA_TTL_SECONDS, type: "TXT", data: SCHEMA_VERSION };
    return type === "TXT" ? found([version]) : negative("NOERROR", zone, ttl);
  }
  if (labels.length === 0 && type === "SOA") return found([soaRecord(zone, ttl)]);
  if (labels.length === 0 && type === "NS") return nameServers(context);
  const targets = targetsOf(context, labels);
  if (targets === undefined) return negative("NXDOMAIN", zone, ttl);
  const addresses = targets.filter((target) => target.kind === "address");
  if (type === "SRV") {
    const { answers, additionals } = srvRecords(name, addresses, zone, ttl);
    return found(answers, additionals, zone, ttl);
  }
  if (type === "A" || type === "AAAA") return found(addressRecords(context, name, type, []), [], zone, ttl);
  const alias = targets.find((target) => target.kind === "alias");
  const isAlias = type === "CNAME" && alias !== undefined;
  return found(isAlias ? [{ name, ttl, type: "CNAME", data: alias.target }] : [], [], zone, ttl);
}

function targetsOf(context: Context, labels: readonly string[]): ReturnType<typeof lookUp> {
  if (labels.join(".") === "ns.dns") return dnsServiceTargets(context.directory);
  return lookUp(context.directory, labels);
}

/**
 * Addresses, behind as many aliases as lead to them. An alias out of the zone ends the answer; one that leads to nothing
 * in the zone, or around in a circle, gives no record at all.
 */
function addressRecords(
  context: Context,
  name: string,
  type: "A" | "AAAA",
  chain: readonly DnsRecord[],
): readonly DnsRecord[] {
  const { zone, ttl } = context;
  const targets = targetsOf(context, labelsBelow(comparable(name), zone) ?? []) ?? [];
  const records: DnsRecord[] = [];
  for (const target of targets) {
    if (target.kind === "alias") records.push(...aliasRecords(context, name, target.target, type, chain));
    else if (typeOf(target.address) === type && !records.some(({ data }) => data === target.address)) {
      records.push({ name, ttl, type, data: target.address });
    }
  }
  return records;
}

function aliasRecords(
  context: Context,
  name: string,
  target: string,
  type: "A" | "AAAA",
  chain: readonly DnsRecord[],
): readonly DnsRecord[] {
  const alias: DnsRecord = { name, ttl: context.ttl, type: "CNAME", data: target };
  const seen = [name, ...chain.map((record) => record.name)].map(comparable);
  if (chain.length === CHAIN_RECORDS_MAX || seen.includes(comparable(target))) return [];
  if (labelsBelow(comparable(target), context.zone) === undefined) return [alias];
  const rest = addressRecords(context, target, type, [...chain, alias]);
  return rest.length === 0 ? [] : [alias, ...rest];
}

/** A Service's address has its name, any other the names of all endpoints that have it. */
function inReverseZone({ directory, zone, ttl }: Context, reverse: string, { name, type }: DnsQuestion): DnsAnswer {
  if (comparable(name) === reverse) return found(type === "SOA" ? [soaRecord(reverse, ttl)] : [], [], reverse, ttl);
  const address = addressOfReverse(comparable(name)) ?? "";
  const service = directory.serviceByAddress.get(address);
  const endpoints = service === undefined ? (directory.endpointsByAddress.get(address) ?? []) : [];
  const names = [
    ...(service === undefined ? [] : [`${service.name}.${service.namespace}`]),
    ...endpoints.map((endpoint) => `${endpoint.hostname}.${endpoint.service.name}.${endpoint.service.namespace}`),
  ];
  if (names.length === 0) return negative("NXDOMAIN", reverse, ttl);
  const records = [...new Set(names)].map((target): DnsRecord => {
    return { name, ttl, type: "PTR", data: `${target}.svc.${zone}.` };
  });
  return found(type === "PTR" ? records : [], [], reverse, ttl);
}

/** The cluster's DNS Service, under the name that every installer gives it. */
function dnsServiceTargets({ services }: Directory): readonly AddressTarget[] | undefined {
  const service = services.get("kube-system/kube-dns");
  if (service === undefined || isHeadless(service) || service.clusterIps.length === 0) return undefined;
  return service.clusterIps.map((address) => ({ kind: "address", address, name: "kube-dns.kube-system.svc" }));
}

function nameServers({ directory, zone, ttl }: Context): DnsAnswer {
  const targets = dnsServiceTargets(directory) ?? [];
  const [first] = targets;
  if (first === undefined) return negative("NOERROR", zone, ttl);
  const server = `${first.name}.${zone}.`;
  const additionals = targets.map(({ address }): DnsRecord => {
    return { name: server, ttl, type: typeOf(address), data: address };
  });
  return found([{ name: absolute(zone), ttl, type: "NS", data: server }], additionals, zone, ttl);
}

/** NODATA where there is no record: the zone's SOA says for how long that holds (RFC 2308). */
function found(answers: readonly DnsRecord[], additionals: readonly DnsRecord[] = [], zone = "", ttl = 0): DnsAnswer {
  if (answers.length === 0) return negative("NOERROR", zone, ttl);
  return { code: "NOERROR", authoritative: true, answers, authorities: [], additionals };
}

function negative(code: ResponseCode, zone: string, ttl: number): DnsAnswer {
  return { code, authoritative: true, answers: [], authorities: [soaRecord(zone, ttl)], additionals: [] };
}

function soaRecord(zone: string, ttl: number): DnsRecord {
  const times = { serial: SERIAL, refresh: 7200, retry: 1800, expire: 86400, minimum: ttl };
  return {
    name: absolute(zone),
    ttl: Math.min(ttl, NEGATIVE_TTL_SECONDS_MAX),
    type: "SOA",
    data: { mname: `ns.dns.${zone}.`, rname: `hostmaster.${zone}.`, ...times },
  };
}

function typeOf(address: string): "A" | "AAAA" {
  return familyOf(address) === "IPv4" ? "A" : "AAAA";
}

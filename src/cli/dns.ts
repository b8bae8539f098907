/** `sluice dns`: cluster DNS for any client, on UDP and TCP, until Ctrl-C. */

import { once } from "node:events";
import { isIP } from "node:net";
import { Command } from "commander";
import { directoryOf } from "../discovery/directory.ts";
import { comparable, isName } from "../discovery/names.ts";
import { respond } from "../discovery/respond.ts";
import { type DnsServer, startDnsServer } from "../discovery/server-node.ts";
import { DEFAULT_ZONE, type ZoneOptions } from "../discovery/types.ts";
import { interruptible } from "./interrupt.ts";
import { error, ProblemError, requireNoErrors, usageError } from "./messages.ts";
import { addClusterOptions, type ClusterOptions, loadClusterInput, reasonOf } from "./options.ts";

/** The options that say how the zone is served. */
export interface ZoneFlags {
  readonly clusterDomain: string;
  readonly ttl: number;
}

interface Options extends ClusterOptions, ZoneFlags {
  readonly listen: Endpoint;
}

interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** 53 is for root, and often somebody else's. */
const DEFAULT_ENDPOINT: Endpoint = { address: "127.0.0.1", port: 5353 };
const PORT_MAX = 65535;
/** RFC 2181, section 8. */
const TTL_MAX = 2 ** 31 - 1;

export function dnsCommand(): Command {
  const command = new Command("dns").description("serve cluster DNS over UDP and TCP until Ctrl-C");
  return addZoneOptions(addClusterOptions(command))
    .option("--listen <address:port>", `(default: ${endpointText(DEFAULT_ENDPOINT)}; port 0: any)`, parseEndpoint)
    .addHelpText(
      "after",
      "\nExample:\n  sluice dns -f cluster.yaml & dig @127.0.0.1 -p 5353 kimho.default.svc.cluster.local\n",
    )
    .action((options: Options) => dns({ ...options, listen: options.listen ?? DEFAULT_ENDPOINT }));
}

export function addZoneOptions(command: Command): Command {
  const { domain, ttlSeconds } = DEFAULT_ZONE;
  return command
    .option("--cluster-domain <name>", "the cluster's zone", parseDomain, domain)
    .option("--ttl <seconds>", "how long answers may be kept", parseTtl, ttlSeconds);
}

export function zoneOf({ clusterDomain, ttl }: ZoneFlags): ZoneOptions {
  return { domain: clusterDomain, ttlSeconds: ttl };
}

async function dns(options: Options): Promise<void> {
  const { cluster, problems } = await loadClusterInput(options);
  requireNoErrors(problems);
  const directory = directoryOf(cluster);
  const zone = zoneOf(options);
  const server = await listen(options.listen, (message, transport) => respond(directory, zone, message, transport));
  process.stderr.write(`${zone.domain} on ${endpointText(server)}, UDP and TCP; Ctrl-C ends\n`);
  const { signal, dispose } = interruptible();
  await once(signal, "abort");
  await server.close();
  dispose();
}

async function listen(endpoint: Endpoint, answer: Parameters<typeof startDnsServer>[0]): Promise<DnsServer> {
  try {
    return await startDnsServer(answer, endpoint.address, endpoint.port);
  } catch (cause) {
    const problem = error(`${endpointText(endpoint)}: ${listenReason(cause)}`);
    throw new ProblemError([{ ...problem, remedy: "--listen names another address or port; 0 is any free one" }]);
  }
}

function listenReason(cause: unknown): string {
  const code = (cause as { code?: string }).code;
  if (code === "EADDRINUSE") return "address already in use";
  if (code === "EADDRNOTAVAIL") return "no interface has this address";
  return reasonOf(cause);
}

function endpointText({ address, port }: Endpoint): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

/** `127.0.0.1:5353`, `[::1]:5353` or `:5353` */
function parseEndpoint(value: string): Endpoint {
  const [, bracketed, plain, port = ""] = /^(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/.exec(value) ?? [];
  const address = bracketed ?? (plain || DEFAULT_ENDPOINT.address);
  if (port === "" || Number(port) > PORT_MAX || isIP(address) === 0) {
    throw usageError(`--listen ${value}: not ADDRESS:PORT`, "for example 127.0.0.1:5353 or [::1]:5353");
  }
  return { address, port: Number(port) };
}

function parseDomain(value: string): string {
  if (isName(value)) return comparable(value);
  throw usageError(`--cluster-domain ${value}: not a domain name`);
}

function parseTtl(value: string): number {
  const seconds = Number(value);
  if (/^\d+$/.test(value) && seconds <= TTL_MAX) return seconds;
  throw usageError(`--ttl ${value}: not a whole number from 0 to ${TTL_MAX}`);
}

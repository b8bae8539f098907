/** `sluice resolve`: what cluster DNS answers, name by name as a pod's resolver tries them; exit code 1 when nothing is found. */

import { Command, Option } from "commander";
import { directoryOf } from "../discovery/directory.ts";
import { reverseOf } from "../discovery/names.ts";
import { type Attempt, clusterFirst, isFound, type Resolver, resolve, resolverOf } from "../discovery/resolver.ts";
import { attemptsText } from "../discovery/text.ts";
import type { ZoneOptions } from "../discovery/types.ts";
import { canonicalAddress } from "../network/address.ts";
import { addZoneOptions, type ZoneFlags, zoneOf } from "./dns.ts";
import { EXIT_FAILURE, EXIT_OK, printProblems, requireNoErrors } from "./messages.ts";
import { addClusterOptions, type ClusterInput, type ClusterOptions, loadClusterInput } from "./options.ts";
import { namedPod } from "./pod.ts";

interface Options extends ClusterOptions, ZoneFlags {
  readonly from?: string;
  readonly output: "text" | "json";
}

/** What getaddrinfo asks for when it is not told. */
const DEFAULT_TYPES = ["A", "AAAA"];
const DEFAULT_NAMESPACE = "default";

export function resolveCommand(): Command {
  const command = new Command("resolve")
    .description("what cluster DNS answers; exit code 1 when nothing is found")
    .argument(
      "<name>",
      "a name, searched as a pod's resolver does; one that ends with a dot is taken as it is; or an address",
    )
    .argument("[type]", "A, AAAA, SRV, PTR, CNAME, TXT, NS or SOA (default: A and AAAA; PTR for an address)");
  return addZoneOptions(addClusterOptions(command))
    .option("--from <pod>", "whose resolv.conf: NAMESPACE/POD (default: an ordinary pod in namespace default)")
    .addOption(new Option("-o, --output <format>", "the result").choices(["text", "json"]).default("text"))
    .addHelpText("after", "\nExample:\n  sluice resolve -f cluster.yaml kimho --from default/client\n")
    .action(async (name: string, type: string | undefined, options: Options) => {
      process.exitCode = await resolveName(name, type, options);
    });
}

async function resolveName(name: string, type: string | undefined, options: Options): Promise<number> {
  const input = await loadClusterInput(options);
  requireNoErrors(input.problems);
  const zone = zoneOf(options);
  const resolver = chooseResolver(input, options.from, zone);
  const attempts = resolver.asksCluster ? lookUp(input, zone, resolver, name, type) : [];
  const found = attempts.some(isFound);
  const { searches: search, ndots } = resolver;
  const result = { schema: "sluice/resolve/v1", name, search, ndots, found, attempts };
  process.stdout.write(options.output === "json" ? `${JSON.stringify(result)}\n` : attemptsText(resolver, attempts));
  if (!resolver.asksCluster) {
    printProblems([{ severity: "warning", message: "this pod does not ask cluster DNS (dnsPolicy, hostNetwork)" }]);
  }
  return found ? EXIT_OK : EXIT_FAILURE;
}

function chooseResolver({ cluster }: ClusterInput, from: string | undefined, zone: ZoneOptions): Resolver {
  return from === undefined
    ? clusterFirst(DEFAULT_NAMESPACE, zone)
    : resolverOf(cluster, namedPod(cluster, from), zone);
}

/** An address is looked up backwards, and no search domain is put behind it. */
function lookUp(
  { cluster }: ClusterInput,
  zone: ZoneOptions,
  resolver: Resolver,
  name: string,
  type: string | undefined,
): readonly Attempt[] {
  const directory = directoryOf(cluster);
  const address = canonicalAddress(name);
  if (address !== undefined) return resolve(directory, zone, resolver, reverseOf(address), ["PTR"]);
  return resolve(directory, zone, resolver, name, type === undefined ? DEFAULT_TYPES : [type.toUpperCase()]);
}

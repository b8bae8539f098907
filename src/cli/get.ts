/** `sluice get`: what the control plane would have made of the manifests, in kubectl's tables or as objects. */

import { Command, Option } from "commander";
import { fulfils, type Requirement } from "../manifest/label-selector.ts";
import { parseLabelSelector } from "../manifest/label-selector-text.ts";
import { SHOWN_KINDS, type ShownKind } from "../report/get/kinds.ts";
import { printJson, printNames, printTables, printYaml, type Shown } from "../report/get/print.ts";
import { areConnections, getConnections } from "./connections.ts";
import { addEventOptions } from "./events.ts";
import { areHealthChecks, printHealthChecks } from "./health-checks.ts";
import { EXIT_FAILURE, error, printProblems, requireNoErrors, usageError } from "./messages.ts";
import { addClusterOptions, collect, loadClusterInput } from "./options.ts";
import { addRulesOptions } from "./rules.ts";
import type { RunOptions } from "./setup.ts";

interface GetOptions extends RunOptions {
  readonly namespace: string;
  readonly allNamespaces?: boolean;
  readonly selector: readonly Requirement[];
  readonly output?: "wide" | "yaml" | "json" | "name";
}

const EXAMPLES = `
Examples:
  sluice get services -f cluster.yaml -o wide
  sluice get connections --snapshot node1/
  sluice get connections -f cluster.yaml node.pcapng -o wide
  sluice get nodes,pods,services,endpointslices -A -f app.yaml -o yaml > complete.yaml
`;

export function getCommand(): Command {
  const command = new Command("get")
    .description("show what a cluster would make of the manifests: addresses, ports, pods, endpoints")
    .argument(
      "<kinds>",
      "services, endpoints, endpointslices, pods, nodes, several with commas; or healthchecks; or connections",
    )
    .argument("[names...]", "only these objects; of connections: captures, at whose end they are open");
  return addEventOptions(addRulesOptions(addClusterOptions(command)))
    .option("--from-host <capture>", "packets that the node itself sends; repeatable", collect, [])
    .option("-n, --namespace <name>", "of this namespace", "default")
    .option("-A, --all-namespaces", "of all namespaces")
    .option("-l, --selector <labels>", "only objects with these labels: app=web,tier!=front", parseSelector, [])
    .addOption(
      new Option("-o, --output <format>", "wide, yaml, json or name").choices(["wide", "yaml", "json", "name"]),
    )
    .addHelpText("after", EXAMPLES)
    .action(async (kinds: string, names: readonly string[], options: GetOptions) => {
      if (areHealthChecks(kinds)) await getHealthChecks(names, options);
      else if (areConnections(kinds)) await getConnections(names, options);
      else await get(kinds.split(",").map(kindNamed), names, options);
    });
}

async function get(kinds: readonly ShownKind[], names: readonly string[], options: GetOptions): Promise<void> {
  if (options.file.length === 0) throw usageError("no manifests are named", "name files or directories with -f");
  const { objects, manifests, problems } = await loadClusterInput(options);
  requireNoErrors(problems);
  const shown = kinds.map((kind) => chosen({ kind, objects: kind.objects(objects, manifests) }, names, options));
  const missing = notFound(shown, names);
  process.stdout.write(printed(shown, names.length === 1 && kinds.length === 1, options));
  if (shown.every(({ objects }) => objects.length === 0) && names.length === 0) tellNothing(shown, options);
  if (missing.length > 0) process.exitCode = EXIT_FAILURE;
  printProblems(missing.map(error));
}

async function getHealthChecks(names: readonly string[], options: GetOptions): Promise<void> {
  if (options.file.length === 0) throw usageError("no manifests are named", "name files or directories with -f");
  const input = await loadClusterInput(options);
  requireNoErrors(input.problems);
  printHealthChecks(input, names, options);
}

function kindNamed(name: string): ShownKind {
  const kind = SHOWN_KINDS.find(({ names }) => names.includes(name.toLowerCase()));
  if (kind !== undefined) return kind;
  const known = [...SHOWN_KINDS.map(({ names }) => names[0]), "healthchecks", "connections"].join(", ");
  throw usageError(`the server doesn't have a resource type "${name}"`, `it has: ${known}`);
}

function chosen({ kind, objects }: Shown, names: readonly string[], options: GetOptions): Shown {
  const isChosen = ({ metadata }: Shown["objects"][number]) =>
    (!kind.namespaced || options.allNamespaces === true || metadata?.namespace === options.namespace) &&
    (names.length === 0 || names.includes(metadata?.name ?? "")) &&
    options.selector.every((requirement) => fulfils(metadata?.labels ?? {}, requirement));
  return { kind, objects: objects.filter(isChosen) };
}

function notFound(shown: readonly Shown[], names: readonly string[]): string[] {
  return shown.flatMap(({ kind, objects }) =>
    names
      .filter((name) => !objects.some(({ metadata }) => metadata?.name === name))
      .map((name) => `${kind.names[0]} "${name}" not found`),
  );
}

function printed(shown: readonly Shown[], single: boolean, { output, allNamespaces }: GetOptions): string {
  if (output === "name") return printNames(shown);
  if (output === "yaml") return printYaml(shown, single);
  if (output === "json") return printJson(shown, single);
  return printTables(shown, output === "wide", allNamespaces === true);
}

/** Not an error: kubectl says so on stderr and ends well. */
function tellNothing(shown: readonly Shown[], { namespace, allNamespaces, output }: GetOptions): void {
  if (output === "yaml" || output === "json") return;
  const isNamespaced = shown.every(({ kind }) => kind.namespaced) && allNamespaces !== true;
  process.stderr.write(`No resources found${isNamespaced ? ` in ${namespace} namespace` : ""}.\n`);
}

function parseSelector(text: string, previous: readonly Requirement[]): readonly Requirement[] {
  const requirements = parseLabelSelector(text);
  if (requirements === undefined) throw usageError(`unable to parse requirement: ${text}`, "for example: -l app=web");
  return [...previous, ...requirements];
}

/** `sluice env`: the variables that the kubelet gives a pod for the Services that it may use. */

import { Command, Option } from "commander";
import { serviceEnvironment } from "../discovery/environment.ts";
import { printProblems, requireNoErrors } from "./messages.ts";
import { addClusterOptions, type ClusterOptions, loadClusterInput } from "./options.ts";
import { namedPod } from "./pod.ts";

interface Options extends ClusterOptions {
  readonly output: "text" | "json";
}

export function envCommand(): Command {
  const command = new Command("env")
    .description("the environment variables that a pod gets for Services")
    .argument("<pod>", "NAMESPACE/POD, or POD in namespace default");
  return addClusterOptions(command)
    .addOption(new Option("-o, --output <format>", "the result").choices(["text", "json"]).default("text"))
    .addHelpText("after", "\nExample:\n  sluice env -f cluster.yaml default/client\n")
    .action(env);
}

async function env(name: string, options: Options): Promise<void> {
  const { cluster, problems } = await loadClusterInput(options);
  requireNoErrors(problems);
  const pod = namedPod(cluster, name);
  const { variables, ambiguous } = serviceEnvironment(cluster.services, pod);
  const message = "two Services give this variable different values: the kubelet takes either";
  printProblems(ambiguous.map((variable) => ({ severity: "warning", object: variable, message })));
  const result = { schema: "sluice/env/v1", pod: `${pod.namespace}/${pod.name}`, variables, ambiguous };
  const lines = variables.map((variable) => `${variable.name}=${variable.value}\n`);
  process.stdout.write(options.output === "json" ? `${JSON.stringify(result)}\n` : lines.join(""));
}

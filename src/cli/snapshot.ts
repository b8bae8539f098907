/** `sluice snapshot`: prints the script that collects a node's state for `--snapshot`. */

import { Command } from "commander";
import { collectScript } from "../network/collect-script.ts";

export function snapshotCommand(): Command {
  return new Command("snapshot")
    .description("print the shell script that collects a node's state for --snapshot; run it on the node")
    .addHelpText(
      "after",
      "\nExample:\n  sluice snapshot | ssh node1 'sudo sh -s /tmp/node1 && tar -C /tmp -c node1' | tar -x\n",
    )
    .action(() => {
      process.stdout.write(collectScript());
    });
}

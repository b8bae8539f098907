/** One start, in a process of its own: manifests from a file, a node that runs them, and what that took. */

import { readFileSync } from "node:fs";
import { engineWasm } from "../src/engine/wasm-node.ts";
import { Node } from "../src/library/node.ts";
import { NODE } from "../src/scale/cluster.ts";
import type { ProcessFigures } from "./start.ts";

const [, , fileName = "", mode] = process.argv;
const text = readFileSync(fileName, "utf8");
await Node.create({
  manifests: { text, fileName },
  node: NODE,
  mode: mode === "iptables" ? mode : "nftables",
  engine: engineWasm(),
});
const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
const figures: ProcessFigures = {
  processorSeconds: (userCPUTime + systemCPUTime) / 1e6,
  memoryMebibytes: maxRSS / 1024,
};
console.log(JSON.stringify(figures));

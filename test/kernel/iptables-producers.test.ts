/** Rulesets of programs that put rules on nodes, under random traffic: the kernel's bytes and counters. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Random, SEED } from "../support/random.ts";
import { agreeOnIptables, type IptablesCase } from "./iptables-rules.ts";
import { chatter } from "./random-packets.ts";

const ROOT = fileURLToPath(new URL("../fixtures/rulesets/", import.meta.url));
const SUFFIX = ".iptables-save";
const PACKETS = 150;

for (const file of readdirSync(ROOT).filter((name) => name.endsWith(SUFFIX))) {
  const name = file.slice(0, -SUFFIX.length);
  const setsFile = `${ROOT}${name}.ipset.txt`;
  const one: IptablesCase = {
    name: `SLUICE_SEED=${SEED}`,
    family: "ip4",
    rules: readFileSync(`${ROOT}${file}`, "utf8"),
    ...(existsSync(setsFile) ? { sets: readFileSync(setsFile, "utf8") } : {}),
    play: (talk) => chatter(talk, new Random(SEED), "ip4", PACKETS),
  };
  agreeOnIptables(name, [one]);
}
